"""Work on media that nobody waits for."""

from collections.abc import Iterator

from sqlalchemy import not_, select

from portal.core.database import system_session, tenant_session
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.media.conversion.jobs import sweep_folders
from portal.media.conversion.queries import held_sources
from portal.media.limits import UNHELD_FILE_SECONDS
from portal.media.models import MediaAsset
from portal.media.queries import asset_info, kept
from portal.media.storage import storage
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


def _held() -> Iterator[str]:
    with system_session(reason="which media files are still held by any tenant") as session:
        for row in session.scalars(select(MediaAsset).where(kept())):
            yield from _files(row)
        yield from held_sources(session)
        gone = session.execute(select(MediaAsset.tenant_id, MediaAsset.sha256).where(not_(kept()))).all()
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
