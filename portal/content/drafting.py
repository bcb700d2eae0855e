"""The rows of drafts: writing one, putting it into the recycle bin, and who wrote it. Nobody is asked here and nothing recorded."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.content.envelope import Envelope
from portal.content.models import ContentObject, Revision, RevisionAuthor
from portal.content.queries import ObjectView, authors_of
from portal.content.states import Act, RevisionState, after
from portal.content.stored import envelope_of
from portal.core import clock
from portal.core.ids import RevisionId, new_id
from portal.core.messages import Message, Words
from portal.core.pinyin import pinyin_of

SOUGHT_CHARACTERS = 1200


def stored_title(envelope: Envelope) -> Words:
    """This function will return the words by which lists and the log know a revision, at most 400 characters of them."""
    title = envelope.title
    return title if isinstance(title, Message) else title[:400]


def shelve(draft: Revision) -> None:
    """This function will put what nobody else ever saw into the recycle bin, from where it can come back as a draft."""
    draft.state = str(after(RevisionState(draft.state), Act.SHELVE))
    fill(draft, replace(envelope_of(draft), deleted=True))


def add_draft(session: Session, view: ObjectView, envelope: Envelope, author_id: str | None) -> Revision:
    """This function will give the object a draft with the next number."""
    newest = session.scalar(select(func.max(Revision.number)).where(Revision.object_id == view.object.id)) or 0
    at = clock.now()
    draft = Revision(
        id=new_id(),
        object_id=view.object.id,
        number=newest + 1,
        state=RevisionState.DRAFT.value,
        author_id=author_id,
        created_at=at,
    )
    fill(draft, envelope)
    session.add(draft)
    touch(view.object)
    session.flush()
    return draft


def fill(draft: Revision, envelope: Envelope) -> None:
    """This function will make a draft hold this content."""
    draft.envelope, draft.deleted = envelope.to_json(), envelope.deleted
    draft.sha256 = envelope.sha256
    draft.title = stored_title(envelope)
    draft.sought = f"{draft.title} {pinyin_of(str(draft.title))}".lower()[:SOUGHT_CHARACTERS]
    draft.saved_at = clock.now()


def note_authors(session: Session, draft_id: RevisionId, users: Iterable[str]) -> None:
    """This function will note who wrote a draft, each person once."""
    noted = select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id == draft_id)
    new = set(users) - set(session.scalars(noted))
    session.add_all(RevisionAuthor(revision_id=draft_id, user_id=user_id) for user_id in sorted(new))


def inherit_authors(session: Session, draft_id: RevisionId, revision: Revision) -> None:
    """This function will note a revision's authors as those of a draft that was made from it."""
    note_authors(session, draft_id, authors_of(session, [revision])[RevisionId(revision.id)])


def touch(row: ContentObject) -> None:
    """This function will give the object its next version."""
    row.edited_at = clock.now()
