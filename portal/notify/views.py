"""One's messages: the list behind the bell, and marking as read."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.ids import is_id
from portal.core.messages import N_
from portal.notify.commands import mark_read
from portal.notify.models import Notice
from portal.notify.queries import notice_page, sentence
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.paging import MOST_ROWS
from portal.web.state import ctx, state
from portal.web.views import same_site

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
@needs(Permission.SELF_MANAGE)
def index() -> str:
    """This function will list one's messages, newest first."""
    before = request.args.get("before", "")
    page = notice_page(state().actor, before if is_id(before) else None)
    return render_template("notices/index.html", page=page, sentence=sentence, crumbs=[(_("消息"), None)])


@blueprint.post("")
@needs(Permission.SELF_MANAGE, reads=True)
def export() -> Response:
    """This function will hand out one's messages, newest first, as many as a file holds."""
    columns: list[Column[Notice]] = [
        Column(_("时间"), 20, lambda one: one.created_at),
        Column(_("消息"), 90, sentence),
        Column(_("读过"), 20, lambda one: one.read_at),
    ]
    found = notice_page(state().actor, most=MOST_ROWS).notices
    return hand_out_sheets("notices", N_("消息"), [Sheet(_("消息"), found, columns)])


@blueprint.post("/read")
@needs(Permission.SELF_MANAGE)
def read() -> Response:
    """This function will mark messages as read, the chosen one or all, and lead on to what a chosen one speaks of."""
    chosen = [notice_id for notice_id in request.form.getlist("notice") if is_id(notice_id)]
    count = mark_read(ctx(), chosen or None)
    onward = same_site(request.form.get("link"))
    if onward is not None:
        return redirect(onward, 303)
    flash(ngettext("已读 %(num)d 条消息。", "已读 %(num)d 条消息。", count), "ok")
    return redirect(url_for("notices.index"), 303)
