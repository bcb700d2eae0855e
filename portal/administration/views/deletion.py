"""Asking for the deletion of one enterprise, from its own pages, and taking that back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration.deletion.commands import LONGEST_REASON, WAITING_TIME, ask_for_deletion, withdraw_deletion
from portal.administration.deletion.queries import deletions, extent, is_ended
from portal.administration.deletion.states import OPEN, STATE_LABELS, UNDOABLE
from portal.administration.forms import DeletionForm
from portal.audit.stamps import stamps_of
from portal.core.errors import Conflict, Invalid, Refused
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("deletion", __name__, url_prefix="/e/<enterprise:enterprise_id>/deletion")


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.TENANT_DELETE)
def index() -> Response | str | tuple[str, int]:
    """This function will say what a deletion takes with it, and ask for one."""
    form = DeletionForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        ask_for_deletion(ctx(), form.reason.data or "", form.typed.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(form), invalid.status
    except Refused as refused:
        form.form_errors.append(translate(refused.message))
        return _page(form), refused.status
    flash(_("已提请删除，等系统管理员确认。"), "ok")
    return redirect(url_for("deletion.index"), 303)


@blueprint.post("/withdraw")
@needs(Permission.TENANT_DELETE)
def withdraw() -> Response:
    """This function will take back a deletion that has not begun."""
    try:
        withdraw_deletion(ctx())
        flash(_("已撤回，企业和它的数据都还在。"), "ok")
    except Conflict as conflict:
        ctx().session.rollback()
        flash(translate(conflict.message), "error")
    return redirect(url_for("deletion.index"), 303)


def _page(form: DeletionForm) -> str:
    session, tenant_id = ctx().session, ctx().tenant_id
    found = deletions(session, tenant_id)
    return render_template(
        "administration/deletion.html",
        form=form,
        open=next((one for one in found if one.state in OPEN), None),
        earlier=[one for one in found if one.state not in OPEN],
        found=extent(session, tenant_id),
        ended=is_ended(session, tenant_id),
        days=WAITING_TIME.days,
        longest=LONGEST_REASON,
        labels=STATE_LABELS,
        undoable=UNDOABLE,
        crumbs=[(_("企业档案"), url_for("tenants.tenant")), (_("删除企业"), None)],
        stamps=stamps_of(session, [one.row.id for one in found]),
    )
