"""Reads of objects and revisions of the session's tenant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.content.models import ContentObject, DraftSitting, Revision, RevisionAuthor
from portal.content.states import PENDING, WORKING, RevisionState
from portal.content.stored import envelope_of
from portal.core.errors import NotFound
from portal.core.ids import ObjectId, RevisionId, is_id
from portal.core.messages import N_, Words
from portal.core.tenancy import unseen_of

# What another transaction changed while this one waited for a lock must not be hidden by what was read before.
FRESH: Mapping[str, Any] = MappingProxyType({"populate_existing": True})

UNSEEN_TITLE = N_("您看不到的内容")

_WORKING = [state.value for state in WORKING]


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
    def is_living(self) -> bool:
        """Whether anything stands for it now; what was shelved in the recycle bin only has a past."""
        return bool(self.draft or self.pending or self.on_air)

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
        return envelope_of(self.newest)

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

    Deleted ones are among them while their deletion is one of these; one query.
    """
    same_object = (ContentObject.tenant_id == Revision.tenant_id) & (ContentObject.id == Revision.object_id)
    living = (
        select(ContentObject, Revision)
        .join(Revision, same_object)
        .where(Revision.state.in_(_WORKING), ContentObject.purged_at.is_(None))
        .order_by(ContentObject.id)
    )
    if kinds is not None:
        living = living.where(ContentObject.kind.in_([kind.value for kind in kinds]))
    found: dict[ContentObject, list[Revision]] = {}
    for row, revision in session.execute(living):
        found.setdefault(row, []).append(revision)
    return {ObjectId(row.id): _view(row, revisions) for row, revisions in found.items()}


def get_object(session: Session, object_id: str, kind: Kind | None = None) -> ObjectView:
    """This function will return one object, living or not yet purged; raises `NotFound`, also for another kind."""
    row = find_row(session, object_id)
    if row is None or row.purged_at is not None or (kind is not None and row.kind != kind):
        raise NotFound
    return _view(row, revisions_of(session, ObjectId(row.id), WORKING))


def lock_objects(session: Session, object_ids: Iterable[str]) -> Mapping[ObjectId, ObjectView]:
    """This function will return the objects by id, read anew, their rows locked until the transaction ends; two queries.

    Those that do not exist are absent. All writers lock in the order of ids, so that two of them never wait for each other.
    """
    wanted = sorted({object_id for object_id in object_ids if is_id(object_id)})
    # Not FOR UPDATE: a row that only refers to an object (a new revision's foreign key) need not wait.
    locked = (
        select(ContentObject)
        .where(ContentObject.id.in_(wanted), ContentObject.purged_at.is_(None))
        .order_by(ContentObject.id)
        .with_for_update(key_share=True)
    )
    rows = session.scalars(locked, execution_options=FRESH).all()
    live = select(Revision).where(Revision.object_id.in_(wanted), Revision.state.in_(_WORKING))
    revisions: dict[str, list[Revision]] = {row.id: [] for row in rows}
    for revision in session.scalars(live, execution_options=FRESH):
        if revision.object_id in revisions:
            revisions[revision.object_id].append(revision)
    return {ObjectId(row.id): _view(row, revisions[row.id]) for row in rows}


def find_row(session: Session, object_id: str) -> ContentObject | None:
    """This function will return the object's row, or None."""
    if not is_id(object_id):
        return None
    return session.scalar(select(ContentObject).where(ContentObject.id == object_id))


def title_for(session: Session, object_id: str, title: Words) -> Words:
    """This function will return an object's title, or where its reader may not see it, words that say no more than that."""
    return UNSEEN_TITLE if object_id in unseen_of(session) else title


def find_title(session: Session, object_id: str) -> Words | None:
    """This function will return the newest title of an object, or None where there is no such object, or its reader may not see it."""
    if object_id in unseen_of(session):
        return None
    wanted = select(Revision.title).where(Revision.object_id == object_id).order_by(Revision.number.desc()).limit(1)
    return session.scalar(wanted) if is_id(object_id) else None


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


def authors_of(session: Session, revisions: Iterable[Revision]) -> Mapping[RevisionId, frozenset[str]]:
    """This function will return, by revision, the ids of everybody who wrote on it or submitted it; one query."""
    authors: dict[RevisionId, set[str | None]] = {
        RevisionId(revision.id): {revision.author_id, revision.submitted_by} for revision in revisions
    }
    wrote = select(RevisionAuthor.revision_id, RevisionAuthor.user_id).where(RevisionAuthor.revision_id.in_(authors))
    for revision_id, user_id in session.execute(wrote):
        authors[RevisionId(revision_id)].add(user_id)
    return {one: frozenset(user for user in found if user is not None) for one, found in authors.items()}


def saved_by(session: Session, revision: Revision) -> str | None:
    """This function will return the id of whoever saved the revision last: the sitting tells while one lasts, else its author."""
    sitting = (
        select(DraftSitting.user_id)
        .where(DraftSitting.object_id == revision.object_id, DraftSitting.sha256 == revision.sha256)
        .order_by(DraftSitting.saved_at.desc())
        .limit(1)
    )
    return session.scalar(sitting) or revision.author_id


def names_of(session: Session, user_ids: Iterable[str | None]) -> Mapping[str, str]:
    """This function will return what people are called, by id."""
    asked = {one for one in user_ids if one is not None}
    if not asked:
        return {}
    wanted = select(User.id, User.display_name).where(User.id.in_(asked))
    return {row.id: row.display_name for row in session.execute(wanted)}


def working_set(session: Session) -> Mapping[ObjectId, Envelope]:
    """This function will return the newest content of every living object that is not deleted."""
    return {object_id: view.envelope for object_id, view in objects(session).items() if not view.envelope.deleted}


def _view(row: ContentObject, revisions: Iterable[Revision]) -> ObjectView:
    by_state = {RevisionState(revision.state): revision for revision in revisions}
    pending = next((by_state[state] for state in PENDING if state in by_state), None)
    return ObjectView(row, by_state.get(RevisionState.DRAFT), pending, by_state.get(RevisionState.PUBLISHED))
