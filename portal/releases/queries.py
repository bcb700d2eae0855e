"""Reads of releases of the session's tenant."""

import gzip
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.content.envelope import Envelope
from portal.content.models import Revision
from portal.content.stored import stored_envelope
from portal.core.errors import NotFound
from portal.core.ids import GroupId, ObjectId, ReleaseId, RevisionId, TenantId
from portal.core.tenancy import HIDDEN
from portal.releases.models import Pointer, Release, ReleaseDocument
from portal.releases.states import ReleaseState

Manifest = Mapping[ObjectId, RevisionId]


def current_release(session: Session) -> Release | None:
    """This function will return the newest release, also one that is still being written, or None before the first."""
    return session.scalar(select(Release).order_by(Release.number.desc()).limit(1))


def get_release(session: Session, number: int) -> Release:
    """This function will return the release with this number; raises `NotFound`."""
    found = session.scalar(select(Release).where(Release.number == number))
    if found is None:
        raise NotFound
    return found


def get_releases(session: Session, one: int, other: int) -> tuple[Release, Release]:
    """This function will return the releases with these two numbers; one query. Raises `NotFound`."""
    found = {row.number: row for row in session.scalars(select(Release).where(Release.number.in_([one, other])))}
    if one not in found or other not in found:
        raise NotFound
    return found[one], found[other]


def timeline(session: Session, *, limit: int = 50, below: int | None = None) -> list[Release]:
    """This function will return releases, newest first; `below` continues a list at an older number."""
    return list(session.scalars(newest_first(limit, below)))


def newest_first(limit: int, below: int | None = None) -> Select[Release]:
    """This function will return the statement that finds releases, newest first, those before number `below` where it is given."""
    wanted = select(Release).order_by(Release.number.desc()).limit(limit)
    return wanted if below is None else wanted.where(Release.number < below)


def manifest_of(release: Release | None) -> dict[ObjectId, RevisionId]:
    """This function will return the release's manifest, empty before the first release."""
    if release is None:
        return {}
    return {ObjectId(object_id): RevisionId(revision) for object_id, revision in release.manifest.items()}


def envelopes_of(session: Session, manifest: Manifest) -> dict[ObjectId, Envelope]:
    """This function will return the content that a manifest names, by object, without what is hidden from who reads; one query."""
    return _named(session, manifest, _contents(session, set(manifest.values())))


def both_envelopes_of(
    session: Session, before: Manifest, after: Manifest
) -> tuple[dict[ObjectId, Envelope], dict[ObjectId, Envelope]]:
    """This function will return the content that each of two manifests names, by object; one query."""
    found = _contents(session, {*before.values(), *after.values()})
    return _named(session, before, found), _named(session, after, found)


def _named(session: Session, manifest: Manifest, found: Mapping[str, Envelope]) -> dict[ObjectId, Envelope]:
    """A revision that is missing without a reason is a fault, and raises `KeyError`: a release must not lose content silently."""
    hides = HIDDEN in session.info
    return {each: found[revision] for each, revision in manifest.items() if not hides or revision in found}


def _contents(session: Session, revisions: Collection[RevisionId]) -> Mapping[str, Envelope]:
    wanted = select(Revision.id, Revision.sha256, Revision.envelope).where(Revision.id.in_(revisions))
    return {revision_id: stored_envelope(sha256, stored) for revision_id, sha256, stored in session.execute(wanted)}


def documents_of(session: Session, shas: Sequence[str]) -> list[dict[str, Any]]:
    """This function will return stored zone documents, in the order of `shas`; one query. Raises `NotFound`."""
    rows = document_rows(session, shas)
    if not rows.keys() >= set(shas):
        raise NotFound
    return [json.loads(gzip.decompress(rows[sha256].body)) for sha256 in shas]


def pointers(session: Session) -> Mapping[GroupId, Pointer]:
    """This function will return what every channel of the tenant points at, by box group."""
    return {GroupId(row.group_id): row for row in session.scalars(select(Pointer))}


def shown_by_channels(rows: Iterable[Pointer]) -> Mapping[GroupId, tuple[str, str, str]]:
    """This function will return what pointers say, by box group: the channel, the group's name, the document's SHA-256."""
    return {
        GroupId(row.group_id): (row.channel, json.loads(row.body)["group"]["name"], row.document_sha256) for row in rows
    }


def unfinished(system: Session) -> list[tuple[TenantId, ReleaseId]]:
    """This function will return the releases, over all tenants, that were decided and are not written yet."""
    rows = system.execute(
        select(Release.tenant_id, Release.id).where(Release.state == ReleaseState.PUBLISHING.value).order_by(Release.id)
    )
    return [(TenantId(tenant_id), ReleaseId(release_id)) for tenant_id, release_id in rows]


def known_documents(session: Session, shas: Iterable[str]) -> frozenset[str]:
    """This function will return those of the hashes under which a document is stored; one query."""
    return frozenset(session.scalars(select(ReleaseDocument.sha256).where(ReleaseDocument.sha256.in_(list(shas)))))


def features_on_air(system: Session) -> Mapping[TenantId, list[str]]:
    """This function will return, for every tenant with a release, the features under which its newest one was compiled; one query."""
    newest = select(Release.tenant_id, func.max(Release.number).label("number")).group_by(Release.tenant_id).subquery()
    rows = system.execute(
        select(Release.tenant_id, Release.features).join(
            newest, (newest.c.tenant_id == Release.tenant_id) & (newest.c.number == Release.number)
        )
    )
    return {TenantId(tenant_id): features for tenant_id, features in rows}


def document_rows(session: Session, shas: Iterable[str]) -> Mapping[str, ReleaseDocument]:
    """This function will return the stored documents with these hashes, by hash."""
    wanted = select(ReleaseDocument).where(ReleaseDocument.sha256.in_(list(shas)))
    return {row.sha256: row for row in session.scalars(wanted)}
