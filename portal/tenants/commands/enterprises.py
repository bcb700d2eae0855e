"""Writes to enterprises (tenants)."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.core import clock, outbox
from portal.core.context import Context, TenantRef
from portal.core.errors import Invalid
from portal.core.ids import is_id, new_id
from portal.core.messages import N_, Message
from portal.core.pinyin import pinyin_of
from portal.tenants.models import Customer, Tenant, TenantDeletion
from portal.tenants.queries import reference
from portal.tenants.rules import GroupName, fold, new_enterprise_id, server_address

TENANT_CREATED = "tenant_created"
TENANT_NAME_CHARACTERS = 120
SHORT_NAME_CHARACTERS = 40


@dataclass(frozen=True)
class TenantDetails:
    """An enterprise as entered: its group name taken apart, what people call it, who owns it.

    `province_code` is None for 全国 tenants, which belong to the center; `applied_by` is the province that applied for the
    enterprise ID, if one did.
    """

    name: GroupName
    short_name: str
    customer_id: str
    province_code: str | None
    server_address: str = ""
    applied_by: str | None = None


def create_tenant(ctx: Context, details: TenantDetails) -> TenantRef:
    """This function will create an enterprise with an enterprise ID of its own; raises `Invalid` by field.

    Its root box group is made from the outbox, in the new tenant's own session; see `jobs.make_root_group_at_once`.
    """
    ask(ctx, Permission.TENANTS_MANAGE)
    return add_tenant(ctx, details)


def add_tenant(ctx: Context, details: TenantDetails) -> TenantRef:
    """This function will create an enterprise for a command that has asked its own permission; raises `Invalid` by field."""
    _check_tenant(ctx.session, details)
    tenant = Tenant(
        id=new_id(),
        enterprise_id=_free_enterprise_id(ctx.session),
        name=details.name.text,
        short_name=fold(details.short_name),
        pinyin=pinyin_of(f"{details.short_name} {details.name.text}"),
        customer_id=details.customer_id,
        scope=details.name.scope.value,
        business_type=details.name.business_type,
        province_code=details.province_code,
        applied_by=details.applied_by,
        created_at=clock.now(),
    )
    tenant.server_address = server_address(details.server_address)
    ctx.session.add(tenant)
    ctx.session.flush()
    # as the tenant's own, so that what it says of the tenant is sealed with the tenant's key
    record(
        replace(ctx, tenant=reference(tenant)),
        Event.TENANT_CREATED,
        Target("tenant", tenant.id, tenant.short_name),
        enterprise_id=tenant.enterprise_id,
        name=tenant.name,
    )
    outbox.post(ctx.session, TENANT_CREATED, tenant.id)
    return reference(tenant)


def _check_tenant(session: Session, details: TenantDetails) -> None:
    errors: dict[str, Message] = {}
    if not is_id(details.customer_id) or session.get(Customer, details.customer_id) is None:
        errors["customer"] = N_("请选择客户。")
    if not 1 <= len(fold(details.short_name)) <= SHORT_NAME_CHARACTERS:
        errors["short_name"] = N_("简称要有 1 到 %(n)d 个字。", n=SHORT_NAME_CHARACTERS)
    if len(details.name.text) > TENANT_NAME_CHARACTERS:
        errors["name"] = N_("群组名称最多 %(n)d 个字。", n=TENANT_NAME_CHARACTERS)
    elif session.scalar(select(Tenant.id).where(Tenant.name == details.name.text)):
        errors["name"] = N_("已经有同名的企业。")
    if error := _owner_error(details):
        errors["province_code"] = error
    if details.server_address and server_address(details.server_address) is None:
        errors["server_address"] = N_("要 IPv4 或 IPv6 地址。")
    if errors:
        raise Invalid(errors)


def _owner_error(details: TenantDetails) -> Message | None:
    """全国 tenants belong to the center, all others to the one province that their scope lies in."""
    if details.name.scope is Scope.NATIONAL:
        return N_("全国客户归运营中心，不选省公司。") if details.province_code else None
    if details.province_code not in catalogue().provinces:
        return N_("请选择归属的省公司。")
    return None


def _free_enterprise_id(session: Session) -> str:
    while True:
        drawn = new_enterprise_id()
        given = select(Tenant.id).where(Tenant.enterprise_id == drawn)
        deleted = select(TenantDeletion.id).where(TenantDeletion.enterprise_id == drawn)
        if session.scalar(given) is None and session.scalar(deleted.limit(1)) is None:
            return drawn
