"""Throwing away apps that nothing shows any more."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.media.limits import RECYCLE_BIN_DAYS
from portal.media.models import AppFile
from portal.media.usage import held_by_others, uses_of
from portal.tenants.queries import get_tenant, reference


@every(seconds=24 * 3600)
def forget_unused_apps() -> int:
    """This function will forget the apps, of all tenants, that were uploaded a month ago and that nothing shows; returns how many.

    Their files are then nobody's and go with the daily sweep. What a draft, a kept release or the recycle bin names stays.
    """
    border = clock.now() - timedelta(days=RECYCLE_BIN_DAYS)
    with system_session(reason="which tenants have apps that may be unused") as system:
        old = system.execute(select(AppFile.tenant_id, AppFile.id).where(AppFile.created_at < border)).all()
    tenants = sorted({tenant_id for tenant_id, _ in old})
    return sum(_forget(TenantId(one), [id_ for tenant_id, id_ in old if tenant_id == one]) for one in tenants)


def _forget(tenant_id: TenantId, ids: Sequence[str]) -> int:
    with tenant_session(tenant_id, writes=True) as session:
        rows = session.scalars(select(AppFile).where(AppFile.id.in_(ids))).all()
        shas = [row.sha256 for row in rows]
        used = {use.sha256 for use in uses_of(session, shas)} | held_by_others(session).intersection(shas)
        unused = [row for row in rows if row.sha256 not in used]
        ctx = Context(session, SYSTEM, reference(get_tenant(session, tenant_id)))
        if unused:
            # The permission belongs to the portal as a whole and is asked there, outside of any tenant.
            ask(Context(session, SYSTEM), Permission.SYSTEM_MAINTAIN)
        for row in unused:
            session.delete(row)
            record(ctx, Event.APP_FORGOTTEN, Target("app_file", row.id, row.name), name=row.name, sha256=row.sha256)
        commit(session)
        return len(unused)
