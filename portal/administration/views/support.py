"""Support sessions of one tenant: its administrators see and end them, staff of the center open one and end the own."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration.commands.support import LASTS, end_support, open_support
from portal.administration.forms import SupportForm
from portal.administration.support import support_sessions
from portal.core.errors import Invalid, Refused
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("support", __name__, url_prefix="/e/<enterprise:enterprise_id>/support")


@blueprint.get("")
@needs(Permission.SUPPORT_VIEW)
def index() -> str:
    """This function will list the tenant's support sessions."""
    return render_template(
        "administration/support.html", found=support_sessions(ctx().session), me=ctx().actor, minutes=_minutes()
    )


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
