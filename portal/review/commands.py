"""Handing in, withdrawing, deciding."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.commands import lock_object, revive_as_draft, target_of
from portal.content.envelope import read_envelope
from portal.content.kinds import Kind
from portal.content.models import Revision
from portal.content.problems import problems
from portal.content.queries import ObjectView, authors_of, objects
from portal.content.states import Act, RevisionState, after
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, FeatureNotInPackage, Invalid, NotFound, Refused
from portal.core.ids import ObjectId, SubmissionId, new_id
from portal.core.messages import N_, Message
from portal.notify.commands import tell
from portal.orders.queries import entitlement
from portal.review.models import Submission, SubmissionItem
from portal.review.queries import ItemView, SubmissionView, get_submission, item_of_revision
from portal.tenants.queries import group_tree

LONGEST_REASON = 500


class Verdict(StrEnum):
    """What a reviewer decides about one object."""

    APPROVE = "approve"
    RETURN = "return"


@dataclass(frozen=True)
class Chosen:
    """An object to hand in, and the hash of the draft that the person saw."""

    object_id: ObjectId
    sha256: str


@dataclass(frozen=True)
class Decision:
    """A verdict about one revision, bound to the hash that the reviewer saw; a return needs a reason."""

    revision_id: str
    sha256: str
    verdict: Verdict
    reason: str = ""


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
    if not chosen:
        raise Refused("nothing_to_submit", N_("没有可提交的修改。"))
    if publish_at is not None and publish_at <= clock.now():
        raise Invalid({"publish_at": N_("定时发布的时间要晚于现在。")})
    views = [lock_object(ctx.session, one.object_id) for one in sorted(chosen, key=lambda one: one.object_id)]
    by_id = {view.id: view for view in views}
    for one in chosen:
        _check_seen(by_id[one.object_id], one.sha256)
    _ask_to_submit(ctx, views)
    _check_urgent(views, urgent=urgent)
    _check_fit(ctx, by_id)
    submission = Submission(
        id=new_id(),
        title=title or _title(views),
        note=note,
        urgent=urgent,
        publish_at=publish_at,
        submitted_by=ctx.actor.user_id,
        submitted_at=clock.now(),
    )
    ctx.session.add(submission)
    ctx.session.flush()
    for position, one in enumerate(chosen):
        _hand_in(ctx, submission, by_id[one.object_id], position)
    record(
        ctx,
        Event.SUBMITTED,
        _target(submission),
        items=len(chosen),
        urgent=urgent,
        publish_at=publish_at.isoformat() if publish_at else None,
    )
    message = N_("%(tenant)s 送审「%(title)s」。", tenant=_tenant_name(ctx), title=submission.title)
    tell(
        ctx,
        message,
        key=f"submitted:{submission.id}",
        role=Role.CENTER_REVIEWER,
        link=f"/center/review/{submission.id}",
    )
    return SubmissionId(submission.id)


def withdraw_submission(ctx: Context, submission_id: str) -> int:
    """This function will take back what of the submission is not on air yet and return how many objects that were.

    Their content becomes a draft again. Raises `Refused` where nothing is left to take back.
    """
    view = get_submission(ctx.session, submission_id)
    items = view.of_state(RevisionState.SUBMITTED, RevisionState.APPROVED)
    objects_of = [lock_object(ctx.session, item.item.object_id) for item in items]
    inside = all(_may_touch(ctx, found) for found in objects_of)
    ask(ctx, Permission.CONTENT_SUBMIT, provided=inside, because=N_("这份送审里有不属于您分组的内容。"))
    if not items:
        raise Refused("nothing_to_withdraw", N_("这份送审已经处理完，没有可撤回的内容。"), status=409)
    for item in items:
        ctx.session.refresh(item.revision)
        item.revision.state = str(after(item.state, Act.WITHDRAW))
        ctx.session.flush()
        revive_as_draft(ctx, item.revision)
    close_if_done(ctx, submission_id)
    record(ctx, Event.WITHDRAWN, _target(view.submission), items=len(items))
    return len(items)


def decide(ctx: Context, submission_id: str, decisions: Sequence[Decision]) -> None:
    """This function will approve or return revisions of one submission, each bound to the hash the reviewer saw.

    Raises `Conflict` where a revision was superseded, withdrawn or decided meanwhile (of two reviewers one wins),
    `Forbidden` for whoever wrote or submitted it, `Invalid` for a return without a reason.
    """
    view = get_submission(ctx.session, submission_id)
    items = {item.revision.id: item for item in view.items}
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    for decision in sorted(decisions, key=lambda one: one.revision_id):
        item = items.get(decision.revision_id)
        if item is None:
            raise NotFound
        locked = lock_object(ctx.session, item.item.object_id)
        ctx.session.refresh(item.revision)
        _ask_to_decide(ctx, item)
        _check_decidable(item, decision, features)
        _decide_one(ctx, view, locked, item, decision)
    close_if_done(ctx, submission_id)


def reschedule(ctx: Context, submission_id: str, publish_at: datetime | None) -> None:
    """This function will set or clear the moment at which a submission goes on air; raises `Invalid` for the past."""
    view = get_submission(ctx.session, submission_id)
    ask(ctx, Permission.RELEASES_PUBLISH)
    if publish_at is not None and publish_at <= clock.now():
        raise Invalid({"publish_at": N_("定时发布的时间要晚于现在。")})
    view.submission.publish_at = publish_at
    record(
        ctx,
        Event.RESCHEDULED,
        _target(view.submission),
        publish_at=publish_at.isoformat() if publish_at else None,
    )


def close_if_done(ctx: Context, submission_id: str) -> None:
    """This function will mark a submission as closed once none of its revisions waits any more."""
    ctx.session.flush()
    view = get_submission(ctx.session, submission_id)
    if not view.of_state(RevisionState.SUBMITTED, RevisionState.APPROVED) and view.submission.closed_at is None:
        view.submission.closed_at = clock.now()


def _check_seen(view: ObjectView, sha256: str) -> None:
    if view.draft is None or view.draft.sha256 != sha256:
        raise Conflict(N_("提交的内容里有一项刚被改过，请看过最新内容再提交。"), code="draft_changed")


def _ask_to_submit(ctx: Context, views: Sequence[ObjectView]) -> None:
    inside = all(_may_touch(ctx, view) for view in views)
    ask(ctx, Permission.CONTENT_SUBMIT, provided=inside, because=N_("分组编辑只能提交投放到本分组及下级的内容。"))
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    for view in views:
        if view.envelope.spec.feature not in features:
            raise FeatureNotInPackage(view.envelope.spec.feature)


def _may_touch(ctx: Context, view: ObjectView) -> bool:
    if ctx.actor.role != Role.GROUP_EDITOR:
        return True
    targets = set(view.envelope.targets)
    return bool(targets) and targets <= ctx.actor.groups


def _check_urgent(views: Sequence[ObjectView], *, urgent: bool) -> None:
    if urgent and [view.object.kind for view in views] != [Kind.MARQUEE]:
        raise Refused("urgent_is_for_one_marquee", N_("加急只用于单独一条跑马灯。"))


def _check_fit(ctx: Context, chosen: dict[ObjectId, ObjectView]) -> None:
    """What is on air, under way and now handed in must fit together; drafts of others do not count."""
    tree = group_tree(ctx.session)
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    working = {}
    for object_id, view in objects(ctx.session).items():
        standing = view.draft if object_id in chosen else view.pending or view.on_air
        if standing is not None:
            working[object_id] = read_envelope(standing.envelope)
    groups = frozenset(node.id for _, node in tree.walk())
    errors: dict[str, list[Message]] = {}
    for found in problems(working, features, groups, tree.root.id):
        if found.object_id in chosen:
            title = str(working[found.object_id].title)
            errors.setdefault(found.object_id, []).append(
                N_("「%(title)s」：%(problem)s", title=title, problem=found.message)
            )
    if errors:
        raise Invalid(errors)


def _hand_in(ctx: Context, submission: Submission, view: ObjectView, position: int) -> None:
    draft = view.draft
    if draft is None:
        raise NotFound
    if view.pending is not None:
        _supersede(ctx, view, view.pending)
    draft.state = str(after(RevisionState.DRAFT, Act.SUBMIT))
    draft.submitted_by = ctx.actor.user_id
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
    ctx.session.flush()


def _supersede(ctx: Context, view: ObjectView, older: Revision) -> None:
    act = Act.VOID if older.state == RevisionState.APPROVED else Act.SUPERSEDE
    older.state = str(after(RevisionState(older.state), act))
    ctx.session.flush()
    record(ctx, Event.SUPERSEDED, target_of(view), title=older.title, sha256=older.sha256)
    item = item_of_revision(ctx.session, older.id)
    if item is not None:
        close_if_done(ctx, item.submission_id)
        tell(
            ctx,
            N_(
                "%(tenant)s 的「%(title)s」有了更新的送审，旧的一份不用再审。",
                tenant=_tenant_name(ctx),
                title=older.title,
            ),
            key=f"superseded:{older.id}",
            role=Role.CENTER_REVIEWER,
        )


def _ask_to_decide(ctx: Context, item: ItemView) -> None:
    own = ctx.actor.user_id in authors_of(ctx.session, item.revision.id)
    ask(ctx, Permission.REVIEW_DECIDE, provided=not own, because=N_("自己编辑或送审的内容不能自己审核。"))


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


def _decide_one(ctx: Context, view: SubmissionView, locked: ObjectView, item: ItemView, decision: Decision) -> None:
    act = Act.APPROVE if decision.verdict is Verdict.APPROVE else Act.RETURN
    item.revision.state = str(after(item.state, act))
    item.item.decided_by = ctx.actor.user_id
    item.item.decided_at = clock.now()
    item.item.reason = decision.reason.strip()
    ctx.session.flush()
    revision = item.revision
    if act is Act.APPROVE:
        record(ctx, Event.APPROVED, target_of(locked), title=revision.title, sha256=revision.sha256)
        return
    revive_as_draft(ctx, revision)
    record(
        ctx,
        Event.RETURNED,
        target_of(locked),
        title=revision.title,
        sha256=revision.sha256,
        reason=item.item.reason,
    )
    tell(
        ctx,
        N_("「%(title)s」被退回：%(reason)s", title=revision.title, reason=item.item.reason),
        key=f"returned:{revision.id}",
        user_id=view.submission.submitted_by,
        link=f"submissions/{view.id}",
    )


def _title(views: Sequence[ObjectView]) -> str:
    first = str(views[0].envelope.title)[:60]
    return first if len(views) == 1 else str(N_("%(first)s 等 %(n)d 项", first=first, n=len(views)))


def _tenant_name(ctx: Context) -> str:
    return ctx.tenant.name if ctx.tenant else ""


def _target(submission: Submission) -> Target:
    return Target("submission", submission.id, submission.title)
