"""Which releases are kept, and with them their files: the last hundred of a tenant, and those of the last year.

What a kept release names must be there for rolling back to it. Older ones stay on the timeline and in the log.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from portal.catalog.catalogue import catalogue
from portal.content.models import Revision
from portal.content.stored import envelope_of
from portal.core import clock
from portal.core.errors import Refused
from portal.core.ids import TenantId
from portal.core.messages import N_
from portal.media.usage import register_holder
from portal.releases.models import Pointer, Release, ReleaseDocument
from portal.releases.public_names import asset_path, document_path
from portal.releases.published_assets import files_of
from portal.releases.queries import get_release
from portal.releases.states import ReleaseState

KEPT_RELEASES: Final = catalogue().limits.kept_releases
KEPT_FOR: Final = timedelta(days=catalogue().limits.kept_release_days)

_AT_ONCE = 100


def is_kept() -> ColumnElement[bool]:
    """This function will return the condition that a release is among those kept, or is still being written."""
    each = aliased(Release)
    newest = select(func.max(each.number)).where(each.tenant_id == Release.tenant_id).scalar_subquery()
    return or_(
        Release.number > newest - KEPT_RELEASES,
        Release.created_at > clock.now() - KEPT_FOR,
        Release.state == ReleaseState.PUBLISHING.value,
    )


def get_kept_release(session: Session, number: int) -> Release:
    """This function will return the release with this number; raises `NotFound`, and `Refused` where its files may be gone."""
    release = get_release(session, number)
    if session.scalar(select(Release.id).where(Release.id == release.id, is_kept())) is None:
        reason = N_("版本 %(n)d 太久以前了，它的图片和视频已不再保留，不能回滚到它。", n=number)
        raise Refused("release_not_kept", reason, status=409)
    return release


@register_holder
def held_files(session: Session) -> Iterator[str]:
    """This function will name the files of the session's tenant that a kept release may bring back to the screen."""
    named: set[str] = set()
    for manifest in session.scalars(select(Release.manifest).where(is_kept())):
        named.update(manifest.values())
    revisions = sorted(named)
    for first in range(0, len(revisions), _AT_ONCE):
        batch = revisions[first : first + _AT_ONCE]
        for revision in session.scalars(select(Revision).where(Revision.id.in_(batch))):
            yield from envelope_of(revision).assets


def needed_paths(system: Session, since: datetime | None = None, *, but: TenantId | None = None) -> set[str]:
    """This function will return the published documents and assets, of all tenants, that a kept release or a pointer leads to.

    With `since`, only those of releases made since then; with `but`, those of every other tenant.
    """
    wanted = select(Release.tenant_id, Release.channels).where(Release.tenant_id != but if but else true())
    wanted = wanted.where(is_kept() if since is None else Release.created_at >= since)
    documents: dict[str, set[str]] = {}
    for tenant_id, channels in system.execute(wanted):
        documents.setdefault(tenant_id, set()).update(channels.values())
    if since is None:
        pointing = select(Pointer.tenant_id, Pointer.document_sha256)
        for tenant_id, sha256 in system.execute(pointing.where(Pointer.tenant_id != but if but else true())):
            documents.setdefault(tenant_id, set()).add(sha256)
    return {path for tenant_id, shas in documents.items() for path in _paths(system, tenant_id, sorted(shas))}


def own_paths(system: Session, tenant_id: TenantId) -> set[str]:
    """This function will return every published document and asset that a release of the tenant ever led to, kept or not."""
    documents = select(ReleaseDocument.sha256).where(ReleaseDocument.tenant_id == tenant_id)
    return set(_paths(system, tenant_id, list(system.scalars(documents))))


def _paths(system: Session, tenant_id: str, shas: list[str]) -> Iterator[str]:
    for first in range(0, len(shas), _AT_ONCE):
        batch = shas[first : first + _AT_ONCE]
        wanted = select(ReleaseDocument.sha256, ReleaseDocument.body)
        wanted = wanted.where(ReleaseDocument.tenant_id == tenant_id, ReleaseDocument.sha256.in_(batch))
        for sha256, body in system.execute(wanted):
            yield document_path(sha256)
            for file in files_of(json.loads(gzip.decompress(body))):
                yield asset_path(file.sha256, file.ext)
