"""Throwing away uploads that nobody continued."""

from sqlalchemy import select

from portal.core import clock
from portal.core.database import commit, system_session, tenant_session
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.media import workshop
from portal.media.limits import UPLOADS
from portal.media.models import UnfinishedUpload
from portal.media.uploading.queries import FOLDER, part_of


@every(seconds=3600)
def forget_resting() -> int:
    """This function will forget the uploads to which nothing was added for two days, of all tenants, and return how many.

    Their bytes go with them, and so do bytes that no upload speaks for.
    """
    with system_session(reason="which tenants' uploads were left lying") as system:
        rows = system.execute(
            select(UnfinishedUpload.tenant_id, UnfinishedUpload.id, UnfinishedUpload.created_at)
        ).all()
    border = clock.now().timestamp() - UPLOADS.rest_hours * 3600
    resting = [(tenant_id, id_) for tenant_id, id_, created_at in rows if _last(id_, created_at.timestamp()) < border]
    for tenant_id, id_ in resting:
        with tenant_session(TenantId(tenant_id), writes=True) as session:
            row = session.scalar(select(UnfinishedUpload).where(UnfinishedUpload.id == id_))
            if row is not None:
                session.delete(row)
            commit(session)
        workshop.clear(FOLDER, f"{id_}.part")
    workshop.sweep(FOLDER, {id_ for _, id_, _ in rows})
    return len(resting)


def _last(upload_id: str, created: float) -> float:
    path = part_of(upload_id)
    return max(created, path.stat().st_mtime) if path.is_file() else created
