"""Withdrawing and deciding what was handed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.checks import inside_subtree
from portal.content.commands import revive_as_draft
from portal.content.models import ContentObject
from portal.content.protecting import ask_about
from portal.content.queries import FRESH, ObjectView, authors_of, lock_objects
from portal.content.states import Act, RevisionState, after
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import ObjectId, RevisionId
from portal.core.messages import N_
from portal.notify.commands import tell
from portal.orders.queries import entitlement
from portal.review.models import Submission
from portal.review.queries import (
    ItemView,
    SubmissionView,
    get_submission,
    waiting_submissions,
)

LONGEST_REASON = 500


class Verdict(StrEnum):
    """What a reviewer decides about one object."""

    APPROVE = "approve"
    RETURN = "return"


@dataclass(frozen=True)
class Decision:
    """A verdict about one revision, bound to the hash that the reviewer saw; a return needs a reason."""

    revision_id: str
    sha256: str
    verdict: Verdict
    reason: str = ""


def withdraw_submission(ctx: Context, submission_id: str) -> int:
    """This function will take back what of the submission is not on air yet and return how many objects that were.

    Their content becomes a draft again. Raises `Refused` where nothing is left to take back.
    """
    ask(ctx, Permission.CONTENT_SUBMIT)
    view, views = _locked(ctx, submission_id)
    items = view.of_state(RevisionState.SUBMITTED, RevisionState.APPROVED)
    if not items:
        raise Refused("nothing_to_withdraw", N_("这份送审已经处理完，没有可撤回的内容。"), status=409)
    because = N_("这份送审里有不属于您分组的内容。")
    for item in items:
        inside = inside_subtree(ctx, item.envelope)
        row = _row(views, item)
        ask_about(ctx, Permission.CONTENT_SUBMIT, row, item.envelope, provided=inside, because=because)
    for item in items:
        item.revision.state = str(after(item.state, Act.WITHDRAW))
    ctx.session.flush()
    for item in items:
        revive_as_draft(ctx, item.revision)
    close_submissions(ctx, [submission_id])
    record(ctx, Event.WITHDRAWN, submission_target(view.submission), items=len(items))
    return len(items)


def decide(ctx: Context, submission_id: str, decisions: Sequence[Decision]) -> None:
    """This function will approve or return revisions of one submission, each bound to the hash the reviewer saw.

    Raises `Conflict` where a revision was superseded, withdrawn or decided meanwhile (of two reviewers one wins),
    `Forbidden` for whoever wrote or submitted it, `Invalid` for a return without a reason.
    """
    ask(ctx, Permission.REVIEW_DECIDE)
    if not decisions:
        raise Refused("nothing_to_decide", N_("没有选中要审核的内容。"))
    view, views = _locked(ctx, submission_id)
    items = {item.revision.id: item for item in view.items}
    if any(decision.revision_id not in items for decision in decisions):
        raise NotFound
    authors = authors_of(ctx.session, [items[decision.revision_id].revision for decision in decisions])
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    for decision in decisions:
        item = items[decision.revision_id]
        own = ctx.actor.user_id in authors[RevisionId(decision.revision_id)]
        because = N_("自己编辑或送审的内容不能自己审核。")
        row = _row(views, item)
        ask_about(ctx, Permission.REVIEW_DECIDE, row, item.envelope, provided=not own, because=because)
        _check_decidable(item, decision, features)
        _decide_one(ctx, view, item, decision)
    close_submissions(ctx, [submission_id])


def reschedule(ctx: Context, submission_id: str, publish_at: datetime | None) -> None:
    """This function will set or clear the moment at which a submission goes on air; raises `Invalid` for the past."""
    ask(ctx, Permission.RELEASES_PUBLISH)
    view, views = _locked(ctx, submission_id)
    for item in view.items:
        ask_about(ctx, Permission.RELEASES_PUBLISH, _row(views, item), item.envelope)
    if publish_at is not None and publish_at <= clock.now():
        raise Invalid({"publish_at": N_("定时发布的时间要晚于现在。")})
    view.submission.publish_at = publish_at
    record(
        ctx,
        Event.RESCHEDULED,
        submission_target(view.submission),
        publish_at=publish_at.isoformat() if publish_at else None,
    )


def close_submissions(ctx: Context, submission_ids: Iterable[str]) -> None:
    """This function will mark those of the submissions as closed of which no revision waits any more.

    They are locked after their objects, by everybody in the same order; who comes second sees what the first one did.
    """
    ids = sorted(set(submission_ids))
    locked = select(Submission).where(Submission.id.in_(ids)).order_by(Submission.id).with_for_update(key_share=True)
    found = ctx.session.scalars(locked, execution_options=FRESH).all()
    waiting = waiting_submissions(ctx.session, ids)
    for submission in found:
        if submission.id not in waiting and submission.closed_at is None:
            submission.closed_at = clock.now()


def _locked(ctx: Context, submission_id: str) -> tuple[SubmissionView, Mapping[ObjectId, ObjectView]]:
    """The submission as it stands once the rows of its objects are locked, and the objects."""
    wanted = [item.item.object_id for item in get_submission(ctx.session, submission_id).items]
    views = lock_objects(ctx.session, wanted)
    return get_submission(ctx.session, submission_id), views


def _row(views: Mapping[ObjectId, ObjectView], item: ItemView) -> ContentObject:
    """The object of an item; one that was thrown away meanwhile is not there any more."""
    view = views.get(ObjectId(item.item.object_id))
    if view is None:
        raise NotFound
    return view.object


def _check_decidable(item: ItemView, decision: Decision, features: frozenset[str]) -> None:
    if item.revision.sha256 != decision.sha256:
        raise Conflict(N_("内容在您打开之后变过，请看过最新内容再决定。"), code="content_changed")
    if item.state is not RevisionState.SUBMITTED:
        raise Conflict(N_("这一项已经被处理过：%(title)s。", title=item.revision.title), code="already_decided")
    if decision.verdict is Verdict.APPROVE and item.envelope.spec.feature not in features:
        raise Refused("blocked", N_("企业当前套餐不含这项功能，送审暂停，套餐恢复后再审。"), status=409)
    if decision.verdict is Verdict.RETURN and not decision.reason.strip():
        raise Invalid({"reason": N_("退回要写明原因，让编辑知道改什么。")})
    if len(decision.reason) > LONGEST_REASON:
        raise Invalid({"reason": N_("原因最多 %(n)d 个字。", n=LONGEST_REASON)})


def _decide_one(ctx: Context, view: SubmissionView, item: ItemView, decision: Decision) -> None:
    act = Act.APPROVE if decision.verdict is Verdict.APPROVE else Act.RETURN
    item.revision.state = str(after(item.state, act))
    item.item.decided_by = ctx.actor.user_id
    item.item.decided_at = clock.now()
    item.item.reason = decision.reason.strip()
    revision = item.revision
    target = Target("content_object", revision.object_id, revision.title)
    if act is Act.APPROVE:
        record(ctx, Event.APPROVED, target, title=revision.title, sha256=revision.sha256)
        return
    revive_as_draft(ctx, revision)
    record(
        ctx,
        Event.RETURNED,
        target,
        title=revision.title,
        sha256=revision.sha256,
        reason=item.item.reason,
    )
    tell(
        ctx,
        N_("「%(title)s」被退回：%(reason)s", title=revision.title, reason=item.item.reason),
        key=f"returned:{revision.id}",
        user_id=view.submission.submitted_by,
        link=f"/e/{ctx.enterprise.enterprise_id}/submissions/{view.id}",
    )


def submission_target(submission: Submission) -> Target:
    """This function will return the submission as the log names it."""
    return Target("submission", submission.id, submission.title)
