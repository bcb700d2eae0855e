"""Reads of customers, tenants and box groups."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from portal.core.context import TenantRef
from portal.core.errors import NotFound
from portal.core.ids import GroupId, TenantId
from portal.tenants.models import BoxGroup, Customer, Tenant
from portal.tenants.rules import fold, is_mobile
from portal.tenants.tree import GroupTree, Node

# Ids follow time, and they are indexed.
CUSTOMER_SORTS = {"name": Customer.name, "created": Customer.id}
TENANT_SORTS = {"name": Tenant.pinyin, "created": Tenant.id, "enterprise_id": Tenant.enterprise_id}


def reference(tenant: Tenant) -> TenantRef:
    """This function will return what access decisions need of a tenant."""
    return TenantRef(
        TenantId(tenant.id),
        tenant.enterprise_id,
        tenant.short_name,
        tenant.province_code,
        tenant.applied_by,
        tenant.required_level,
    )


def find_tenant(session: Session, enterprise_id: str) -> TenantRef | None:
    """This function will return the tenant with this enterprise ID, or None; one that is being wiped is gone."""
    tenant = session.scalar(select(Tenant).where(Tenant.enterprise_id == enterprise_id, Tenant.closed_at.is_(None)))
    return reference(tenant) if tenant else None


def get_tenant(session: Session, tenant_id: TenantId) -> Tenant:
    """This function will return the tenant's row; raises `NotFound`."""
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound
    return tenant


def is_closed(session: Session, tenant_id: TenantId) -> bool:
    """This function will tell whether the tenant is being wiped, or is gone, so that nothing may be written for it."""
    return session.scalar(select(Tenant.id).where(Tenant.id == tenant_id, Tenant.closed_at.is_(None))) is None


def get_tenant_and_customer(session: Session, tenant_id: TenantId) -> tuple[Tenant, Customer]:
    """This function will return the tenant's row and that of the customer it belongs to; raises `NotFound`; one query."""
    both = select(Tenant, Customer).join(Customer, Customer.id == Tenant.customer_id).where(Tenant.id == tenant_id)
    found = session.execute(both).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def tenants(text: str = "", province_code: str | None = None) -> Select[Tenant]:
    """This function will return the statement of the enterprises that `text` finds, of one province where one is given.

    `text` is looked for in the names and their pinyin, full or initials; digits are the beginning of an enterprise ID.
    """
    statement = select(Tenant).where(Tenant.closed_at.is_(None))
    if province_code is not None:
        statement = statement.where(Tenant.province_code == province_code)
    return statement.where(_is_called(text)) if text.strip() else statement


def of_the_center(statement: Select[Tenant]) -> Select[Tenant]:
    """This function will keep the enterprises that no province owns (全国)."""
    return statement.where(Tenant.province_code.is_(None))


def of_province(code: str) -> ColumnElement[bool]:
    """This function will return the condition that an enterprise is a province's own, or one whose ID it applied for: it installs and looks after both."""
    return or_(Tenant.province_code == code, Tenant.applied_by == code)


def customers(text: str = "", province_code: str | None = None) -> Select[Customer]:
    """This function will return the statement of the customers that `text` finds by their own or an enterprise's name.

    A whole mobile number finds the customers whose contact has it. With a province only those that own an enterprise there.
    """
    statement = select(Customer)
    if province_code is not None:
        own = select(Tenant.customer_id).where(Tenant.province_code == province_code)
        statement = statement.where(Customer.id.in_(own))
    if is_mobile(fold(text)):
        return statement.where(Customer.contact_phone_lookup == Customer.contact_phone.fingerprint(fold(text)))
    if text.strip():
        owners = select(Tenant.customer_id).where(_is_called(text))
        named = Customer.name.icontains(text.strip(), autoescape=True)
        statement = statement.where(or_(named, Customer.id.in_(owners)))
    return statement


def _is_called(text: str) -> ColumnElement[bool]:
    words = text.strip()
    if words.isascii() and words.isdigit():
        return Tenant.enterprise_id.startswith(words)
    return or_(
        Tenant.name.icontains(words, autoescape=True),
        Tenant.short_name.icontains(words, autoescape=True),
        Tenant.pinyin.contains(words.lower().replace(" ", ""), autoescape=True),
    )


def get_customer(session: Session, customer_id: str) -> Customer:
    """This function will return the customer's row; raises `NotFound`."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound
    return customer


def find_customer(session: Session, name: str) -> Customer | None:
    """This function will return the customer with exactly this name, or None."""
    return session.scalar(select(Customer).where(Customer.name == name))


def newest_customer_names(session: Session, limit: int) -> list[str]:
    """This function will return the names of the customers entered last, to choose from."""
    return list(session.scalars(select(Customer.name).order_by(Customer.created_at.desc()).limit(limit)))


def enterprises_of(session: Session, customer_ids: Collection[str]) -> Mapping[str, list[Tenant]]:
    """This function will return the enterprises of each customer, in the order of their names; one query."""
    found: dict[str, list[Tenant]] = {customer_id: [] for customer_id in customer_ids}
    wanted = (
        select(Tenant).where(Tenant.customer_id.in_(list(found)), Tenant.closed_at.is_(None)).order_by(Tenant.pinyin)
    )
    for tenant in session.scalars(wanted):
        found[tenant.customer_id].append(tenant)
    return found


def group_tree(session: Session) -> GroupTree:
    """This function will return the tree of box groups of the session's tenant."""
    return _tree(session.scalars(select(BoxGroup)))


def group_trees(system: Session, tenant_ids: Collection[TenantId]) -> Mapping[TenantId, GroupTree]:
    """This function will return the trees of box groups of these tenants; `system` is a session over all of them, one query."""
    rows: dict[TenantId, list[BoxGroup]] = {tenant_id: [] for tenant_id in tenant_ids}
    for row in system.scalars(select(BoxGroup).where(BoxGroup.tenant_id.in_(list(tenant_ids)))):
        rows[TenantId(row.tenant_id)].append(row)
    return {tenant_id: _tree(found) for tenant_id, found in rows.items()}


def versioned_tree(session: Session) -> tuple[GroupTree, Mapping[GroupId, int]]:
    """This function will return the tree of box groups and the version of each, which a change has to name."""
    rows = session.scalars(select(BoxGroup)).all()
    return _tree(rows), {GroupId(row.id): row.version for row in rows}


def _tree(rows: Iterable[BoxGroup]) -> GroupTree:
    return GroupTree(
        Node(
            GroupId(row.id),
            GroupId(row.parent_id) if row.parent_id else None,
            row.name,
            row.channel,
            row.position,
        )
        for row in rows
    )
