"""One tenant's way from the enterprise ID to its boxes: the hand-overs (交接) and the jobs (装维工单) they opened."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, Refused
from portal.core.ids import GroupId, JobId
from portal.core.messages import N_
from portal.tenants.installing import commands, queries
from portal.tenants.installing.forms import InstallerForm, ReceiverForm
from portal.tenants.installing.models import InstallationJob, InstallerPhone
from portal.tenants.installing.states import STATE_LABELS, STEP_LABELS, JobState
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.exports import Column, hand_out
from portal.web.formats import masked_phone
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.paging import Paging, list_address, paged
from portal.web.state import ctx

blueprint = Blueprint("installation", __name__, url_prefix="/e/<enterprise:enterprise_id>/installation")

Answer = Response | str | tuple[str, int]
_USUAL_DAYS = 30


@blueprint.get("")
@needs(Permission.INSTALLATION_VIEW)
def index() -> str:
    """This function will show how the enterprise ID was handed on, and the tenant's jobs."""
    return render_template("installing/index.html", **_listed(), hand_overs=queries.hand_overs(ctx().session))


@blueprint.post("")
@needs(Permission.INSTALLATION_VIEW, reads=True)
def export() -> Response:
    """This function will hand the jobs out as Excel, phone numbers masked."""
    listed = _listed()
    tree = listed["tree"]
    columns = [Column(_("分组"), 30, lambda job: tree.label(job.group_id)), *job_columns(listed["states"])]
    return hand_out("jobs", N_("装维工单"), listed["page"], columns)


def job_columns(states: Mapping[str, JobState]) -> list[Column[InstallationJob]]:
    """This function will return what a file says of every job; `states` is where each stands."""
    return [
        Column(_("状态"), 12, lambda job: STATE_LABELS[states[job.id]]),
        Column(_("台数"), 8, lambda job: job.places),
        Column(_("已绑定"), 8, lambda job: job.places_taken),
        Column(_("装维人员"), 40, lambda job: _("、").join(_installer(one) for one in job.phones)),
        Column(_("截止日"), 12, lambda job: job.last_on),
        Column(_("开单"), 20, lambda job: job.opened_at),
    ]


def _installer(one: InstallerPhone) -> str:
    return f"{one.name or ''} {masked_phone(one.phone)}".strip()


def _listed() -> dict[str, Any]:
    session, today = ctx().session, clock.today()
    tree = group_tree(session)
    state, group = request.args.get("state", ""), GroupId(request.args.get("group", ""))
    state, group = state if state in set(JobState) else "", group if group in tree else GroupId("")
    wanted = queries.jobs(JobState(state) if state else None, today, group or None)
    paging = Paging.from_request(list(queries.JOB_SORTS), default="opened", descending=True)
    page = paged(session, wanted, queries.JOB_SORTS, paging)
    return {
        "page": page,
        "tree": tree,
        "states": {job.id: queries.state_of(job, today) for job in page.rows},
        "state_labels": STATE_LABELS,
        "step_labels": STEP_LABELS,
        "link": _link,
        "chips": _chips(state, group, {node.id: tree.label(node.id) for _depth, node in tree.walk()}),
        "narrowed": bool(state or group),
    }


@blueprint.route("/manager", methods=["GET", "POST"])
@needs(Permission.INSTALLATION_MANAGE)
def hand_to_manager() -> Answer:
    """This function will record that the enterprise ID was handed to the customer manager."""
    form = ReceiverForm()

    def act(context: Context) -> str:
        commands.hand_to_manager(context, form.receiver(), form.note.data or "")
        flash(_("已记录，接着由客户经理交给装维人员。"), "ok")
        return url_for("installation.index")

    return _take(form, "installing/manager.html", act)


@blueprint.route("/installer", methods=["GET", "POST"])
@needs(Permission.INSTALLATION_MANAGE)
def hand_to_installer() -> Answer:
    """This function will record that the enterprise ID was handed to an installer, and open a job."""
    tree = group_tree(ctx().session)
    last_on = clock.today() + timedelta(days=_USUAL_DAYS)
    form = InstallerForm(last_on=last_on.isoformat(), group=tree.root.id if len(tree) else "")
    form.offer(tree)

    def act(context: Context) -> str:
        job_id: JobId = commands.hand_to_installer(context, form.receiver(), form.group_id(), form.terms())
        flash(_("装维工单已开，可以打印给装维人员。"), "ok")
        return url_for("installation.job", installation_id=job_id)

    return _take(form, "installing/installer.html", act)


@blueprint.post("/hand-overs/<id:hand_over_id>/phone")
@needs(Permission.INSTALLATION_REVEAL)
def receiver_phone(hand_over_id: str) -> str:
    """This function will show in full the phone of whom the ID was handed to, which is recorded."""
    row = commands.reveal_receiver(ctx(), hand_over_id)
    return phone_page(row.to_name or "", row.to_phone or "", url_for("installation.index"))


def phone_page(name: str, number: str, back: str) -> str:
    """This function will draw a phone number in full; a page that asked by script gets the number alone."""
    template = "installing/_phone.html" if request.headers.get("HX-Request") else "installing/phone.html"
    return render_template(template, name=name, number=number, back=back)


def _take(form: Any, template: str, act: Callable[[Context], str]) -> Answer:
    if not form.validate_on_submit():
        return render_template(template, form=form, crumbs=crumbs())
    try:
        return redirect(act(ctx()), 303)
    except (Invalid, Refused) as refusal:
        ctx().session.rollback()
        if isinstance(refusal, Invalid):
            show_errors(form, refusal)
        else:
            form.form_errors.append(translate(refusal.message))
        return render_template(template, form=form, crumbs=crumbs()), refusal.status


def crumbs(title: str = "") -> list[tuple[str, str | None]]:
    """This function will return the way to a page of this room."""
    here = ctx()
    name = here.tenant.name if here.tenant else ""
    trail: list[tuple[str, str | None]] = [(name, None), (_("交接与装机"), url_for("installation.index"))]
    if here.actor.tenant_id is None:  # staff comes from the list of all jobs
        trail = [(_("装维工单"), url_for("all_jobs.index")), (name, url_for("installation.index"))]
    return [*trail, (title, None)] if title else trail


def _link(**changes: str | int | None) -> str:
    return list_address("installation.index", changes)


def _chips(state: str, group: str, groups: dict[GroupId, str]) -> list[dict[str, Any]]:
    states = {each.value: translate(label) for each, label in STATE_LABELS.items()}
    shown: list[tuple[str, str, str, dict[Any, str]]] = [
        (_("状态"), "state", state, states),
        (_("分组"), "group", group, groups),
    ]
    return [
        {
            "label": label,
            "value": words.get(value, ""),
            "clear": _link(**{name: None}),
            "options": [(text, _link(**{name: code}), code == value) for code, text in words.items()],
        }
        for label, name, value, words in shown
    ]
