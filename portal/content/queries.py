"""Reads of objects and revisions of the session's tenant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.envelope import Envelope, read_envelope
from portal.content.kinds import Kind
from portal.content.models import ContentObject, Revision, RevisionAuthor
from portal.content.states import PENDING, WORKING, RevisionState
from portal.core.errors import NotFound
from portal.core.ids import ObjectId, RevisionId, is_id


@dataclass(frozen=True)
class ObjectView:
    """An object with what stands for it now: draft, revision under way (submitted or approved), revision on air."""

    object: ContentObject
    draft: Revision | None
    pending: Revision | None
    on_air: Revision | None

    @property
    def id(self) -> ObjectId:
        """The object's id."""
        return ObjectId(self.object.id)

    @property
    def newest(self) -> Revision:
        """The revision that the next edit starts from: draft before pending before on air."""
        found = self.draft or self.pending or self.on_air
        if found is None:
            raise NotFound
        return found

    @cached_property
    def envelope(self) -> Envelope:
        """The newest content."""
        return read_envelope(self.newest.envelope)

    @property
    def state(self) -> RevisionState:
        """The state of the newest revision."""
        return RevisionState(self.newest.state)

    @property
    def is_changed(self) -> bool:
        """Whether something is under way that is not on air."""
        return self.draft is not None or self.pending is not None


def objects(session: Session, kinds: Iterable[Kind] | None = None) -> Mapping[ObjectId, ObjectView]:
    """This function will return the tenant's living objects, oldest first: those with a draft, something under way or on air.

    Deleted ones are among them while their deletion is one of these; two queries.
    """
    wanted = select(ContentObject).where(ContentObject.purged_at.is_(None)).order_by(ContentObject.id)
    live = select(Revision).where(Revision.state.in_([state.value for state in WORKING]))
    if kinds is not None:
        named = [kind.value for kind in kinds]
        wanted = wanted.where(ContentObject.kind.in_(named))
        ids = select(ContentObject.id).where(ContentObject.kind.in_(named))
        live = live.where(Revision.object_id.in_(ids))
    revisions: dict[str, list[Revision]] = {}
    for revision in session.scalars(live):
        revisions.setdefault(revision.object_id, []).append(revision)
    return {ObjectId(row.id): _view(row, revisions[row.id]) for row in session.scalars(wanted) if row.id in revisions}


def get_object(session: Session, object_id: str, kind: Kind | None = None) -> ObjectView:
    """This function will return one object, living or not yet purged; raises `NotFound`, also for another kind."""
    row = find_row(session, object_id)
    if row is None or row.purged_at is not None or (kind is not None and row.kind != kind):
        raise NotFound
    return _view(row, revisions_of(session, ObjectId(row.id), WORKING))


def find_row(session: Session, object_id: str) -> ContentObject | None:
    """This function will return the object's row, or None."""
    if not is_id(object_id):
        return None
    return session.scalar(select(ContentObject).where(ContentObject.id == object_id))


def revisions_of(
    session: Session, object_id: ObjectId, states: Iterable[RevisionState] = tuple(RevisionState)
) -> list[Revision]:
    """This function will return the object's revisions in `states`, newest first."""
    named = [state.value for state in states]
    chosen = select(Revision).where(Revision.object_id == object_id, Revision.state.in_(named))
    return list(session.scalars(chosen.order_by(Revision.number.desc())))


def get_revision(session: Session, revision_id: str) -> Revision:
    """This function will return a revision; raises `NotFound`."""
    found = session.scalar(select(Revision).where(Revision.id == revision_id)) if is_id(revision_id) else None
    if found is None:
        raise NotFound
    return found


def get_revisions(session: Session, revision_ids: Iterable[str]) -> Mapping[RevisionId, Revision]:
    """This function will return the revisions with these ids, by id; those that do not exist are absent."""
    wanted = select(Revision).where(Revision.id.in_(list(revision_ids)))
    return {RevisionId(revision.id): revision for revision in session.scalars(wanted)}


def authors_of(session: Session, revision_id: str) -> frozenset[str]:
    """This function will return the ids of everybody who wrote on or submitted the revision."""
    wrote = set(session.scalars(select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id == revision_id)))
    revision = get_revision(session, revision_id)
    return frozenset(user for user in (*wrote, revision.author_id, revision.submitted_by) if user is not None)


def working_set(session: Session) -> Mapping[ObjectId, Envelope]:
    """This function will return the newest content of every living object that is not deleted."""
    return {object_id: view.envelope for object_id, view in objects(session).items() if not view.envelope.deleted}


def used_assets(session: Session) -> Mapping[str, frozenset[str]]:
    """This function will return, by SHA-256, the ids of objects whose draft, revision under way or on air shows the file."""
    used: dict[str, set[str]] = {}
    for object_id, view in objects(session).items():
        for revision in (view.draft, view.pending, view.on_air):
            for sha256 in read_envelope(revision.envelope).assets if revision else ():
                used.setdefault(sha256, set()).add(object_id)
    return {sha256: frozenset(ids) for sha256, ids in used.items()}


def _view(row: ContentObject, revisions: Iterable[Revision]) -> ObjectView:
    by_state = {RevisionState(revision.state): revision for revision in revisions}
    pending = next((by_state[state] for state in PENDING if state in by_state), None)
    return ObjectView(row, by_state.get(RevisionState.DRAFT), pending, by_state.get(RevisionState.PUBLISHED))
