"""The list of what a tenant handed in: a line needs no content, so none is read."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from portal.content.kinds import Kind, spec_of
from portal.content.models import ContentObject, Revision
from portal.content.states import PENDING, RevisionState
from portal.core.ids import SubmissionId
from portal.review.models import Submission, SubmissionItem
from portal.review.states import word_for

SORTS = ("submitted", "title")


@dataclass(frozen=True)
class Line:
    """A submission as the list shows it: of which kind its objects are and where each of them stands."""

    submission: Submission
    items: tuple[tuple[Kind, RevisionState], ...]

    @property
    def id(self) -> SubmissionId:
        """The submission's id."""
        return SubmissionId(self.submission.id)

    @property
    def state(self) -> str:
        """The one word for all of it, as the pills know it."""
        return word_for((state for _kind, state in self.items), self.submission.publish_at)

    @property
    def kinds(self) -> Mapping[Kind, int]:
        """How many objects of each kind it holds, in the order they were handed in."""
        return Counter(kind for kind, _state in self.items)

    def is_blocked(self, features: Collection[str]) -> bool:
        """This function will tell whether something of it waits because the package does not hold its feature now."""
        return any(state in PENDING and spec_of(kind).feature not in features for kind, state in self.items)


def submissions(
    state: RevisionState | None = None, text: str = "", veiled: Collection[str] = frozenset()
) -> Select[Any]:
    """This function will return the statement for the tenant's submissions that hold something in `state`, titles with `text`.

    `veiled` are those whose titles the reader may not see, so that no word of theirs finds them.
    """
    wanted = select(Submission)
    if text:
        wanted = wanted.where(
            Submission.id.not_in(veiled),
            or_(
                Submission.title.icontains(text, autoescape=True),
                Submission.pinyin.contains(text.lower(), autoescape=True),
            ),
        )
    holding = select(Revision.submission_id).where(Revision.state == state)
    return wanted if state is None else wanted.where(Submission.id.in_(holding))


def sorts(veiled: Collection[str]) -> Mapping[str, Any]:
    """This function will return the columns by which the list is sorted; titles in `veiled` stand where none would, and so tell no order."""
    title = case((Submission.id.in_(veiled), ""), else_=Submission.title) if veiled else Submission.title
    return {"submitted": Submission.submitted_at, "title": title}


def lines_of(session: Session, rows: Sequence[Submission]) -> list[Line]:
    """This function will return a line for each submission, in the same order; one query."""
    found: dict[str, list[tuple[Kind, RevisionState]]] = {row.id: [] for row in rows}
    wanted = (
        select(SubmissionItem.submission_id, ContentObject.kind, Revision.state)
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .join(
            ContentObject,
            (ContentObject.tenant_id == SubmissionItem.tenant_id) & (ContentObject.id == SubmissionItem.object_id),
        )
        .where(SubmissionItem.submission_id.in_(list(found)))
        .order_by(SubmissionItem.position)
    )
    for submission_id, kind, state in session.execute(wanted):
        found[submission_id].append((Kind(kind), RevisionState(state)))
    return [Line(row, tuple(found[row.id])) for row in rows]


def counts_by_state(session: Session) -> Mapping[RevisionState, int]:
    """This function will return, by state, how many submissions of the tenant hold something in it; one query."""
    counted = select(Revision.state, func.count(Revision.submission_id.distinct())).group_by(Revision.state)
    return {RevisionState(state): count for state, count in session.execute(counted)}
