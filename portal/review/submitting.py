"""Handing in: drafts become a submission, and what of the same objects waited before it waits no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import record
from portal.content.commands import target_of
from portal.content.queries import ObjectView, lock_objects
from portal.content.sittings import rise
from portal.content.states import Act, RevisionState, after
from portal.core import clock
from portal.core.canonical import canonical_sha256
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import ObjectId, SubmissionId, new_id
from portal.core.messages import N_
from portal.core.pinyin import pinyin_of
from portal.notify.commands import tell
from portal.review.checks import ask_to_submit, check_fit, check_seen, check_urgent
from portal.review.commands import close_submissions, submission_target
from portal.review.models import Submission, SubmissionItem
from portal.review.titles import named_to_all, title_of_object, title_of_several


@dataclass(frozen=True)
class Chosen:
    """An object to hand in, and the hash of the draft that the person saw."""

    object_id: ObjectId
    sha256: str


def submit_for_review(
    ctx: Context,
    chosen: Sequence[Chosen],
    *,
    title: str,
    note: str = "",
    publish_at: datetime | None = None,
    urgent: bool = False,
) -> SubmissionId:
    """This function will hand in the drafts of the chosen objects as one submission and return its id.

    An older submission of the same object is superseded and its reviewers are told. `urgent` is for a single marquee.
    Raises `Conflict` where a draft is not the one seen, `Invalid` where the set would not fit together, `Refused`.
    """
    ask(ctx, Permission.CONTENT_SUBMIT)
    if not chosen:
        raise Refused("nothing_to_submit", N_("没有可提交的修改。"))
    if publish_at is not None and publish_at <= clock.now():
        raise Invalid({"publish_at": N_("定时发布的时间要晚于现在。")})
    by_id = lock_objects(ctx.session, [one.object_id for one in chosen])
    if any(one.object_id not in by_id for one in chosen):
        raise NotFound
    views = [by_id[object_id] for object_id in dict.fromkeys(one.object_id for one in chosen)]
    ask_to_submit(ctx, views)
    rise(ctx, by_id)
    for one in chosen:
        check_seen(by_id[one.object_id], one.sha256)
    check_urgent(views, urgent=urgent)
    check_fit(ctx, by_id)
    called = title or title_of_several(title_of_object(ctx, views[0].object.kind, views[0].envelope.title), len(views))
    submission = Submission(
        id=new_id(),
        title=called,
        pinyin=pinyin_of(str(called)),
        note=note,
        urgent=urgent,
        publish_at=publish_at,
        submitted_by=ctx.actor.user_id,
        submitted_at=clock.now(),
    )
    ctx.session.add(submission)
    ctx.session.flush()
    _supersede(ctx, views)
    for position, view in enumerate(views):
        _hand_in(ctx, submission, view, position)
    ctx.session.flush()
    record(
        ctx,
        Event.SUBMITTED,
        submission_target(submission),
        decided_on=canonical_sha256(sorted(view.newest.sha256 for view in views)),
        items=len(views),
        urgent=urgent,
        publish_at=publish_at.isoformat() if publish_at else None,
    )
    named = named_to_all(ctx, submission.title)
    message = N_("%(tenant)s 送审「%(title)s」。", tenant=ctx.enterprise.name, title=named)
    tell(
        ctx,
        message,
        key=f"submitted:{submission.id}",
        role=Role.CENTER_REVIEWER,
        link=f"/center/review/{ctx.enterprise.enterprise_id}/{submission.id}",
    )
    return SubmissionId(submission.id)


def _hand_in(ctx: Context, submission: Submission, view: ObjectView, position: int) -> None:
    draft = view.draft
    if draft is None:
        raise NotFound
    draft.state = str(after(RevisionState.DRAFT, Act.SUBMIT))
    draft.submitted_by, draft.submission_id = ctx.actor.user_id, submission.id
    draft.submitted_at = submission.submitted_at
    ctx.session.add(
        SubmissionItem(
            submission_id=submission.id,
            revision_id=draft.id,
            object_id=view.object.id,
            position=position,
            sha256=draft.sha256,
            before_id=view.on_air.id if view.on_air else None,
        )
    )


def _supersede(ctx: Context, views: Sequence[ObjectView]) -> None:
    """Whatever of the objects waits under an older submission waits no more; its reviewers are told."""
    older = [view.pending for view in views if view.pending is not None]
    for view in views:
        _supersede_one(ctx, view)
    # Flushed before the new ones come: the database allows one revision under way.
    ctx.session.flush()
    close_submissions(ctx, [one.submission_id for one in older if one.submission_id is not None])


def _supersede_one(ctx: Context, view: ObjectView) -> None:
    older = view.pending
    if older is None:
        return
    act = Act.VOID if older.state == RevisionState.APPROVED else Act.SUPERSEDE
    older.state = str(after(RevisionState(older.state), act))
    record(ctx, Event.SUPERSEDED, target_of(view), title=older.title, sha256=older.sha256)
    tenant, named = ctx.enterprise.name, named_to_all(ctx, older.title)
    message = N_("%(tenant)s 的「%(title)s」有了更新的送审，旧的一份不用再审。", tenant=tenant, title=named)
    tell(ctx, message, key=f"superseded:{older.id}", role=Role.CENTER_REVIEWER)
