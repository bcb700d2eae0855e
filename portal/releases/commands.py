"""Putting approved content on air, and taking it off."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.features import Feature
from portal.content.commands import lock_object, revive_as_draft, target_of
from portal.content.kinds import Kind, spec_of
from portal.content.models import ContentObject, Revision
from portal.content.protecting import ask_about
from portal.content.queries import ObjectView, get_revisions, lock_objects, revisions_of
from portal.content.states import WORKING, Act, RevisionState, after
from portal.content.stored import envelope_of
from portal.core import clock
from portal.core.canonical import canonical_sha256
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import ObjectId, RevisionId
from portal.core.messages import N_, Words
from portal.notify.commands import tell
from portal.releases.approved import check_release
from portal.releases.keeping import get_kept_release
from portal.releases.making import Base, Plan, lock_base, make_release
from portal.releases.models import Release
from portal.releases.queries import manifest_of
from portal.releases.states import ReleaseKind
from portal.review.commands import close_submissions
from portal.review.queries import ItemView, SubmissionView, get_submission, items_of_revisions
from portal.review.titles import title_of_several

Views = Mapping[ObjectId, ObjectView]


@dataclass(frozen=True)
class RollBack:
    """What a roll-back would do: the manifest it leads to, and what it puts on and takes off air.

    `kept` are objects that stay as they are now because their revision in the older release may not come back.
    """

    manifest: Mapping[ObjectId, RevisionId]
    returning: tuple[RevisionId, ...]
    leaving: tuple[RevisionId, ...]
    kept: tuple[ObjectId, ...]


def publish_revisions(
    ctx: Context,
    revision_ids: Iterable[str],
    *,
    kind: ReleaseKind = ReleaseKind.PUBLISH,
    title: str = "",
    reason: str = "",
) -> Release:
    """This function will lay approved revisions over what is on air and make a release of it.

    Raises `Refused` for nothing to publish, for content that was taken down or whose feature is not in the package, and
    while another publication runs; `Conflict` where a revision is no longer approved; `ContentAltered`.
    """
    ask(ctx, Permission.RELEASES_PUBLISH)
    base = lock_base(ctx)
    wanted = list(dict.fromkeys(revision_ids))
    found = get_revisions(ctx.session, wanted)
    if len(found) != len(wanted):
        raise NotFound
    chosen = [found[RevisionId(revision_id)] for revision_id in wanted]
    views = lock_objects(ctx.session, [revision.object_id for revision in chosen])
    return _publish(ctx, base, views, chosen, Plan(kind, base.manifest, title, reason))


def publish_submission(ctx: Context, submission_id: str, *, kind: ReleaseKind | None = None) -> Release:
    """This function will publish what is approved of one submission; an urgent one as an urgent release.

    What was taken down, or whose feature is not in the package now, waits and does not keep the rest waiting. What was
    overtaken, because its object shows something handed in later, is skipped, and both sides are told. Raises as
    `publish_revisions` does.
    """
    ask(ctx, Permission.RELEASES_PUBLISH)
    base = lock_base(ctx)
    view = get_submission(ctx.session, submission_id)
    views = lock_objects(ctx.session, [item.item.object_id for item in view.items])
    approved = [item.revision for item in view.of_state(RevisionState.APPROVED)]
    ready = [revision for revision in approved if not _waits(base, views, revision)]
    if kind is None:
        kind = ReleaseKind.URGENT if view.submission.urgent else ReleaseKind.PUBLISH
    plan = Plan(kind, base.manifest, view.submission.title, view.submission.note)
    # With nothing ready, all is named, so that the refusal says what it waits for.
    release = _publish(ctx, base, views, ready or approved, plan)
    _tell_of_overtaken(ctx, view, views)
    return release


def plan_roll_back(ctx: Context, current: Mapping[ObjectId, RevisionId], target: Release) -> RollBack:
    """This function will say what rolling back from the manifest `current` to the release `target` would do, without doing it."""
    older = manifest_of(target)
    revisions = get_revisions(ctx.session, [*older.values(), *current.values()])
    down = _taken_down(ctx)
    manifest: dict[ObjectId, RevisionId] = {}
    kept: list[ObjectId] = []
    for object_id, revision_id in older.items():
        if object_id in down:
            continue
        state = RevisionState(revisions[revision_id].state)
        if current.get(object_id) == revision_id or state is RevisionState.SUPERSEDED:
            manifest[object_id] = revision_id
        elif object_id in current:
            manifest[object_id] = current[object_id]
            kept.append(object_id)
    returning = tuple(one for object_id, one in manifest.items() if current.get(object_id) != one)
    leaving = tuple(one for object_id, one in current.items() if manifest.get(object_id) != one)
    return RollBack(manifest, returning, leaving, tuple(kept))


def roll_back(ctx: Context, to_number: int, reason: str) -> Release:
    """This function will put release `to_number` on air again under a new number, with today's features, groups and grants.

    What it takes off air becomes `rolled_back` and returns only by a new submission; what was taken down stays down.
    Raises `Invalid` without a reason, `Refused` where nothing would change or the release is no longer kept.
    """
    ask(ctx, Permission.RELEASES_ROLL_BACK)
    _check_reason(reason)
    base = lock_base(ctx)
    target = get_kept_release(ctx.session, to_number)
    check_release(ctx.session, target)
    plan = plan_roll_back(ctx, base.manifest, target)
    if not plan.returning and not plan.leaving:
        raise Refused("nothing_to_roll_back", N_("这个版本与现在播出的内容相同。"), status=409)
    revisions = get_revisions(ctx.session, [*plan.returning, *plan.leaving])
    lock_objects(ctx.session, [revision.object_id for revision in revisions.values()])
    _move(ctx, [revisions[one] for one in plan.leaving], Act.ROLL_BACK)
    _move(ctx, [revisions[one] for one in plan.returning], Act.REPUBLISH)
    for revision_id in plan.leaving:
        _keep_editable(ctx, revisions[revision_id])
    words = N_("回滚到版本 %(n)d", n=to_number)
    changed = len({revision.object_id for revision in revisions.values()})
    what = Plan(ReleaseKind.ROLLBACK, plan.manifest, words, reason.strip(), changed, to_number)
    made = make_release(ctx, base, what)
    record(
        ctx,
        Event.ROLLED_BACK,
        Target("release", made.id, f"#{made.number}"),
        decided_on=canonical_sha256(made.manifest),
        number=made.number,
        to=to_number,
        reason=reason.strip(),
    )
    return made


def take_down(ctx: Context, object_id: str, reason: str) -> Release:
    """This function will take an object off air for cause (下架); it stays out of every later release until that is lifted.

    Raises `Invalid` without a reason, `Refused` where it is not on air.
    """
    ask(ctx, Permission.RELEASES_TAKE_DOWN)
    _check_reason(reason)
    base = lock_base(ctx)
    view = lock_object(ctx.session, object_id)
    if view.on_air is None:
        raise Refused("not_on_air", N_("这项内容现在没有播出。"), status=409)
    words = view.on_air.title
    _move(ctx, [view.on_air], Act.TAKE_DOWN)
    view.object.taken_down_at = clock.now()
    view.object.taken_down_reason = reason.strip()
    ctx.session.flush()
    _keep_editable(ctx, view.on_air)
    manifest = {other: revision for other, revision in base.manifest.items() if other != view.id}
    title = N_("下架：%(title)s", title=words)
    made = make_release(ctx, base, Plan(ReleaseKind.TAKE_DOWN, manifest, title, reason.strip(), 1))
    record(ctx, Event.TAKEN_DOWN, Target("content_object", view.id, words), title=words, reason=reason.strip())
    tell(
        ctx,
        N_("「%(title)s」已被运营中心下架：%(reason)s", title=words, reason=reason.strip()),
        key=f"taken_down:{view.on_air.id}",
        user_id=view.on_air.submitted_by,
    )
    return made


def lift_take_down(ctx: Context, object_id: str, reason: str) -> None:
    """This function will let an object that was taken down be published again; raises `Invalid` without a reason."""
    ask(ctx, Permission.RELEASES_TAKE_DOWN)
    _check_reason(reason)
    found = lock_objects(ctx.session, [object_id]).get(ObjectId(object_id))
    if found is None or found.object.taken_down_at is None:
        raise NotFound
    row = found.object
    row.taken_down_at = None
    row.taken_down_reason = None
    newest = revisions_of(ctx.session, ObjectId(row.id))[0]
    record(
        ctx,
        Event.TAKE_DOWN_LIFTED,
        Target("content_object", row.id, newest.title),
        title=newest.title,
        reason=reason.strip(),
    )


def _publish(ctx: Context, base: Base, views: Views, chosen: Sequence[Revision], plan: Plan) -> Release:
    """Lay approved revisions over the planned manifest; the caller asked, and locked the tenant and then the objects."""
    if not chosen:
        raise Refused("nothing_to_publish", N_("没有可以发布的内容。"))
    for revision in chosen:
        if (found := views.get(ObjectId(revision.object_id))) is not None:
            ask_about(ctx, Permission.RELEASES_PUBLISH, found.object, envelope_of(revision))
        _check_publishable(base, views, revision)
    _put_on_air(ctx, views, chosen)
    laid = {ObjectId(revision.object_id): RevisionId(revision.id) for revision in chosen}
    manifest = {**plan.manifest, **laid}
    title = plan.title or _title(chosen)
    release = make_release(ctx, base, replace(plan, manifest=manifest, title=title, changed=len(chosen)))
    _close_submissions(ctx, chosen)
    return release


def _check_publishable(base: Base, views: Views, revision: Revision) -> None:
    view = views.get(ObjectId(revision.object_id))
    if view is None or view.pending is not revision or revision.state != RevisionState.APPROVED:
        raise Conflict(N_("「%(title)s」不再是已通过的状态。", title=revision.title), code="not_approved")
    if view.object.taken_down_at is not None:
        raise Refused("taken_down", N_("「%(title)s」已下架，解除下架后才能发布。", title=revision.title), status=409)
    if _feature_of(revision) not in base.held.features:
        raise Refused("blocked", N_("企业当前套餐不含「%(title)s」所属的功能。", title=revision.title), status=409)


def _waits(base: Base, views: Views, revision: Revision) -> bool:
    """Whether an approved revision cannot go on air now and may later."""
    view = views.get(ObjectId(revision.object_id))
    is_down = view is not None and view.object.taken_down_at is not None
    return is_down or _feature_of(revision) not in base.held.features


def _feature_of(revision: Revision) -> Feature:
    return spec_of(Kind(revision.envelope["kind"])).feature


def _put_on_air(ctx: Context, views: Views, chosen: Sequence[Revision]) -> None:
    on_air = [views[ObjectId(revision.object_id)].on_air for revision in chosen]
    _move(ctx, [revision for revision in on_air if revision is not None], Act.SUPERSEDE)
    _move(ctx, chosen, Act.PUBLISH)


def _move(ctx: Context, revisions: Iterable[Revision], act: Act) -> None:
    for revision in revisions:
        revision.state = str(after(RevisionState(revision.state), act))
    # Flushed at once: the database allows one revision on air, so the old one has to leave before the new one comes.
    ctx.session.flush()


def _keep_editable(ctx: Context, revision: Revision) -> None:
    """An object with nothing living left would vanish from its editors' pages: its content becomes a draft again."""
    if not revisions_of(ctx.session, ObjectId(revision.object_id), WORKING):
        revive_as_draft(ctx, revision)


def _tell_of_overtaken(ctx: Context, view: SubmissionView, views: Views) -> None:
    """What was voided or replaced before it went on air stays off, where its object shows something handed in later."""
    for item in filter(_never_went_on_air, view.items):
        found = views.get(ObjectId(item.item.object_id))
        if found is not None and found.on_air is not None and found.on_air.number > item.revision.number:
            _tell_of_skipped(ctx, view, item, found)


def _never_went_on_air(item: ItemView) -> bool:
    """Whether something newer replaced the revision while it waited; what was approved and shown became superseded later."""
    undecided = item.item.decided_at is None
    return item.state is RevisionState.VOIDED or (item.state is RevisionState.SUPERSEDED and undecided)


def _tell_of_skipped(ctx: Context, view: SubmissionView, item: ItemView, found: ObjectView) -> None:
    title = item.revision.title
    record(ctx, Event.OBJECT_SKIPPED, target_of(found), title=title, submission=view.submission.title)
    words = N_("「%(title)s」没有随这次发布播出，因为现在播出的是更晚送审的内容。", title=title)
    tell(ctx, words, key=f"skipped:{item.revision.id}:submitter", user_id=view.submission.submitted_by)
    if item.item.decided_by is not None:
        tell(ctx, words, key=f"skipped:{item.revision.id}:reviewer", user_id=item.item.decided_by)


def _taken_down(ctx: Context) -> frozenset[ObjectId]:
    wanted = select(ContentObject.id).where(ContentObject.taken_down_at.is_not(None))
    return frozenset(ObjectId(one) for one in ctx.session.scalars(wanted))


def _close_submissions(ctx: Context, chosen: Sequence[Revision]) -> None:
    items = items_of_revisions(ctx.session, [revision.id for revision in chosen])
    close_submissions(ctx, [item.submission_id for item in items])


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid({"reason": N_("请写明原因，它会留在记录里。")})


def _title(chosen: Sequence[Revision]) -> Words:
    return title_of_several(chosen[0].title, len(chosen))
