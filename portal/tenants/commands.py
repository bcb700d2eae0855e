"""Writes to customers, tenants and box groups.

Whatever moves groups or their channels leaves a note in the outbox, upon which the affected channels get a system release.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.policy import own_province
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.core import clock, outbox
from portal.core.context import Context, TenantRef
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import GroupId, is_id, new_id
from portal.core.messages import N_, Message
from portal.core.pinyin import pinyin_of
from portal.tenants.grouping import checked_group_name, group_to_change, lock_tree, new_channel, retire_channel
from portal.tenants.models import BoxGroup, Customer, Tenant, TenantDeletion
from portal.tenants.queries import customers, group_tree, reference
from portal.tenants.rules import GroupName, fold, is_mobile, new_enterprise_id, server_address

GROUPS_CHANGED = "groups_changed"
TENANT_CREATED = "tenant_created"
CUSTOMER_NAME_CHARACTERS = 120
CONTACT_NAME_CHARACTERS = 60
TENANT_NAME_CHARACTERS = 120
SHORT_NAME_CHARACTERS = 40
DEEPEST_GROUP = 6


@dataclass(frozen=True)
class CustomerDetails:
    """A legal entity as entered: full name, third-level industry code, contact."""

    name: str
    industry_code: str
    contact_name: str = ""
    contact_phone: str = ""


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


def create_customer(ctx: Context, details: CustomerDetails) -> Customer:
    """This function will create a customer; raises `Invalid` by field."""
    ask(ctx, Permission.CUSTOMERS_MANAGE)
    return add_customer(ctx, details)


def add_customer(ctx: Context, details: CustomerDetails) -> Customer:
    """This function will create a customer for a command that has asked its own permission; raises `Invalid` by field."""
    _check_customer(ctx.session, details, None)
    customer = Customer(id=new_id(), created_at=clock.now())
    _fill_customer(customer, details)
    ctx.session.add(customer)
    ctx.session.flush()
    record(
        ctx,
        Event.CUSTOMER_CREATED,
        Target("customer", customer.id, customer.name),
        name=customer.name,
        industry_code=customer.industry_code,
    )
    return customer


def change_customer(ctx: Context, customer_id: str, version: int, details: CustomerDetails) -> None:
    """This function will change a customer; raises `Invalid`, `Conflict`, `NotFound`."""
    ask(ctx, Permission.CUSTOMERS_MANAGE)
    customer = ctx.session.get(Customer, customer_id)
    if customer is None:
        raise NotFound
    if customer.version != version:
        raise Conflict(code="newer_version")
    _check_customer(ctx.session, details, customer.id)
    before = _seen(customer)
    _fill_customer(customer, details)
    changed = [name for name, new in _seen(customer).items() if before[name] != new]
    record(ctx, Event.CUSTOMER_CHANGED, Target("customer", customer.id, customer.name), fields=changed)


def reveal_phone(ctx: Context, customer_id: str) -> Customer:
    """This function will return the customer whose contact's phone somebody wants to see in full, and record that.

    A province sees the contacts of customers that own an enterprise there. Raises `NotFound`, also where no phone is stored.
    """
    ask(ctx, Permission.CONTACTS_REVEAL)
    customer = ctx.session.scalar(customers(province_code=own_province(ctx.actor)).where(Customer.id == customer_id))
    if customer is None or customer.contact_phone_sealed is None:
        raise NotFound
    record(ctx, Event.CONTACT_REVEALED, Target("customer", customer.id, customer.name), fields=["contact_phone"])
    return customer


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


def create_group(ctx: Context, parent: GroupId | None, name: str) -> GroupId:
    """This function will create a box group below `parent`, with a channel of its own; without a parent, the root.

    Raises `Invalid`, `NotFound` for a parent that is not there, `Refused` for a second root.
    """
    ask(ctx, Permission.GROUPS_MANAGE)
    lock_tree(ctx)
    tree = group_tree(ctx.session)
    if parent is None and len(tree):
        raise Refused("second_root", N_("每个企业只有一个总部分组。"), status=409)
    if parent is not None and parent not in tree:
        raise NotFound
    name = checked_group_name(name, [tree[child].name for child in tree.children(parent)] if parent else [])
    if parent is not None and len(tree.path(parent)) >= DEEPEST_GROUP:
        raise Refused("too_deep", N_("分组最多 %(n)d 级。", n=DEEPEST_GROUP))
    group = BoxGroup(id=new_id(), parent_id=parent, name=name, position=len(tree.children(parent)))
    group.channel = new_channel(ctx.session, ctx.tenant_id, group.id)
    ctx.session.add(group)
    ctx.session.flush()
    record(
        ctx,
        Event.GROUP_CREATED,
        Target("box_group", group.id, name),
        name=name,
        parent=tree[parent].name if parent else None,
    )
    announce_groups(ctx)
    return GroupId(group.id)


def rename_group(ctx: Context, group_id: GroupId, version: int, name: str) -> None:
    """This function will rename a box group; raises `Invalid`, `Conflict`, `NotFound`."""
    ask(ctx, Permission.GROUPS_MANAGE)
    group = group_to_change(ctx, group_id, version)
    tree = group_tree(ctx.session)
    siblings = tree.children(GroupId(group.parent_id)) if group.parent_id else ()
    group.name = checked_group_name(name, [tree[one].name for one in siblings if one != group_id])
    record(ctx, Event.GROUP_RENAMED, Target("box_group", group.id, group.name), name=group.name)
    announce_groups(ctx)


def move_group(ctx: Context, group_id: GroupId, version: int, parent: GroupId) -> None:
    """This function will move a box group with all below it under `parent`; its channels get a system release.

    Raises `Refused` for the root and for a move below itself, `Invalid`, `Conflict`, `NotFound`.
    """
    ask(ctx, Permission.GROUPS_MANAGE)
    group = group_to_change(ctx, group_id, version)
    tree = group_tree(ctx.session)
    if parent not in tree:
        raise NotFound
    if group.parent_id is None:
        raise Refused("root_stays", N_("总部分组不能移动。"), status=409)
    if parent in tree.subtree(group_id):
        raise Refused("below_itself", N_("不能把分组移到它自己的下级。"), status=409)
    deepest = max(len(tree.path(below)) for below in tree.subtree(group_id)) - len(tree.path(group_id))
    if len(tree.path(parent)) + 1 + deepest > DEEPEST_GROUP:
        raise Refused("too_deep", N_("分组最多 %(n)d 级。", n=DEEPEST_GROUP))
    checked_group_name(group.name, [tree[one].name for one in tree.children(parent) if one != group_id])
    group.parent_id = parent
    record(ctx, Event.GROUP_MOVED, Target("box_group", group.id, group.name), parent=tree[parent].name)
    announce_groups(ctx)


def delete_group(ctx: Context, group_id: GroupId, version: int) -> None:
    """This function will delete a box group that nothing lies below or is aimed at; raises `Refused`, `Conflict`, `NotFound`."""
    ask(ctx, Permission.GROUPS_MANAGE)
    group = group_to_change(ctx, group_id, version)
    tree = group_tree(ctx.session)
    if group.parent_id is None:
        raise Refused("root_stays", N_("总部分组不能删除。"), status=409)
    if tree.children(group_id):
        raise Refused("has_children", N_("请先移走或删除它下面的分组。"), status=409)
    for uses in _uses:
        found = uses(ctx.session, group_id)
        if found is not None:
            raise Refused("still_used", found, status=409)
    name = group.name
    retire_channel(ctx.session, group.channel)
    ctx.session.delete(group)
    ctx.session.flush()
    record(ctx, Event.GROUP_DELETED, Target("box_group", group_id, name), name=name)
    announce_groups(ctx)


def replace_channel(ctx: Context, group_id: GroupId, version: int) -> None:
    """This function will give a box group a new channel; the old one is taken away with the next system release."""
    ask(ctx, Permission.GROUPS_MANAGE)
    _renew_channel(ctx, group_to_change(ctx, group_id, version))


def renew_channel(ctx: Context, group_id: GroupId) -> str:
    """This function will do what `replace_channel` does where something else is the reason, and return the group's name.

    The caller asks its own permission. Raises `NotFound`.
    """
    group = group_to_change(ctx, group_id, None)
    _renew_channel(ctx, group)
    return group.name


def announce_groups(ctx: Context) -> None:
    """This function will have the tenant's channels compiled anew after the transaction, those that show something else than they should."""
    outbox.post(ctx.session, GROUPS_CHANGED, ctx.tenant_id)


Use = Callable[[Session, GroupId], Message | None]
_uses: list[Use] = []


def register_use(use: Use) -> Use:
    """This function will have `use` asked before a group is deleted: the sentence why it cannot go, or None."""
    _uses.append(use)
    return use


def _check_customer(session: Session, details: CustomerDetails, own_id: str | None) -> None:
    errors: dict[str, Message] = {}
    if not 1 <= len(fold(details.name)) <= CUSTOMER_NAME_CHARACTERS:
        errors["name"] = N_("客户名称要有 1 到 %(n)d 个字。", n=CUSTOMER_NAME_CHARACTERS)
    elif session.scalar(select(Customer.id).where(Customer.name == fold(details.name), Customer.id != own_id)):
        errors["name"] = N_("已经有同名的客户。")
    industry = catalogue().industries.get(details.industry_code)
    if industry is None or not industry.may_be_ordered_under:
        errors["industry_code"] = N_("请选到第三级的行业编码。")
    if len(details.contact_name.strip()) > CONTACT_NAME_CHARACTERS:
        errors["contact_name"] = N_("联系人最多 %(n)d 个字。", n=CONTACT_NAME_CHARACTERS)
    if details.contact_phone and not is_mobile(fold(details.contact_phone)):
        errors["contact_phone"] = N_("要 11 位手机号。")
    if errors:
        raise Invalid(errors)


def _seen(customer: Customer) -> dict[str, str | None]:
    names = ("name", "industry_code", "contact_name", "contact_phone")
    return {name: getattr(customer, name) for name in names}


def _fill_customer(customer: Customer, details: CustomerDetails) -> None:
    customer.name = fold(details.name)
    customer.industry_code = details.industry_code
    contact, phone = details.contact_name.strip() or None, fold(details.contact_phone) or None
    if customer.contact_name != contact:  # sealing the same anew would look like a change
        customer.contact_name = contact
    if customer.contact_phone != phone:
        customer.contact_phone = phone


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


def _renew_channel(ctx: Context, group: BoxGroup) -> None:
    retire_channel(ctx.session, group.channel)
    group.channel = new_channel(ctx.session, ctx.tenant_id, group.id)
    record(ctx, Event.CHANNEL_REPLACED, Target("box_group", group.id, group.name), group=group.name)
    announce_groups(ctx)
