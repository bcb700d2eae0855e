"""The demo's customers, enterprises, box groups, subscriptions and grants."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.accounts.commands.levels import set_tenant_level
from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context, TenantRef
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import GroupId, SubscriptionId
from portal.orders.commands.changing import cancel
from portal.orders.commands.granting import grant_feature
from portal.orders.commands.ordering import order
from portal.orders.requests import GrantRequest, OrderRequest
from portal.tenants.commands.customers import CustomerDetails, create_customer
from portal.tenants.commands.enterprises import TenantDetails, create_tenant
from portal.tenants.commands.groups import create_group, rename_group
from portal.tenants.models import BoxGroup
from portal.tenants.queries import group_tree
from portal.tenants.rules import group_name

Json = Mapping[str, Any]


def create_enterprise(source: Json) -> TenantRef:
    """This function will create a tenant's customer and the tenant itself."""
    tenant = source["tenant"]
    customer = tenant["customer"]
    parsed = group_name(tenant["name"], Scope(tenant["scope"]), province_code=tenant.get("province"))
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        details = CustomerDetails(
            customer["name"], customer["industry_code"], tenant.get("contact_name", ""), tenant.get("contact_phone", "")
        )
        made = create_customer(ctx, details)
        created = create_tenant(
            ctx,
            TenantDetails(
                parsed, tenant["short_name"], made.id, tenant.get("province"), tenant.get("server_address", "")
            ),
        )
        commit(session)
        return created


def ask_for_level(tenant: TenantRef, level: int) -> None:
    """This function will have a tenant ask its members for a level of authentication."""
    with tenant_session(tenant.id, writes=True) as session:
        set_tenant_level(Context(session, COMMAND_LINE, tenant), level)
        commit(session)


def create_groups(tenant: TenantRef, source: Json) -> dict[str, GroupId]:
    """This function will create the tree of box groups; returns the ids by the file's keys."""
    made: dict[str, GroupId] = {}
    for group in source["group"]:
        with tenant_session(tenant.id, writes=True) as session:
            ctx = Context(session, COMMAND_LINE, tenant)
            made[group["key"]] = _create_group(ctx, made.get(group.get("parent", "")), group["name"])
            commit(session)
    return made


def _create_group(ctx: Context, parent: GroupId | None, name: str) -> GroupId:
    """A new tenant has its root already, under a name that fits every tenant."""
    tree = group_tree(ctx.session)
    if parent is None and len(tree):
        row = ctx.session.scalars(select(BoxGroup).where(BoxGroup.id == tree.root.id)).one()
        rename_group(ctx, tree.root.id, row.version, name)
        return tree.root.id
    return create_group(ctx, parent, name)


def subscribe(tenant: TenantRef, source: Json) -> SubscriptionId:
    """This function will order the tenant's package for its boxes."""
    told = source["tenant"]
    request = OrderRequest(
        offering_code(told["product"]),
        told["boxes"],
        customer_class=told["customer"]["class"],
        industry_code=told["customer"]["industry_code"],
    )
    with tenant_session(tenant.id, writes=True) as session:
        ordered = order(Context(session, COMMAND_LINE, tenant), request)
        commit(session)
        return ordered.subscription_id


def end_subscription(tenant: TenantRef, subscription: SubscriptionId) -> None:
    """This function will cancel a subscription, which ends it on the first of the next month."""
    with tenant_session(tenant.id, writes=True) as session:
        cancel(Context(session, COMMAND_LINE, tenant), subscription)
        commit(session)


def give_grants(tenant: TenantRef, source: Json) -> None:
    """This function will grant what the center granted this tenant one by one (深度定制)."""
    for grant in source.get("grant", ()):
        request = GrantRequest(
            feature=grant["feature"],
            reason=grant["reason"],
            price=Decimal(grant["price"]),
            ends_on=clock.today() + timedelta(days=grant["days"]),
            packages=grant.get("packages", ()),
        )
        with tenant_session(tenant.id, writes=True) as session:
            grant_feature(Context(session, COMMAND_LINE, tenant), request)
            commit(session)


def offering_code(product: str) -> str:
    """This function will return the offering's code by its sub-product's name."""
    return next(code for code, one in catalogue().offerings.items() if one.sub_product.name.zh == product)
