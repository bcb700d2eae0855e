"""Pages of the review desk: the queue, and one submission with its decision."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.content.kinds import KINDS
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.database import system_session
from portal.core.errors import Conflict, Invalid, Refused
from portal.desk.case import Case, case
from portal.desk.commands import approve_and_publish
from portal.desk.drawing import PICTURES, asset_url, local
from portal.desk.forms import PUBLISH, RETURN, DecisionForm
from portal.desk.held import held
from portal.desk.queries import Load, Waiting, decided_today, waiting
from portal.releases.models import Release
from portal.review.commands import decide
from portal.review.naming import names_for
from portal.review.queries import display_names, get_submission, open_submissions_of
from portal.review.showing import changed
from portal.review.stamps import submission_stamps
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.rendering import translated
from portal.web.state import ctx, features, state

blueprint = Blueprint("desk", __name__)

LATE_HOURS = 2
"""From how many hours on a submission's age stands out in the queue."""


@blueprint.get("/center/review")
@needs(Permission.REVIEW_QUEUE)
def queue() -> Response | str:
    """This function will open the submission that is next, or say that nothing waits."""
    lines = _queue()
    first = next((line for line in lines if not line.blocked), None)
    if first is not None:
        return redirect(_address(first))
    return render_template("desk/queue.html", **_queue_parts(lines, None))


@blueprint.get("/center/review/<enterprise:enterprise_id>/<id:submission_id>")
@needs(Permission.RELEASES_PUBLISH)
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
    found = case(ctx(), submission_id, held())
    sides = [side for one in found.changes for side in (one.difference.before, one.item.envelope)]
    names = names_for(ctx().session, found.tree, sides)
    pair = found.pair_of(request.args.get("group", ""))
    before, after = found.drawn(pair) if pair else ({}, {})
    people = {user for one in found.changes for user in (*one.authors, one.item.item.decided_by) if user}
    return render_template(
        "desk/submission.html",
        case=found,
        form=form,
        shown=[(one, changed(one.difference.before, one.item.envelope, names)) for one in found.changes],
        pair=pair,
        before=before,
        after=after,
        screens=found.screens[:PICTURES],
        left_out=len(found.screens) - PICTURES,
        only_after=request.args.get("view") == "after",
        people=display_names(ctx().session, [*people, found.view.submission.submitted_by]),
        stamps=submission_stamps(ctx().session, found.view),
        own=found.wrote(state().actor.user_id),
        asset_url=asset_url,
        at=local(found.view.submission.publish_at),
        here=_here,
        crumbs=[(_("审核台"), url_for("desk.queue")), (translated(found.view.submission.title), None)],
        **_queue_parts(_queue(), submission_id),
    )


def _show_conflict(submission_id: str, conflict: Conflict) -> str:
    session = ctx().session
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
    flash(_("已通过，版本 %(n)d 正在送达盒子。", n=release.number), "ok")


def _queue() -> list[Waiting]:
    with system_session(reason="the review queue") as system:
        return waiting(system)


def _queue_parts(lines: Sequence[Waiting], here: str | None) -> dict[str, Any]:
    with system_session(reason="what a reviewer did today") as system:
        done = decided_today(system, state().actor.user_id)
    only = "urgent" if request.args.get("only") == "urgent" else ""
    return {
        "lines": [line for line in lines if not only or line.entry.submission.urgent or line.id == here],
        "total": len(lines),
        "only": only,
        "current": here,
        "filter_href": lambda wanted: _filtered(here, wanted),
        "address": _address,
        "load": _load,
        "late_hours": LATE_HOURS,
        "now": clock.now(),
        "done_today": done,
    }


def _filtered(here: str | None, only: str | None) -> str:
    if here is None:
        return url_for("desk.queue", only=only)
    return url_for("desk.submission", submission_id=here, only=only)


def _load(load: Load) -> str:
    words = " · ".join(translate(KINDS[kind].label) for kind in load)
    return str(_("%(kinds)s %(n)d 处", kinds=words, n=sum(load.values())))


def _address(line: Waiting) -> str:
    only = request.args.get("only") or None
    return url_for("desk.submission", enterprise_id=line.entry.tenant.enterprise_id, submission_id=line.id, only=only)


def _here(found: Case, **change: str | None) -> str:
    """The address of the same submission, seen otherwise."""
    kept: dict[str, Any] = {name: request.args.get(name) for name in ("group", "view", "only")}
    return url_for("desk.submission", submission_id=found.view.id, **{**kept, **change})


def _after(submission_id: str, *, stays: bool = True) -> str:
    """Where to go after a decision: the same submission while something of it waits, else the next one of the queue."""
    if stays and _still_waits(submission_id):
        return url_for("desk.submission", submission_id=submission_id, only=request.args.get("only") or None)
    lines = [line for line in _queue() if not line.blocked or line.id == submission_id]
    here = next((index for index, line in enumerate(lines) if line.id == submission_id), -1)
    others = [line for line in [*lines[here + 1 :], *lines[: max(here, 0)]] if line.id != submission_id]
    return _address(others[0]) if others else url_for("desk.queue")


def _still_waits(submission_id: str) -> bool:
    items = get_submission(ctx().session, submission_id).of_state(RevisionState.SUBMITTED)
    return any(not item.is_blocked(features()) for item in items)
