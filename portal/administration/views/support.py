"""Support sessions of one tenant: its administrators see and end them, staff of the center open one and end the own."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration.commands.support import LASTS, end_support, open_support
from portal.administration.forms import SupportForm
from portal.administration.support import Listed, support_sessions
from portal.core.errors import Invalid, Refused
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("support", __name__, url_prefix="/e/<enterprise:enterprise_id>/support")

_ENDED = {"by_staff": N_("客服自己结束"), "by_tenant": N_("企业管理员结束")}
_RAN_OUT = N_("到时自动结束")


@blueprint.get("")
@needs(Permission.SUPPORT_VIEW)
def index() -> str:
    """This function will list the tenant's support sessions."""
    return render_template(
        "administration/support.html", found=support_sessions(ctx().session), me=ctx().actor, minutes=_minutes()
    )


@blueprint.post("")
@needs(Permission.SUPPORT_VIEW, reads=True)
def export() -> Response:
    """This function will hand the tenant's support sessions out as Excel."""
    columns: list[Column[Listed]] = [
        Column(_("谁"), 16, lambda one: one.name),
        Column(_("用户名"), 20, lambda one: one.username),
        Column(_("原因"), 50, lambda one: one.row.reason),
        Column(_("开始"), 20, lambda one: one.row.opened_at),
        Column(_("状态"), 10, lambda one: N_("进行中") if one.is_open else N_("已结束")),
        Column(_("怎样结束"), 20, lambda one: "" if one.is_open else _ENDED.get(one.row.end_reason or "", _RAN_OUT)),
        Column(_("到"), 20, lambda one: one.row.ended_at or one.row.expires_at),
    ]
    found = support_sessions(ctx().session)
    return hand_out_sheets("support_sessions", N_("支持会话"), [Sheet(_("支持会话"), found, columns)])


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.SUPPORT_OPEN)
def new() -> Response | str | tuple[str, int]:
    """This function will open a support session."""
    form = SupportForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        open_support(ctx(), form.reason.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(form), invalid.status
    except Refused as refused:
        flash(translate(refused.message), "error")
        return _page(form), refused.status
    flash(_("支持会话已打开，%(n)d 分钟后自动结束；企业的管理员收到了通知。", n=_minutes()), "ok")
    return redirect(url_for("support.index"), 303)


@blueprint.post("/<id:support_id>/end")
@needs(Permission.SUPPORT_END)
def end(support_id: str) -> Response:
    """This function will end a support session."""
    end_support(ctx(), support_id)
    flash(_("支持会话已结束。"), "ok")
    return redirect(url_for("support.index"), 303)


def _page(form: SupportForm) -> str:
    return render_template("administration/support_new.html", form=form, minutes=_minutes())


def _minutes() -> int:
    return int(LASTS.total_seconds() // 60)
