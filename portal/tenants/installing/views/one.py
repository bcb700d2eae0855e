"""One installation job (装维工单): its page, its terms, closing and opening again, the sheet to print.

Its addresses lie below those of the tenant's page and belong to the same blueprint, so that one line of the menu stands for both.
"""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.core import clock
from portal.core.errors import Conflict, Invalid, Refused
from portal.core.ids import GroupId, JobId
from portal.core.qr import qr_picture
from portal.tenants.installing import commands, queries
from portal.tenants.installing.bound import boxes_of
from portal.tenants.installing.forms import JobForm
from portal.tenants.installing.models import InstallationJob
from portal.tenants.installing.sheet import IN_SHORT, STEPS, sheet_text
from portal.tenants.installing.states import STATE_LABELS
from portal.tenants.installing.views.tenant import blueprint, crumbs, phone_page
from portal.tenants.queries import get_tenant_and_customer, group_tree
from portal.web.access import needs
from portal.web.formats import in_fours
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.paging import whole
from portal.web.state import ctx

__all__ = ["blueprint"]

Answer = Response | str | tuple[str, int]
_SHOWN_BOXES = 20


@blueprint.get("/<id:installation_id>")
@needs(Permission.INSTALLATION_VIEW)
def job(installation_id: JobId) -> str:
    """This function will show a job: how it stands, its installers, the boxes bound under it."""
    session = ctx().session
    row = queries.get_job(session, installation_id)
    label = _label(row)
    return render_template(
        "installing/job.html",
        row=row,
        label=label,
        state=queries.state_of(row, clock.today()),
        state_labels=STATE_LABELS,
        boxes=boxes_of(session, row, _SHOWN_BOXES),
        stamps=stamps_of(session, [row.id]),
        crumbs=crumbs(label),
    )


@blueprint.route("/<id:installation_id>/edit", methods=["GET", "POST"])
@needs(Permission.INSTALLATION_MANAGE)
def edit(installation_id: JobId) -> Answer:
    """This function will change a job's places, installers, last day and note."""
    row = queries.get_job(ctx().session, installation_id)
    form = JobForm()
    form.offer(row)
    if request.method != "POST":
        form.fill(row)
    if not form.validate_on_submit():
        return _form(form, row)
    try:
        commands.change_job(ctx(), installation_id, form.version.data or 0, form.terms(row))
    except Invalid as invalid:
        ctx().session.rollback()
        show_errors(form, invalid)
        return _form(form, row), invalid.status
    except Conflict as conflict:
        ctx().session.rollback()
        row = queries.get_job(ctx().session, installation_id)
        form.form_errors.append(
            _("别人刚改过：%(n)d 台，到 %(day)s。再保存一次就用您的。", n=row.places, day=row.last_on.isoformat())
        )
        form.offer(row)
        form.version.data = row.version
        return _form(form, row), conflict.status
    flash(_("已保存。"), "ok")
    return _back(installation_id)


@blueprint.post("/<id:installation_id>/close")
@needs(Permission.INSTALLATION_MANAGE)
def close(installation_id: JobId) -> Answer:
    """This function will close a job."""
    return _turn(installation_id, open_again=False)


@blueprint.post("/<id:installation_id>/reopen")
@needs(Permission.INSTALLATION_MANAGE)
def reopen(installation_id: JobId) -> Answer:
    """This function will open a closed job again."""
    return _turn(installation_id, open_again=True)


@blueprint.post("/installers/<id:installer_id>/phone")
@needs(Permission.INSTALLATION_REVEAL)
def installer_phone(installer_id: str) -> str:
    """This function will show an installer's phone in full, which is recorded."""
    row = commands.reveal_installer(ctx(), installer_id)
    return phone_page(row.name or "", row.phone or "", url_for("installation.job", installation_id=row.job_id))


@blueprint.get("/<id:installation_id>/sheet")
@needs(Permission.INSTALLATION_VIEW)
def sheet(installation_id: JobId) -> str:
    """This function will draw the job sheet to print, with a QR code for the installer's phone."""
    session = ctx().session
    row = queries.get_job(session, installation_id)
    tenant, customer = get_tenant_and_customer(session, ctx().tenant_id)
    label, steps = _label(row), tuple(translate(step) for step in STEPS)
    labels = (_("企业ID"), _("分组"), _("截止日"))
    text = sheet_text(in_fours(tenant.enterprise_id), label, row.last_on, labels, translate(IN_SHORT))
    return render_template(
        "installing/sheet.html",
        row=row,
        label=label,
        customer=customer,
        enterprise=tenant,
        steps=steps,
        picture=qr_picture(text, scale=4),
        crumbs=crumbs(label),
    )


def _turn(job_id: JobId, *, open_again: bool) -> Answer:
    version = request.form.get("version", 0, type=whole)
    try:
        if open_again:
            commands.reopen_job(ctx(), job_id, version)
            flash(_("工单已重新打开。"), "ok")
        else:
            commands.close_job(ctx(), job_id, version)
            flash(_("工单已关闭，这些手机号报上来的机顶盒要等确认。"), "ok")
    except (Refused, Conflict) as refusal:
        ctx().session.rollback()
        flash(translate(refusal.message), "error")
    return _back(job_id)


def _label(row: InstallationJob) -> str:
    return group_tree(ctx().session).label(GroupId(row.group_id))


def _form(form: JobForm, row: InstallationJob) -> str:
    return render_template("installing/edit.html", form=form, row=row, crumbs=crumbs(_label(row)))


def _back(job_id: JobId) -> Response:
    return redirect(url_for("installation.job", installation_id=job_id), 303)
