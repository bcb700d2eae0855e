"""Approving several small submissions of one enterprise at once, each of which was shown whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.content.protecting import may_about
from portal.content.queries import ObjectView, authors_of, lock_objects
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import ObjectId, RevisionId
from portal.core.messages import N_, Message
from portal.desk.filters import fits
from portal.orders.queries import entitlement
from portal.releases.commands.publishing import publish_revisions, publish_submission
from portal.releases.models import Release
from portal.review.commands import Decision, Verdict, decide
from portal.review.queries import ItemView, SubmissionView, display_names, get_submission

Shown = Mapping[str, Mapping[str, str]]
"""By submission, the revisions that a page has shown with both sides, each with its hash."""


@dataclass(frozen=True)
class Outcome:
    """What became of one submission: approved, or why not."""

    view: SubmissionView
    refused: Message | None

    @property
    def approved(self) -> bool:
        """Whether it was approved."""
        return self.refused is None


@dataclass(frozen=True)
class Together:
    """What became of each, and the release that what was approved went on air with."""

    outcomes: tuple[Outcome, ...]
    release: Release | None

    @property
    def approved(self) -> tuple[Outcome, ...]:
        """Those that were approved."""
        return tuple(one for one in self.outcomes if one.approved)


def approve_together(ctx: Context, shown: Shown, *, publish: bool) -> Together:
    """This function will approve the small submissions whose every waiting change was `shown`, and say of each other one why it was left.

    One that somebody else decided meanwhile keeps none of the rest. With `publish` what is approved goes on air in one release, but for
    what has a set time. Raises `NotFound`, and what `publish_revisions` does; then nothing has happened.
    """
    ask(ctx, Permission.REVIEW_DECIDE)
    if not shown:
        raise Refused("nothing_to_decide", N_("没有选中要审核的内容。"))
    wanted = [item.item.object_id for one in shown for item in get_submission(ctx.session, one).items]
    objects = lock_objects(ctx.session, wanted)
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    outcomes = tuple(_approve(ctx, get_submission(ctx.session, one), shown[one], objects, features) for one in shown)
    ctx.session.flush()
    going = [one.view for one in outcomes if one.approved and one.view.submission.publish_at is None]
    return Together(outcomes, _publish(ctx, going) if publish and going else None)


def _approve(
    ctx: Context,
    view: SubmissionView,
    shown: Mapping[str, str],
    objects: Mapping[ObjectId, ObjectView],
    features: frozenset[str],
) -> Outcome:
    waiting = view.of_state(RevisionState.SUBMITTED)
    refused = _why_not(ctx, view, waiting, shown, features) or _not_by(ctx, waiting, objects)
    if refused is None:
        decide(ctx, view.id, [Decision(item.revision.id, item.revision.sha256, Verdict.APPROVE) for item in waiting])
    return Outcome(view, refused)


def _why_not(
    ctx: Context,
    view: SubmissionView,
    waiting: Sequence[ItemView],
    shown: Mapping[str, str],
    features: frozenset[str],
) -> Message | None:
    if not waiting:
        return _decided(ctx, view)
    if {item.revision.id: item.revision.sha256 for item in waiting} != dict(shown):
        return N_("内容在您打开之后变过，请单独打开看。")
    if not fits([item.envelope.kind for item in waiting]):
        return N_("不是小改动，请单独打开看。")
    if any(item.is_blocked(features) for item in waiting):
        return N_("企业当前套餐不含这项功能，送审暂停。")
    return None


def _not_by(ctx: Context, waiting: Sequence[ItemView], objects: Mapping[ObjectId, ObjectView]) -> Message | None:
    authors = authors_of(ctx.session, [item.revision for item in waiting])
    if any(ctx.actor.user_id in authors[RevisionId(item.revision.id)] for item in waiting):
        return N_("您编辑或送审过其中的内容，不能审核。")
    rows = [(objects.get(ObjectId(item.item.object_id)), item) for item in waiting]
    if any(
        row is None or not may_about(ctx, Permission.REVIEW_DECIDE, row.object, item.envelope) for row, item in rows
    ):
        return N_("访问控制列表不允许您审核这一项。")
    return None


def _decided(ctx: Context, view: SubmissionView) -> Message:
    last = next((item.item for item in view.items if item.item.decided_at is not None), None)
    if last is None:
        return N_("已经撤回或被新的送审替代。")
    name = display_names(ctx.session, [last.decided_by]).get(str(last.decided_by), "—")
    return N_("%(name)s 已经决定过这一份。", name=name)


def _publish(ctx: Context, views: Sequence[SubmissionView]) -> Release:
    if len(views) == 1:
        return publish_submission(ctx, views[0].id)
    approved = [item.revision.id for view in views for item in view.of_state(RevisionState.APPROVED)]
    return publish_revisions(ctx, approved)
