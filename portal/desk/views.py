"""Pages of the review desk: the queue, and one submission with its decision."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.content.states import RevisionState
from portal.core.errors import Conflict, Invalid, Refused
from portal.desk.case import Case, case
from portal.desk.commands import approve_and_publish
from portal.desk.drawing import asset_url, local
from portal.desk.forms import PUBLISH, RETURN, DecisionForm
from portal.desk.held import held
from portal.desk.jumps import jumps_of, screen_of
from portal.desk.pairs import Pair
from portal.desk.queue import address, filter_asked, filtered, queue_parts, waiting_lines
from portal.desk.spots import typed
from portal.releases.models import Release
from portal.review.commands import decide
from portal.review.comments import threads_of
from portal.review.naming import names_for
from portal.review.queries import display_names, get_submission, open_submissions_of
from portal.review.showing import changed
from portal.review.stamps import submission_stamps
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.rendering import translated
from portal.web.state import ctx, drawing, features, state

blueprint = Blueprint("desk", __name__)


@blueprint.get("/center/review")
@needs(Permission.REVIEW_QUEUE)
def queue() -> Response | str:
    """This function will open the submission that is next, or say that nothing waits."""
    lines = waiting_lines()
    wanted = filtered(lines)
    first = next((line for line in wanted if not line.blocked or filter_asked().only == "blocked"), None)
    if first is not None:
        return redirect(address(first))
    return render_template("desk/queue.html", **_show_queue_parts(None))


@blueprint.get("/center/review/<enterprise:enterprise_id>/<id:submission_id>")
@needs(Permission.REVIEW_COMPARE)
def submission(submission_id: str) -> str:
    """This function will show one submission beside the queue."""
    return _show(submission_id, DecisionForm())


@blueprint.post("/center/review/<enterprise:enterprise_id>/<id:submission_id>")
@needs(Permission.REVIEW_DECIDE)
def decision(submission_id: str) -> Response | str | tuple[str, int]:
    """This function will take the decision about what was seen and bring up the next submission."""
    form = DecisionForm()
    decisions = form.decisions()
    if not form.act or not decisions:
        form.form_errors.append(_("没有选要审核的内容。"))
        return _show(submission_id, form), 422
    try:
        if form.act == PUBLISH:
            _say_published(approve_and_publish(ctx(), submission_id, decisions))
        else:
            decide(ctx(), submission_id, decisions)
            flash(_("已退回，编辑会收到原因。") if form.act == RETURN else _("已通过。"), "ok")
    except Conflict as conflict:
        ctx().session.rollback()
        return _show_conflict(submission_id, conflict), conflict.status
    except (Invalid, Refused) as refusal:
        ctx().session.rollback()
        _note(form, refusal)
        return _show(submission_id, form), refusal.status
    return redirect(_after(submission_id), 303)


def _show(submission_id: str, form: DecisionForm) -> str:
    found = case(drawing(), submission_id, held())
    sides = [side for one in found.changes for side in (one.difference.before, one.item.envelope)]
    names = names_for(ctx().session, found.tree, sides)
    pair = found.pair_of(request.args.get("group", ""))
    before, after = found.drawn(pair) if pair else ({}, {})
    jumps = jumps_of(
        [one.difference for one in found.changes],
        found.spots,
        request.args.get("look", ""),
        lambda number: _here(found, look=str(number)),
    )
    people = {user for one in found.changes for user in (*one.authors, one.item.item.decided_by) if user}
    return render_template(
        "desk/submission.html",
        case=found,
        form=form,
        shown=[(one, changed(one.difference.before, one.item.envelope, names)) for one in found.changes],
        pair=pair,
        before=before,
        after=after,
        shown_screen=screen_of(found.screens, jumps),
        jumps=jumps,
        seen_at=typed(found.seen_at),
        players=_players(submission_id, pair) if pair else {},
        only_after=request.args.get("view") == "after",
        people=display_names(ctx().session, [*people, found.view.submission.submitted_by]),
        threads=threads_of(ctx().session, found.view),
        stamps=submission_stamps(ctx().session, found.view),
        own=found.wrote(state().actor.user_id),
        asset_url=asset_url,
        at=local(found.view.submission.publish_at),
        here=_here,
        crumbs=[(_("审核台"), url_for("desk.queue")), (translated(found.view.submission.title), None)],
        **_show_queue_parts(submission_id),
    )


def _players(submission_id: str, pair: Pair) -> dict[str, str]:
    return {
        side: url_for("players.player", submission_id=submission_id, side=side, group=pair.groups[0])
        for side in ("before", "after")
    }


def _show_conflict(submission_id: str, conflict: Conflict) -> str:
    session = drawing().session
    view = get_submission(session, submission_id)
    newer = open_submissions_of(session, [item.item.object_id for item in view.items])  # type: ignore[misc]
    return render_template(
        "desk/conflict.html",
        view=view,
        message=translate(conflict.message),
        newer={key: found for key, found in newer.items() if found.id != submission_id},
        people=display_names(session, [item.item.decided_by for item in view.items]),
        next_href=_after(submission_id, stays=False),
    )


def _note(form: DecisionForm, refusal: Invalid | Refused) -> None:
    if isinstance(refusal, Invalid):
        show_errors(form, refusal)
    else:
        form.form_errors.append(translate(refusal.message))


def _say_published(release: Release) -> None:
    # Written after this request's commit: whether boxes can fetch it already is for the timeline to say.
    flash(_("已通过，版本 %(n)d 正在送达机顶盒。", n=release.number), "ok")


def _show_queue_parts(here: str | None) -> dict[str, Any]:
    return queue_parts(waiting_lines(), here, lambda **change: _queue_href(here, **change))


def _queue_href(here: str | None, **change: Any) -> str:
    """The address of this page with the queue filtered otherwise."""
    if here is None:
        return url_for("desk.queue", **change)
    return url_for("desk.submission", submission_id=here, **change)


def _here(found: Case, **change: str | None) -> str:
    """The address of the same submission, seen otherwise."""
    kept: dict[str, Any] = {name: request.args.get(name) for name in ("group", "view", "look")}
    return url_for("desk.submission", submission_id=found.view.id, **{**kept, **filter_asked().query, **change})


def _after(submission_id: str, *, stays: bool = True) -> str:
    """Where to go after a decision: the same submission while something of it waits, else the next one of the queue as it is filtered."""
    if stays and _still_waits(submission_id):
        return url_for("desk.submission", submission_id=submission_id, **filter_asked().query)
    lines = [line for line in filtered(waiting_lines(), submission_id) if not line.blocked or line.id == submission_id]
    here = next((index for index, line in enumerate(lines) if line.id == submission_id), -1)
    others = [line for line in [*lines[here + 1 :], *lines[: max(here, 0)]] if line.id != submission_id]
    return address(others[0]) if others else url_for("desk.queue", **filter_asked().query)


def _still_waits(submission_id: str) -> bool:
    items = get_submission(ctx().session, submission_id).of_state(RevisionState.SUBMITTED)
    return any(not item.is_blocked(features()) for item in items)
