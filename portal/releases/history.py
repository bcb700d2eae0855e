"""The timeline: what each release changed, how it stands now, and what is planned."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.content.kinds import Kind, spec_of
from portal.content.models import ContentObject, Revision
from portal.content.states import RevisionState
from portal.core.context import Actor, Context
from portal.core.ids import GroupId, ObjectId
from portal.core.messages import Words
from portal.releases.comparison import changed_ids
from portal.releases.keeping import is_kept
from portal.releases.models import Release
from portal.releases.queries import manifest_of, newest_first
from portal.releases.states import ReleaseKind, ReleaseState
from portal.review.models import Submission, SubmissionItem
from portal.review.titles import veil_by_level, veil_by_lists, veil_title
from portal.tenants.models import Tenant

LATEST: Final = 12
"""How many of the releases that went on air last stand on the plan."""


@dataclass(frozen=True)
class Entry:
    """A release on the timeline: its word for the pill, how many objects of each kind it changed, the root's document.

    One that is not `kept` may have lost its files, so nothing leads back to it.
    """

    release: Release
    state: str
    on_air: bool
    kept: bool
    changed: Mapping[Kind, int]
    sha256: str


@dataclass(frozen=True)
class Planned:
    """A submission that goes on air at a set time: how much of it is approved, and how much still waits for a decision."""

    submission: Submission
    approved: int
    submitted: int


@dataclass(frozen=True)
class TakenDown:
    """An object that stays off air for cause until that is lifted."""

    object_id: ObjectId
    title: Words
    at: datetime
    reason: str


def entries(session: Session, root: GroupId, *, limit: int, below: int | None = None) -> list[Entry]:
    """This function will return the timeline, newest first, from the release before number `below` on; three queries at most."""
    rows = session.execute(newest_first(limit + 1, below).add_columns(is_kept())).all()
    found = [release for release, _ in rows]
    shown = found[:limit]
    bases = {release.id: release for release in found}
    kinds = _kinds(session)
    newest = shown[0].number if below is None and shown else None
    undone = _undone(shown)
    kept = {release.id for release, is_among in rows if is_among}
    return [
        Entry(
            release,
            _state(release, newest, undone),
            release.number == newest,
            release.id in kept,
            _changed(release, bases.get(release.base_id or ""), kinds),
            release.channels.get(root) or next(iter(release.channels.values()), ""),
        )
        for release in shown
    ]


def planned(ctx: Context) -> list[Planned]:
    """This function will return the tenant's submissions with a set time that still hold something open, the soonest first.

    Whoever may read of releases and not of what comes, as a province may, is told that something does.
    """
    rows = ctx.session.execute(
        select(Submission, Revision.state)
        .join(
            SubmissionItem,
            (SubmissionItem.tenant_id == Submission.tenant_id) & (SubmissionItem.submission_id == Submission.id),
        )
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .where(Submission.publish_at.is_not(None), Revision.state.in_(_OPEN))
        .order_by(Submission.publish_at, Submission.id)
    )
    states: dict[str, Counter[str]] = {}
    found: dict[str, Submission] = {}
    for submission, state in rows:
        found[submission.id] = submission
        states.setdefault(submission.id, Counter())[state] += 1
    if not may(ctx, Permission.CONTENT_VIEW):
        for submission in found.values():
            veil_title(submission)
    return [Planned(one, states[one.id]["approved"], states[one.id]["submitted"]) for one in found.values()]


_OPEN = (RevisionState.APPROVED.value, RevisionState.SUBMITTED.value)


def taken_down(ctx: Context) -> list[TakenDown]:
    """This function will return the tenant's objects that were taken down and not let back, newest first; one query.

    They are called as their editors call them now, but for whoever may not see that: by their kind.
    """
    sees = may(ctx, Permission.CONTENT_VIEW)
    newest = (
        select(Revision.title)
        .where(Revision.tenant_id == ContentObject.tenant_id, Revision.object_id == ContentObject.id)
        .order_by(Revision.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    wanted = select(ContentObject, newest).where(ContentObject.taken_down_at.is_not(None))
    return [
        TakenDown(
            ObjectId(row.id),
            (title or "") if sees else spec_of(row.kind).label,
            row.taken_down_at,
            row.taken_down_reason or "",
        )
        for row, title in ctx.session.execute(wanted.order_by(ContentObject.taken_down_at.desc()))
        if row.taken_down_at is not None
    ]


def approved_everywhere(system: Session, actor: Actor) -> list[tuple[Tenant, Submission, int]]:
    """This function will return what is approved and not on air, over all tenants, by submission, the oldest first; two queries, a few more for
    each tenant that has a list of who may see what.

    Here and below titles are those that `actor` may read. What is or was on air lies below `/pub/` for everybody: no list keeps its releases' titles.
    """
    rows = system.execute(
        select(Tenant, Submission, Revision.id)
        .join(Submission, Submission.tenant_id == Tenant.id)
        .join(
            SubmissionItem,
            (SubmissionItem.tenant_id == Submission.tenant_id) & (SubmissionItem.submission_id == Submission.id),
        )
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .where(Revision.state == RevisionState.APPROVED.value)
        .order_by(Submission.submitted_at, Submission.id)
    )
    found: dict[str, tuple[Tenant, Submission, int]] = {}
    for tenant, submission, _revision_id in rows:
        found[submission.id] = (tenant, submission, found.get(submission.id, (tenant, submission, 0))[2] + 1)
    waiting = [(tenant, submission) for tenant, submission, _count in found.values()]
    veil_by_lists(system, actor, waiting)
    veil_by_level(actor, waiting)
    return list(found.values())


def running_everywhere(system: Session, actor: Actor) -> list[tuple[Tenant, Release]]:
    """This function will return the releases that are being written or could not be, over all tenants; one query."""
    rows = system.execute(
        select(Tenant, Release)
        .join(Release, Release.tenant_id == Tenant.id)
        .where(Release.state == ReleaseState.PUBLISHING.value)
        .order_by(Release.created_at)
    )
    found = [(tenant, release) for tenant, release in rows]
    veil_by_level(actor, found)
    return found


def latest_everywhere(system: Session, actor: Actor) -> list[tuple[Tenant, Release, int | None]]:
    """This function will return the newest release of each tenant, the last published first, with the number of the one before it.

    One query. What went on air long ago is found on its own timeline.
    """
    newer, base = aliased(Release), aliased(Release)
    overtaken = exists().where(newer.tenant_id == Release.tenant_id, newer.number > Release.number)
    rows = system.execute(
        select(Tenant, Release, base.number)
        .join(Release, Release.tenant_id == Tenant.id)
        .outerjoin(base, (base.tenant_id == Release.tenant_id) & (base.id == Release.base_id))
        .where(Release.state == ReleaseState.PUBLISHED.value, ~overtaken)
        .order_by(Release.created_at.desc())
        .limit(LATEST)
    )
    found: list[tuple[Tenant, Release, int | None]] = [(tenant, release, before) for tenant, release, before in rows]
    veil_by_level(actor, ((tenant, release) for tenant, release, _before in found))
    return found


def _kinds(session: Session) -> Mapping[str, Kind]:
    return {object_id: Kind(kind) for object_id, kind in session.execute(select(ContentObject.id, ContentObject.kind))}


def _changed(release: Release, base: Release | None, kinds: Mapping[str, Kind]) -> Mapping[Kind, int]:
    counted = Counter(kinds[one] for one in changed_ids(manifest_of(base), manifest_of(release)) if one in kinds)
    return {kind: counted[kind] for kind in Kind if counted[kind]}


def _undone(releases: Sequence[Release]) -> frozenset[int]:
    """The numbers that a later roll-back passed over."""
    return frozenset(
        number
        for release in releases
        if release.rolled_back_to is not None
        for number in range(release.rolled_back_to + 1, release.number)
    )


def _state(release: Release, newest: int | None, undone: frozenset[int]) -> str:
    if release.state == ReleaseState.PUBLISHING:
        return "publishing"
    if release.number == newest:
        return "published"
    return "rolled_back" if release.number in undone else "superseded"


def is_stuck(release: Release) -> bool:
    """This function will tell whether writing the release failed at least once and is still to be done."""
    return release.state == ReleaseState.PUBLISHING and release.error is not None


def kind_of(release: Release) -> ReleaseKind:
    """This function will return why the release was made."""
    return ReleaseKind(release.kind)
