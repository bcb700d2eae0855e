"""Work on media that nobody waits for."""

from collections.abc import Collection, Iterator

from sqlalchemy import not_, select, true

from portal.core.database import system_session, tenant_session
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.media import workshop
from portal.media.conversion.jobs import sweep_folders
from portal.media.conversion.queries import held_sources, sources_of
from portal.media.limits import UNHELD_FILE_SECONDS
from portal.media.models import AppFile, MediaAsset, UnfinishedUpload
from portal.media.queries import asset_info, kept
from portal.media.storage import storage
from portal.media.uploading.queries import FOLDER as UPLOADS_FOLDER
from portal.media.usage import held_by_others, uses_of


@every(seconds=24 * 3600)
def remove_unheld() -> int:
    """This function will remove the files that no tenant holds, and return how many.

    Such are those of assets that fell out of the recycle bin, and those whose rows were never written. Files put within the
    last day stay, because their row may be on its way; every upload writes its files anew, so an older one has none.
    """
    sweep_folders()
    held = set(_held())
    return storage().sweep(held, UNHELD_FILE_SECONDS)


def wipe_media(tenant_id: TenantId) -> int:
    """This function will remove the files of a tenant that is deleted, but for those that another one holds; returns how many.

    A file that was put within the last day is being put by somebody else; the daily sweep looks at it again.
    """
    with system_session(reason="media files of a tenant that is deleted") as session:
        rows = session.scalars(select(MediaAsset).where(MediaAsset.tenant_id == tenant_id))
        apps = session.scalars(select(AppFile.sha256).where(AppFile.tenant_id == tenant_id))
        unfinished = session.scalars(select(UnfinishedUpload.id).where(UnfinishedUpload.tenant_id == tenant_id)).all()
        mine = {sha256 for row in rows for sha256 in _files(row)} | set(sources_of(session, tenant_id)) | set(apps)
    for upload_id in unfinished:
        workshop.clear(UPLOADS_FOLDER, f"{upload_id}.part")
    return storage().sweep(_AllBut(mine - set(_held(but=tenant_id))), UNHELD_FILE_SECONDS) if mine else 0


class _AllBut:
    """Everything but some files, to be kept by a sweep."""

    def __init__(self, unheld: Collection[str]) -> None:
        self._unheld = unheld

    def __contains__(self, name: object) -> bool:
        return name not in self._unheld


def _held(but: TenantId | None = None) -> Iterator[str]:
    others = MediaAsset.tenant_id != but if but else true()
    with system_session(reason="which media files are still held by any tenant") as session:
        for row in session.scalars(select(MediaAsset).where(kept(), others)):
            yield from _files(row)
        yield from held_sources(session, but=but)
        yield from session.scalars(select(AppFile.sha256).where(AppFile.tenant_id != but if but else true()))
        gone = session.execute(select(MediaAsset.tenant_id, MediaAsset.sha256).where(not_(kept()), others)).all()
    for tenant_id in sorted({tenant_id for tenant_id, _ in gone}):
        yield from _still_used(TenantId(tenant_id), [sha256 for owner, sha256 in gone if owner == tenant_id])


def _still_used(tenant_id: TenantId, shas: list[str]) -> Iterator[str]:
    """This function will name the files of thrown away assets that a kept release, or something else, may still show."""
    with tenant_session(tenant_id) as session:
        used = {use.sha256 for use in uses_of(session, shas)} | held_by_others(session).intersection(shas)
        for row in session.scalars(select(MediaAsset).where(MediaAsset.sha256.in_(used))):
            yield from _files(row)


def _files(row: MediaAsset) -> Iterator[str]:
    yield from (each.sha256 for each in asset_info(row).files)
    if row.original_sha256:
        yield row.original_sha256
