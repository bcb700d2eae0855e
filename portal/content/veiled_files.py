"""The files of the library that somebody may not see: those of content that is hidden from the person, which nothing else shows."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.models import Revision
from portal.content.stored import stored_envelope
from portal.content.usage import uses_of_files
from portal.core.ids import UserId
from portal.media.models import AppFile, MediaAsset


def veiled_files(session: Session, hidden: frozenset[str], reader: UserId | None) -> frozenset[str]:
    """This function will return the ids of the files that only objects of `hidden` ever showed, with every hash under which they are served.

    What the reader has brought is no secret to the reader, nor is what nothing shows yet.
    """
    of_hidden = select(Revision.sha256, Revision.envelope).where(Revision.object_id.in_(hidden))
    shown = {each for sha256, stored in session.execute(of_hidden) for each in stored_envelope(sha256, stored).assets}
    if not shown:
        return frozenset()
    elsewhere = {use.sha256 for use in uses_of_files(session, sorted(shown)) if use.object_id not in hidden}
    alone = sorted(shown - elsewhere)
    rows = [
        *session.scalars(select(MediaAsset).where(MediaAsset.sha256.in_(alone))),
        *session.scalars(select(AppFile).where(AppFile.sha256.in_(alone))),
    ]
    return frozenset(name for row in rows if row.uploaded_by != reader for name in _names(row))


def _names(row: MediaAsset | AppFile) -> Iterator[str]:
    yield row.id
    yield row.sha256
    if isinstance(row, AppFile):
        return
    for rendition in (*row.variants, *([row.poster] if row.poster else ())):
        yield rendition["sha256"]
