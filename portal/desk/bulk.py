"""The small submissions on one page, every change with both sides in words, to be approved together, enterprise by enterprise."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.core.database import system_session
from portal.core.errors import Conflict, Invalid, Refused
from portal.desk.bulk_commands import Outcome, Together, approve_together
from portal.desk.filters import is_small
from portal.desk.forms import PUBLISH
from portal.desk.queries import Waiting, waiting
from portal.desk.queue import may_decide
from portal.desk.small import houses
from portal.review.titles import is_kept_by_level, title_for
from portal.web.access import needs
from portal.web.errors import wants_json
from portal.web.i18n import translate
from portal.web.rendering import translated
from portal.web.state import ctx, state

blueprint = Blueprint("desk_bulk", __name__)

MOST = 20
"""How many submissions stand on the page: what is approved unread is not reviewed."""


@blueprint.get("/center/review/bulk")
@needs(Permission.REVIEW_QUEUE, module=Module.PUBLISHING)
def index() -> str:
    """This function will show the small submissions that wait, oldest first, with every change in words."""
    with system_session(reason="the small submissions of the review queue") as system:
        small = [line for line in waiting(system, state().actor) if is_small(line)]
        lines = [line for line in small if _is_open(line)]
        shown = houses(system, state().actor, lines[:MOST])
    return render_template(
        "desk/bulk.html",
        houses=shown,
        count=sum(len(house.small) for house in shown),
        left=len(lines) - MOST,
        closed=len(small) - len(lines),
        may_decide=may_decide(),
        crumbs=[(_("审核台"), url_for("desk.queue")), (_("一起审小改动"), None)],
    )


@blueprint.post("/center/review/<enterprise:enterprise_id>/bulk")
@needs(Permission.REVIEW_DECIDE)
def approve() -> Response | tuple[Response, int]:
    """This function will approve those chosen of an enterprise's small submissions, and say of each other one why it was left."""
    try:
        done = approve_together(ctx(), _shown(), publish=request.form.get("decision") == PUBLISH)
    except (Conflict, Invalid, Refused) as refusal:
        ctx().session.rollback()
        if wants_json():
            return jsonify(outcomes=[], problem=translate(refusal.message)), refusal.status
        flash(translate(refusal.message), "error")
        return redirect(url_for("desk_bulk.index"), 303)
    if wants_json():
        return jsonify(outcomes=[_told(one, done) for one in done.outcomes], problem="")
    _say(done)
    return redirect(url_for("desk_bulk.index"), 303)


def _is_open(line: Waiting) -> bool:
    return not is_kept_by_level(state().actor, line.entry.tenant)


def _shown() -> dict[str, dict[str, str]]:
    """What of the submissions chosen the page has shown."""
    shown: dict[str, dict[str, str]] = {one: {} for one in request.form.getlist("chosen")[:MOST]}
    for value in request.form.getlist("seen"):
        submission_id, _colon, rest = value.partition(":")
        revision_id, _colon, sha256 = rest.partition(":")
        if submission_id in shown:
            shown[submission_id][revision_id] = sha256
    return shown


def _told(one: Outcome, done: Together) -> dict[str, Any]:
    if one.refused is not None:
        return {"id": one.view.id, "approved": False, "says": translate(one.refused)}
    goes = done.release is not None and one.view.submission.publish_at is None
    says = _("已通过，版本 %(n)d 正在送达机顶盒。", n=done.release.number) if goes and done.release else _("已通过。")
    return {"id": one.view.id, "approved": True, "says": says}


def _say(done: Together) -> None:
    if done.approved:
        count = len(done.approved)
        flash(ngettext("已通过 %(num)d 份送审。", "已通过 %(num)d 份送审。", count), "ok")
    for one in done.outcomes:
        if one.refused is not None:
            title = translated(title_for(ctx().session, one.view.submission))
            flash(_("「%(title)s」没有通过：%(why)s", title=title, why=translate(one.refused)), "warning")
