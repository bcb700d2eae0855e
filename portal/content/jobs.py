"""What happens to content by the clock: the recycle bin is emptied, and sittings that are over are recorded."""

from sqlalchemy import or_, select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.content.models import ContentObject, DraftSitting
from portal.content.recycling import KEPT_FOR, purge_overdue
from portal.content.sittings import LASTS, RESTS, end_overdue
from portal.core import clock
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.tenants.queries import get_tenant, reference


@every(seconds=3600)
def purge_recycled() -> int:
    """This function will throw away, in every tenant, what has lain in the recycle bin for its days; returns how many."""
    untouched = select(ContentObject.tenant_id).where(
        ContentObject.purged_at.is_(None), ContentObject.edited_at <= clock.now() - KEPT_FOR
    )
    with system_session(reason="tenants with content that nobody touched for as long as the bin keeps it") as session:
        tenants = sorted(set(session.scalars(untouched)))
    return sum(_purge(TenantId(tenant_id)) for tenant_id in tenants)


def _purge(tenant_id: TenantId) -> int:
    with tenant_session(tenant_id, writes=True) as session:
        tenant = reference(get_tenant(session, tenant_id))
        purged = purge_overdue(Context(session, SYSTEM, tenant))
        commit(session)
        return purged


@every(seconds=60)
def end_sittings() -> int:
    """This function will record, in every tenant, how sittings at drafts ended in which nobody saves any more; returns how many."""
    resting = select(DraftSitting.tenant_id).where(
        or_(DraftSitting.saved_at <= clock.now() - RESTS, DraftSitting.began_at <= clock.now() - LASTS)
    )
    with system_session(reason="tenants with sittings at drafts that are over") as session:
        tenants = sorted(set(session.scalars(resting)))
    return sum(_end_sittings(TenantId(tenant_id)) for tenant_id in tenants)


def _end_sittings(tenant_id: TenantId) -> int:
    with tenant_session(tenant_id, writes=True) as session:
        tenant = reference(get_tenant(session, tenant_id))
        # The permission belongs to the portal as a whole and is asked there, outside of any tenant.
        ask(Context(session, SYSTEM), Permission.SYSTEM_MAINTAIN)
        ended = end_overdue(Context(session, SYSTEM, tenant))
        commit(session)
        return ended
