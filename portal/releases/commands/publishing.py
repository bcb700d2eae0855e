"""Putting approved content on air."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import record
from portal.catalog.features import Feature
from portal.content.commands import target_of
from portal.content.kinds import Kind, spec_of
from portal.content.models import Revision
from portal.content.protecting import ask_about
from portal.content.queries import ObjectView, get_revisions, lock_objects
from portal.content.states import Act, RevisionState
from portal.content.stored import envelope_of
from portal.core.context import Context
from portal.core.errors import Conflict, NotFound, Refused
from portal.core.ids import ObjectId, RevisionId
from portal.core.messages import N_, Message, Words
from portal.notify.commands import tell
from portal.releases.commands.moving import move
from portal.releases.making import Base, Plan, lock_base, make_release
from portal.releases.models import Release
from portal.releases.states import ReleaseKind
from portal.review.commands import close_submissions
from portal.review.queries import ItemView, SubmissionView, get_submission, items_of_revisions
from portal.review.titles import named_to_all, title_of_several, words_where_whole

Views = Mapping[ObjectId, ObjectView]


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
    plan = Plan(kind, base.manifest, *words_where_whole(view, {revision.id for revision in ready}))
    # With nothing ready, all is named, so that the refusal says what it waits for.
    release = _publish(ctx, base, views, ready or approved, plan)
    _tell_of_overtaken(ctx, view, views)
    return release


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
    title = plan.title or title_of_several(chosen[0].title, len(chosen))
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
    move(ctx, [revision for revision in on_air if revision is not None], Act.SUPERSEDE)
    move(ctx, chosen, Act.PUBLISH)


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
    tell(ctx, _skipped(title), key=f"skipped:{item.revision.id}:submitter", user_id=view.submission.submitted_by)
    if item.item.decided_by is not None:
        words = _skipped(named_to_all(ctx, title))  # read outside of the enterprise, by whoever has shown it less
        tell(ctx, words, key=f"skipped:{item.revision.id}:reviewer", user_id=item.item.decided_by)


def _skipped(title: Words) -> Message:
    return N_("「%(title)s」没有随这次发布播出，因为现在播出的是更晚送审的内容。", title=title)


def _close_submissions(ctx: Context, chosen: Sequence[Revision]) -> None:
    items = items_of_revisions(ctx.session, [revision.id for revision in chosen])
    close_submissions(ctx, [item.submission_id for item in items])
