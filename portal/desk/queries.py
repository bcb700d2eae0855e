"""What waits at the desk, over all tenants, for one person. Every `system` is a session over all tenants."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.content.kinds import KINDS, Kind
from portal.content.models import ContentObject, Revision
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.context import Actor
from portal.core.ids import TenantId
from portal.desk.narrowing import Narrowing, narrowing
from portal.orders.queries import entitlements
from portal.review.models import SubmissionItem
from portal.review.queries import QueueEntry, queue
from portal.review.titles import veil_by_level, veil_title

Load = Mapping[Kind, int]


@dataclass(frozen=True)
class Waiting:
    """A line of the queue: the submission, how many objects of each kind wait in it, whether the package holds them back."""

    entry: QueueEntry
    load: Load
    blocked: bool

    @property
    def id(self) -> str:
        """The submission's id."""
        return self.entry.submission.id


@dataclass(frozen=True)
class Backlog:
    """How many submissions wait, and since when the oldest of them."""

    count: int
    since: datetime | None


def waiting(system: Session, actor: Actor) -> list[Waiting]:
    """This function will return the actor's queue: urgent ones first, then the oldest; those that the package holds back come last.

    What access lists keep from the actor is left out of it. The number of queries does not depend on the length.
    """
    found = entries(system, actor)
    held = entitlements(system, sorted({TenantId(entry.tenant.id) for entry, _load in found}), clock.now())
    lines = [Waiting(entry, load, _is_blocked(load, held[TenantId(entry.tenant.id)].features)) for entry, load in found]
    return sorted(lines, key=lambda line: line.blocked)


def entries(system: Session, actor: Actor) -> list[tuple[QueueEntry, Load]]:
    """This function will return what waits for the actor and how much of each kind; three queries, and those of `narrowing`."""
    found = queue(system)
    loads, partly = _loads(system, found, narrowing(system, actor))
    admitted = [(entry, loads[entry.submission.id]) for entry in found]
    for entry in found:
        if entry.submission.id in partly:
            veil_title(entry.submission)
    veil_by_level(actor, ((entry.tenant, entry.submission) for entry in found))
    return [(replace(entry, waiting=sum(load.values())), load) for entry, load in admitted if load]


def backlog(system: Session, actor: Actor) -> Backlog:
    """This function will count what waits for the actor, however much; two queries, and those of `narrowing`."""
    held = narrowing(system, actor)
    waits = Revision.state == RevisionState.SUBMITTED.value
    free = select(Revision.tenant_id, Revision.submission_id, Revision.submitted_at)
    whole = free.where(waits, Revision.tenant_id.not_in(held.tenants)).distinct().subquery()
    count, since = system.execute(
        select(func.count(whole.c.submission_id.distinct()), func.min(whole.c.submitted_at))
    ).one()
    if not held.objects:
        return Backlog(count, since)
    rows = system.execute(
        free.add_columns(Revision.object_id).where(waits, Revision.tenant_id.in_(list(held.objects)))
    ).all()
    seen = [row for row in rows if held.admits(row.tenant_id, row.object_id)]
    moments = [at for at in (since, *(row.submitted_at for row in seen)) if at is not None]
    return Backlog(count + len({row.submission_id for row in seen}), min(moments, default=None))


def decided_today(system: Session) -> list[tuple[str, str, int]]:
    """This function will return who decided how many objects since midnight in Asia/Shanghai, the most first: id, name, number."""
    since = clock.start_of(clock.today())
    rows = system.execute(
        select(User.id, User.display_name, func.count(SubmissionItem.id))
        .join(User, User.id == SubmissionItem.decided_by)
        .where(SubmissionItem.decided_at >= since)
        .group_by(User.id, User.display_name)
        .order_by(func.count(SubmissionItem.id).desc(), User.display_name)
    )
    return [(user_id, name, count) for user_id, name, count in rows]


def _loads(
    system: Session, entries: Sequence[QueueEntry], held: Narrowing
) -> tuple[Mapping[str, Load], AbstractSet[str]]:
    """What waits of each submission for the actor, and of which something is held back."""
    partly = set()
    counted: dict[str, Counter[Kind]] = {entry.submission.id: Counter() for entry in entries}
    rows = system.execute(
        select(SubmissionItem.tenant_id, SubmissionItem.submission_id, ContentObject.id, ContentObject.kind)
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .join(
            ContentObject,
            (ContentObject.tenant_id == SubmissionItem.tenant_id) & (ContentObject.id == SubmissionItem.object_id),
        )
        .where(SubmissionItem.submission_id.in_(counted), Revision.state == RevisionState.SUBMITTED.value)
        .order_by(SubmissionItem.position)
    )
    for tenant_id, submission_id, object_id, kind in rows:
        if held.admits(tenant_id, object_id):
            counted[submission_id][Kind(kind)] += 1
        else:
            partly.add(submission_id)
    return counted, partly


def _is_blocked(load: Load, features: frozenset[str]) -> bool:
    return all(KINDS[kind].feature not in features for kind in load)
