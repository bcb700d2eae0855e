"""Reads of submissions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.content.envelope import Envelope
from portal.content.models import Revision
from portal.content.queries import FRESH
from portal.content.states import PENDING, RevisionState
from portal.content.stored import envelope_of
from portal.core.errors import NotFound
from portal.core.ids import ObjectId, RevisionId, SubmissionId, TenantId, is_id
from portal.core.messages import Words
from portal.review.models import Submission, SubmissionItem
from portal.review.states import word_for
from portal.tenants.models import Tenant


@dataclass(frozen=True)
class ItemView:
    """One object of a submission: the revision handed in and the one on air when it was handed in."""

    item: SubmissionItem
    revision: Revision
    before: Revision | None

    @property
    def state(self) -> RevisionState:
        """Where the revision stands."""
        return RevisionState(self.revision.state)

    @property
    def envelope(self) -> Envelope:
        """The content handed in."""
        return envelope_of(self.revision)

    @property
    def before_envelope(self) -> Envelope | None:
        """The content that was on air when it was handed in; None for what was new."""
        return envelope_of(self.before) if self.before else None

    def is_blocked(self, features: Collection[str]) -> bool:
        """This function will tell whether the item waits because the package does not hold its feature now."""
        waits = self.state in {RevisionState.SUBMITTED, RevisionState.APPROVED}
        return waits and self.envelope.spec.feature not in features


@dataclass(frozen=True)
class SubmissionView:
    """A submission with its items, in the order they were handed in."""

    submission: Submission
    items: tuple[ItemView, ...]

    @property
    def id(self) -> SubmissionId:
        """The submission's id."""
        return SubmissionId(self.submission.id)

    @property
    def state(self) -> str:
        """The one word for all of it, as the pills know it."""
        return word_for((item.state for item in self.items), self.submission.publish_at)

    def of_state(self, *states: RevisionState) -> tuple[ItemView, ...]:
        """This function will return the items whose revision stands in one of `states`."""
        return tuple(item for item in self.items if item.state in states)


@dataclass(frozen=True)
class QueueEntry:
    """A line of the review queue."""

    tenant: Tenant
    submission: Submission
    submitter: str
    waiting: int
    total: int


def get_submission(session: Session, submission_id: str) -> SubmissionView:
    """This function will return a submission of the session's tenant with its items; raises `NotFound`."""
    return views_of(session, [get_submission_row(session, submission_id)])[0]


def get_submission_row(session: Session, submission_id: str) -> Submission:
    """This function will return a submission of the session's tenant without its items; raises `NotFound`."""
    found = None
    if is_id(submission_id):
        found = session.scalar(select(Submission).where(Submission.id == submission_id))
    if found is None:
        raise NotFound
    return found


def views_of(session: Session, submissions: Sequence[Submission]) -> list[SubmissionView]:
    """This function will return the submissions with their items, in the same order; two queries."""
    ids = [submission.id for submission in submissions]
    items = session.scalars(
        select(SubmissionItem).where(SubmissionItem.submission_id.in_(ids)).order_by(SubmissionItem.position),
        execution_options=FRESH,
    ).all()
    wanted = {item.revision_id for item in items} | {item.before_id for item in items if item.before_id}
    chosen = select(Revision).where(Revision.id.in_(wanted))
    revisions = {row.id: row for row in session.scalars(chosen, execution_options=FRESH)}
    grouped: dict[str, list[ItemView]] = {submission_id: [] for submission_id in ids}
    for item in items:
        before = revisions.get(item.before_id) if item.before_id else None
        if item.revision_id in revisions:  # what the reader may not see is not among them
            grouped[item.submission_id].append(ItemView(item, revisions[item.revision_id], before))
    return [SubmissionView(submission, tuple(grouped[submission.id])) for submission in submissions]


def items_of_revisions(session: Session, revision_ids: Iterable[str]) -> list[SubmissionItem]:
    """This function will return the items by which revisions were handed in; one query."""
    wanted = select(SubmissionItem).where(SubmissionItem.revision_id.in_(list(revision_ids)))
    return list(session.scalars(wanted))


def waiting_submissions(session: Session, submission_ids: Iterable[str]) -> frozenset[str]:
    """This function will return those of the submissions of which something waits to be decided or published; one query."""
    waiting = select(Revision.submission_id).where(
        Revision.submission_id.in_(list(submission_ids)), Revision.state.in_([state.value for state in PENDING])
    )
    return frozenset(session.scalars(waiting))


def open_submissions_of(session: Session, object_ids: Iterable[ObjectId]) -> Mapping[ObjectId, Submission]:
    """This function will return, by object, the submission under which its pending revision waits."""
    rows = session.execute(
        select(SubmissionItem.object_id, Submission)
        .join(
            Submission,
            (Submission.tenant_id == SubmissionItem.tenant_id) & (Submission.id == SubmissionItem.submission_id),
        )
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .where(SubmissionItem.object_id.in_(list(object_ids)), Revision.state.in_(["submitted", "approved"]))
    )
    return {ObjectId(object_id): submission for object_id, submission in rows}


def queue(system: Session, *, limit: int = 200) -> list[QueueEntry]:
    """This function will return the submissions that wait for a decision, urgent ones first, then the oldest.

    `system` is a session over all tenants; one query.
    """
    waiting = func.count(SubmissionItem.id)
    counts = (
        select(SubmissionItem.tenant_id, SubmissionItem.submission_id, waiting.label("waiting"))
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .where(Revision.state == RevisionState.SUBMITTED.value)
        .group_by(SubmissionItem.tenant_id, SubmissionItem.submission_id)
        .subquery()
    )
    total = (
        select(func.count(SubmissionItem.id))
        .where(SubmissionItem.tenant_id == Submission.tenant_id, SubmissionItem.submission_id == Submission.id)
        .scalar_subquery()
    )
    rows = system.execute(
        select(Tenant, Submission, User.display_name, counts.c.waiting, total)
        .join(counts, (counts.c.tenant_id == Submission.tenant_id) & (counts.c.submission_id == Submission.id))
        .join(Tenant, Tenant.id == Submission.tenant_id)
        .outerjoin(User, User.id == Submission.submitted_by)
        .order_by(Submission.urgent.desc(), Submission.submitted_at, Submission.id)
        .limit(limit)
    )
    return [QueueEntry(tenant, submission, name or "", count, of) for tenant, submission, name, count, of in rows]


def approved_revisions(session: Session) -> list[tuple[Submission, Revision]]:
    """This function will return the tenant's approved revisions that are not on air, with their submissions, oldest first."""
    rows = session.execute(
        select(Submission, Revision)
        .join(
            SubmissionItem,
            (SubmissionItem.tenant_id == Submission.tenant_id) & (SubmissionItem.submission_id == Submission.id),
        )
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .where(Revision.state == RevisionState.APPROVED.value)
        .order_by(Submission.submitted_at, SubmissionItem.position)
    )
    return [(submission, revision) for submission, revision in rows]


def due_submissions(system: Session, at: datetime) -> list[tuple[TenantId, SubmissionId]]:
    """This function will return the submissions, over all tenants, whose set time has come and that hold something approved."""
    rows = system.execute(
        select(Submission.tenant_id, Submission.id)
        .join(
            SubmissionItem,
            (SubmissionItem.tenant_id == Submission.tenant_id) & (SubmissionItem.submission_id == Submission.id),
        )
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .where(Submission.publish_at <= at, Revision.state == RevisionState.APPROVED.value)
        .distinct()
    )
    return [(TenantId(tenant_id), SubmissionId(submission_id)) for tenant_id, submission_id in rows]


def object_titles(session: Session, object_ids: Iterable[str]) -> Mapping[str, Words]:
    """This function will return what objects are called by their newest revisions, by id; one query."""
    asked = list(object_ids)
    if not asked:
        return {}
    wanted = select(Revision.object_id, Revision.title).where(Revision.object_id.in_(asked))
    return dict(session.execute(wanted.order_by(Revision.number)).all())


def display_names(session: Session, user_ids: Iterable[str | None]) -> Mapping[str, str]:
    """This function will return what people are called, by id; one query."""
    wanted = {user_id for user_id in user_ids if user_id}
    rows = session.execute(select(User.id, User.display_name).where(User.id.in_(wanted)))
    return dict(rows.all())


def revision_ids(view: SubmissionView) -> tuple[RevisionId, ...]:
    """This function will return the ids of a submission's revisions."""
    return tuple(RevisionId(item.revision.id) for item in view.items)
