"""Writes to customers."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.policy import own_province
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.ids import new_id
from portal.core.messages import N_, Message
from portal.tenants.models import Customer
from portal.tenants.queries import customers
from portal.tenants.rules import fold, is_mobile

CUSTOMER_NAME_CHARACTERS = 120
CONTACT_NAME_CHARACTERS = 60


@dataclass(frozen=True)
class CustomerDetails:
    """A legal entity as entered: full name, third-level industry code, contact."""

    name: str
    industry_code: str
    contact_name: str = ""
    contact_phone: str = ""


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
