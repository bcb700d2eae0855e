"""Deletions of enterprises for the system administrator, who confirms them, and for the auditor, who sees them."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration.deletion.commands import WAITING_TIME, confirm_deletion, decline_deletion
from portal.administration.deletion.queries import Deletion, deletions, get_deletion
from portal.administration.deletion.states import STATE_LABELS, UNDOABLE
from portal.administration.forms import ConfirmForm
from portal.audit.stamps import stamps_of
from portal.core.database import system_session
from portal.core.errors import Conflict, Invalid, Refused
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("deletions", __name__, url_prefix="/admin/deletions")


@blueprint.get("")
@needs(Permission.DELETIONS_VIEW)
def index() -> str:
    """This function will list the deletions, those that wait first."""
    return render_template("administration/deletions.html", found=deletions(ctx().session), labels=STATE_LABELS)


@blueprint.post("")
@needs(Permission.DELETIONS_VIEW, reads=True)
def export() -> Response:
    """This function will hand out the deletions and who asked, confirmed and ended each."""
    columns: list[Column[Deletion]] = [
        Column(_("企业ID"), 16, lambda one: one.row.enterprise_id),
        Column(_("企业"), 30, lambda one: one.row.name or N_("已销毁")),
        Column(_("状态"), 16, lambda one: STATE_LABELS[one.state]),
        Column(_("原因"), 40, lambda one: one.row.reason),
        Column(_("提请"), 16, lambda one: one.asker),
        Column(_("提请时间"), 20, lambda one: one.row.asked_at),
        Column(_("确认"), 16, lambda one: one.confirmer),
        Column(_("确认时间"), 20, lambda one: one.row.confirmed_at),
        Column(_("执行"), 20, lambda one: one.row.due_at),
        Column(_("结束"), 16, lambda one: one.ender),
        Column(_("结束时间"), 20, lambda one: one.row.ended_at),
    ]
    found = deletions(ctx().session)
    return hand_out_sheets("deletions", N_("企业删除"), [Sheet(_("企业删除"), found, columns)])


@blueprint.get("/<id:deletion_id>")
@needs(Permission.DELETIONS_VIEW)
def deletion(deletion_id: str) -> str:
    """This function will show one deletion with its slips."""
    return _page(deletion_id, ConfirmForm())


@blueprint.post("/<id:deletion_id>/confirm")
@needs(Permission.DELETIONS_CONFIRM)
def confirm(deletion_id: str) -> Response | tuple[str, int]:
    """This function will confirm a deletion once the enterprise ID has been typed."""
    form = ConfirmForm()
    form.validate_on_submit()
    try:
        confirm_deletion(ctx(), deletion_id, form.typed.data or "")
    except Invalid as invalid:
        ctx().session.rollback()
        show_errors(form, invalid)
        return _page(deletion_id, form), invalid.status
    except (Conflict, Refused) as refusal:
        return _not_done(deletion_id, refusal)
    flash(_("已确认，%(n)d 天后删除；在那之前都可以停止。", n=WAITING_TIME.days), "ok")
    return redirect(url_for("deletions.deletion", deletion_id=deletion_id), 303)


@blueprint.post("/<id:deletion_id>/decline")
@needs(Permission.DELETIONS_CONFIRM)
def decline(deletion_id: str) -> Response:
    """This function will decline a deletion, or stop one that waits for its day."""
    try:
        decline_deletion(ctx(), deletion_id)
    except Conflict as conflict:
        return _not_done(deletion_id, conflict)
    flash(_("已否决，企业和它的数据都还在。"), "ok")
    return redirect(url_for("deletions.deletion", deletion_id=deletion_id), 303)


def _page(deletion_id: str, form: ConfirmForm) -> str:
    found = get_deletion(ctx().session, deletion_id)
    with system_session(reason="slips of a deletion") as session:
        stamps = stamps_of(session, [found.row.id])
    return render_template(
        "administration/deletion_one.html",
        one=found,
        form=form,
        labels=STATE_LABELS,
        undoable=UNDOABLE,
        days=WAITING_TIME.days,
        stamps=stamps,
        crumbs=[(_("企业删除"), url_for("deletions.index")), (found.row.enterprise_id, None)],
    )


def _not_done(deletion_id: str, refusal: Conflict | Refused) -> Response:
    ctx().session.rollback()
    flash(translate(refusal.message), "error")
    return redirect(url_for("deletions.deletion", deletion_id=deletion_id), 303)
