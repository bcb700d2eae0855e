"""Reads of tenants and box groups."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.context import TenantRef
from portal.core.errors import NotFound
from portal.core.ids import GroupId, TenantId
from portal.tenants.models import BoxGroup, Tenant
from portal.tenants.tree import GroupTree, Node


def reference(tenant: Tenant) -> TenantRef:
    """This function will return what access decisions need of a tenant."""
    return TenantRef(TenantId(tenant.id), tenant.enterprise_id, tenant.short_name, tenant.province_code)


def find_tenant(session: Session, enterprise_id: str) -> TenantRef | None:
    """This function will return the tenant with this enterprise ID, or None."""
    tenant = session.scalar(select(Tenant).where(Tenant.enterprise_id == enterprise_id))
    return reference(tenant) if tenant else None


def get_tenant(session: Session, tenant_id: TenantId) -> Tenant:
    """This function will return the tenant's row; raises `NotFound`."""
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound
    return tenant


def group_tree(session: Session) -> GroupTree:
    """This function will return the tree of box groups of the session's tenant."""
    return GroupTree(
        Node(
            GroupId(row.id),
            GroupId(row.parent_id) if row.parent_id else None,
            row.name,
            row.channel,
            row.position,
        )
        for row in session.scalars(select(BoxGroup))
    )
