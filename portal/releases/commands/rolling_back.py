"""Putting an older release on air again."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.models import ContentObject
from portal.content.queries import get_revisions, lock_objects
from portal.content.states import Act, RevisionState
from portal.core.canonical import canonical_sha256
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import ObjectId, RevisionId
from portal.core.messages import N_
from portal.releases.approved import check_release
from portal.releases.commands.moving import check_reason, keep_editable, move
from portal.releases.keeping import get_kept_release
from portal.releases.making import Plan, lock_base, make_release
from portal.releases.models import Release
from portal.releases.queries import manifest_of
from portal.releases.states import ReleaseKind


@dataclass(frozen=True)
class RollBack:
    """What a roll-back would do: the manifest it leads to, and what it puts on and takes off air.

    `kept` are objects that stay as they are now because their revision in the older release may not come back.
    """

    manifest: Mapping[ObjectId, RevisionId]
    returning: tuple[RevisionId, ...]
    leaving: tuple[RevisionId, ...]
    kept: tuple[ObjectId, ...]


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
    check_reason(reason)
    base = lock_base(ctx)
    target = get_kept_release(ctx.session, to_number)
    check_release(ctx.session, target)
    plan = plan_roll_back(ctx, base.manifest, target)
    if not plan.returning and not plan.leaving:
        raise Refused("nothing_to_roll_back", N_("这个版本与现在播出的内容相同。"), status=409)
    revisions = get_revisions(ctx.session, [*plan.returning, *plan.leaving])
    lock_objects(ctx.session, [revision.object_id for revision in revisions.values()])
    move(ctx, [revisions[one] for one in plan.leaving], Act.ROLL_BACK)
    move(ctx, [revisions[one] for one in plan.returning], Act.REPUBLISH)
    for revision_id in plan.leaving:
        keep_editable(ctx, revisions[revision_id])
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


def _taken_down(ctx: Context) -> frozenset[ObjectId]:
    wanted = select(ContentObject.id).where(ContentObject.taken_down_at.is_not(None))
    return frozenset(ObjectId(one) for one in ctx.session.scalars(wanted))
