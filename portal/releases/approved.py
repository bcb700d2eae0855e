"""What goes on air is what somebody approved, byte for byte: the log says so, and whoever can write the database alone cannot write that.

A release's own record is stamped over its manifest and over the content of everything in it. What the next release leaves on air is held
against that one record, whatever its number; what it adds, and what that record does not vouch for, against the approval of each.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.audit.pending import DONE
from portal.audit.proofs import columns_of, public_keys
from portal.audit.verify.chunks import is_stamped
from portal.content.models import Revision
from portal.content.queries import get_revisions
from portal.content.stored import read_again
from portal.core import unit_of_work
from portal.core.canonical import canonical_sha256
from portal.core.errors import ContentAltered
from portal.core.ids import ObjectId
from portal.releases.models import Release
from portal.releases.queries import Manifest, manifest_of

Contents = Mapping[ObjectId, str]
"""The SHA-256 of the content of objects."""


def check_manifest(session: Session, base: Release | None, manifest: Manifest, contents: Contents) -> None:
    """This function will raise `ContentAltered` where a manifest to be laid over `base` holds what was not approved as it stands.

    `contents` are those of what is compiled. An approval is a stamped record over the content's hash, or one that this very transaction
    is about to write.
    """
    before = manifest_of(base)
    added = {one: revision for one, revision in manifest.items() if before.get(one) != revision}
    kept = {one: sha256 for one, sha256 in contents.items() if one not in added}
    is_vouched_for = base is None or _vouches(session, base, kept)
    _check_approved(session, {one: contents[one] for one in added} if is_vouched_for else contents)
    for revision in get_revisions(session, added.values()).values():
        read_again(revision)


def check_release(session: Session, release: Release) -> AuditRecord:
    """This function will return the record of a release; raises `ContentAltered` where the manifest is not the one that was released."""
    digest = canonical_sha256(release.manifest)
    about_it = AuditRecord.target_id == release.id, AuditRecord.decided_on == digest
    found = next(vouched_for(session, Event.RELEASE_STARTED, *about_it), None)
    if found is None:
        raise ContentAltered(digest)
    return found


def _vouches(session: Session, base: Release, kept: Contents) -> bool:
    """Whether the record of `base` is over all of its content as it stands now; those of earlier versions are over the manifest alone."""
    before = manifest_of(base)
    gone = [revision for one, revision in before.items() if one not in kept]
    rows = session.execute(select(Revision.id, Revision.sha256).where(Revision.id.in_(gone)))
    hashes = {row.id: row.sha256 for row in rows}
    now = {one: kept.get(one) or hashes.get(revision) for one, revision in before.items()}
    return bool(check_release(session, base).details.get("contents") == canonical_sha256(now))


def _check_approved(session: Session, wanted: Contents) -> None:
    approved = {*_on_record(session, wanted), *_about_to_be(session)}
    for object_id, sha256 in wanted.items():
        if (object_id, sha256) not in approved:
            raise ContentAltered(sha256)


def _on_record(session: Session, wanted: Contents) -> Iterator[tuple[str, str]]:
    if not wanted:
        return
    about_it = AuditRecord.target_id.in_(wanted.keys()), AuditRecord.decided_on.in_(wanted.values())
    for record in vouched_for(session, Event.APPROVED, *about_it):
        yield record.target_id or "", record.decided_on


def vouched_for(session: Session, event: Event, *conditions: ColumnElement[bool]) -> Iterator[AuditRecord]:
    """This function will return the records of what was done that bear a good stamp of ours; `conditions` say about what."""
    publics = public_keys(session)
    wanted = select(AuditRecord).where(AuditRecord.event == event.value, AuditRecord.outcome == DONE, *conditions)
    for record in session.scalars(wanted):
        public = publics.get(record.sign_key or "")
        if public is not None and is_stamped(columns_of(record), public):
            yield record


def _about_to_be(session: Session) -> Iterator[tuple[str, str]]:
    pending: list[Any] = unit_of_work.work_of(session).records
    for record in pending:
        if record.event is Event.APPROVED and record.target is not None:
            yield record.target.id, str(record.details.get("sha256"))
