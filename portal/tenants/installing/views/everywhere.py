"""The jobs of all tenants, for the center; of its own, for a province."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.policy import own_province
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.database import system_session
from portal.core.messages import N_
from portal.tenants.installing import queries
from portal.tenants.installing.models import InstallationJob
from portal.tenants.installing.states import STATE_LABELS, JobState
from portal.tenants.installing.views.tenant import job_columns
from portal.web.access import needs
from portal.web.exports import Column, hand_out
from portal.web.i18n import language, translate
from portal.web.paging import Paging, list_address, paged
from portal.web.state import ctx

blueprint = Blueprint("all_jobs", __name__, url_prefix="/center/installation")

_LONGEST_SEARCH = 80


@blueprint.get("")
@needs(Permission.INSTALLATIONS_VIEW)
def index() -> str:
    """This function will list installation jobs with the enterprise of each."""
    return render_template("installing/everywhere.html", **_listed())


@blueprint.post("")
@needs(Permission.INSTALLATIONS_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel, phone numbers masked."""
    listed = _listed()
    enterprises, groups = listed["enterprises"], listed["groups"]
    columns: list[Column[InstallationJob]] = [
        Column(_("企业"), 24, lambda job: enterprises[job.tenant_id].short_name),
        Column(_("企业ID"), 16, lambda job: enterprises[job.tenant_id].enterprise_id),
        Column(_("分组"), 24, lambda job: groups[job.group_id]),
        *job_columns(listed["states"]),
    ]
    return hand_out("jobs", N_("装维工单"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    own, today = own_province(ctx().actor), clock.today()
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    state = request.args.get("state", "")
    state = state if state in set(JobState) else ""
    asked = request.args.get("province", "")
    chosen = asked if own is None and asked in catalogue().provinces else ""
    province = own if own is not None else chosen or None
    wanted = queries.jobs_everywhere(province, JobState(state) if state else None, today, text)
    paging = Paging.from_request(list(queries.JOB_SORTS), default="opened", descending=True)
    with system_session(reason="list of installation jobs of all enterprises") as session:
        page = paged(session, wanted, queries.JOB_SORTS, paging)
        enterprises = queries.tenants_of(session, page.rows)
        groups = queries.group_labels(session, page.rows)
    return {
        "page": page,
        "text": text,
        "enterprises": enterprises,
        "groups": groups,
        "states": {job.id: queries.state_of(job, today) for job in page.rows},
        "state_labels": STATE_LABELS,
        "link": _link,
        "chips": _chips(state, chosen, all_provinces=own is None),
        "narrowed": bool(text or state or chosen),
    }


def _link(**changes: str | int | None) -> str:
    return list_address("all_jobs.index", changes)


def _chips(state: str, province: str, *, all_provinces: bool) -> list[dict[str, Any]]:
    states = {each.value: translate(label) for each, label in STATE_LABELS.items()}
    provinces = {code: entry.name.in_language(language()) for code, entry in catalogue().provinces.items()}
    shown = [(_("状态"), "state", state, states)]
    if all_provinces:
        shown.append((_("省公司"), "province", province, provinces))
    return [
        {
            "label": label,
            "value": words.get(value, ""),
            "clear": _link(**{name: None}),
            "options": [(text, _link(**{name: code}), code == value) for code, text in words.items()],
        }
        for label, name, value, words in shown
    ]
