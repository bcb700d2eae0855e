"""What waits at the desk, over all tenants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.content.kinds import KINDS, Kind
from portal.content.models import ContentObject, Revision
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.ids import TenantId, UserId
from portal.orders.queries import entitlements
from portal.review.models import SubmissionItem
from portal.review.queries import QueueEntry, queue

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


def waiting(system: Session) -> list[Waiting]:
    """This function will return the queue: urgent ones first, then the oldest; those that the package holds back come last.

    `system` is a session over all tenants; the number of queries does not depend on the length.
    """
    entries = queue(system)
    loads = _loads(system, entries)
    held = entitlements(system, sorted({TenantId(entry.tenant.id) for entry in entries}), clock.now())
    lines = [
        Waiting(
            entry,
            loads[entry.submission.id],
            _is_blocked(loads[entry.submission.id], held[TenantId(entry.tenant.id)].features),
        )
        for entry in entries
    ]
    return sorted(lines, key=lambda line: line.blocked)


def decided_today(system: Session, user_id: UserId | None) -> int:
    """This function will return how many objects the person decided since midnight in Asia/Shanghai."""
    since = clock.start_of(clock.today())
    wanted = select(func.count(SubmissionItem.id)).where(
        SubmissionItem.decided_by == user_id, SubmissionItem.decided_at >= since
    )
    return system.scalar(wanted) or 0


def _loads(system: Session, entries: Sequence[QueueEntry]) -> Mapping[str, Load]:
    counted: dict[str, dict[Kind, int]] = {entry.submission.id: {} for entry in entries}
    rows = system.execute(
        select(SubmissionItem.submission_id, ContentObject.kind, func.count(SubmissionItem.id))
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .join(
            ContentObject,
            (ContentObject.tenant_id == SubmissionItem.tenant_id) & (ContentObject.id == SubmissionItem.object_id),
        )
        .where(SubmissionItem.submission_id.in_(counted), Revision.state == RevisionState.SUBMITTED.value)
        .group_by(SubmissionItem.submission_id, ContentObject.kind)
    )
    for submission_id, kind, count in rows:
        counted[submission_id][Kind(kind)] = count
    return counted


def _is_blocked(load: Load, features: frozenset[str]) -> bool:
    return all(KINDS[kind].feature not in features for kind in load)
