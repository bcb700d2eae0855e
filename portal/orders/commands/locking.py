"""One writer of a tenant's orders at a time."""

from sqlalchemy import select

from portal.core.context import Context
from portal.tenants.models import Tenant


def lock_orders(ctx: Context) -> None:
    """This function will hold the tenant's row until the transaction ends, so that rules over several rows stay true.

    On SQLite the one writer's transaction does the same.
    """
    ctx.session.scalars(select(Tenant.id).where(Tenant.id == ctx.tenant_id).with_for_update(key_share=True)).one()
