"""Ordering a package."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Offering
from portal.catalog.money import to_fen
from portal.catalog.months import add_months, add_years, first_of_next_month
from portal.catalog.pricing import first_month
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import SubscriptionId, new_id
from portal.core.messages import N_, Message
from portal.orders.commands import checks
from portal.orders.commands.locking import lock_orders
from portal.orders.models import Charge, Subscription
from portal.orders.requests import OrderRequest
from portal.orders.rules.facts import Plan
from portal.orders.states import ChargeKind, Terms


@dataclass(frozen=True)
class Ordered:
    """A new subscription, when it begins, and what is charged for it at once, in yuan."""

    subscription_id: SubscriptionId
    starts_at: datetime
    charged: Decimal


def order(ctx: Context, request: OrderRequest) -> Ordered:
    """This function will subscribe the tenant to a package, at once or from a later day on, and charge the first month.

    Raises `Invalid` for the fields, `Refused` where customer, sale window or price forbid it (`customer_may_not_order`,
    `not_on_sale_yet`, `sale_over`, `price_below_settlement`, `price_needs_approval`, ...) and where the tenant has a
    subscription already (`already_subscribed`, 409): one tenant has one subscription at a time.
    """
    ask(ctx, Permission.ORDERS_MANAGE)
    now = clock.now()
    checks.raise_if(_errors(request, clock.business_date(now)))
    offering = catalogue().offering(request.offering_code)
    if not catalogue().customer_classes[request.customer_class].may_order:
        raise Refused("customer_may_not_order", N_("只有政府和企业客户可以订购。"))
    checks.must_be_on_sale(ctx, offering, clock.business_date(now))
    plan, approved_by = _agree(ctx, offering, request)
    lock_orders(ctx)
    starts_at = now if request.starts_on is None else max(now, clock.start_of(request.starts_on))
    _must_be_free(ctx, starts_at)
    row = _subscription(request, plan, approved_by, now, starts_at)
    ctx.session.add(row)
    ctx.session.flush()
    charge = _charge(row.id, plan, clock.business_date(starts_at), now)
    ctx.session.add(charge)
    record(
        ctx,
        Event.SUBSCRIPTION_ORDERED,
        Target("subscription", row.id, offering.name.zh),
        offering=plan.offering_code,
        boxes=plan.boxes,
        price=str(to_fen(plan.price)),
    )
    return Ordered(SubscriptionId(row.id), starts_at, charge.amount)


def _errors(request: OrderRequest, today: date) -> dict[str, Message]:
    book = catalogue()
    errors = checks.plan_errors(request)
    if request.customer_class not in book.customer_classes:
        errors["customer_class"] = N_("请选择客户类别。")
    industry = book.industries.get(request.industry_code)
    if industry is None or not industry.may_be_ordered_under:
        errors["industry_code"] = N_("请选择第三级行业编码。")
    latest = add_years(today, book.limits.subscription_years)
    if request.starts_on is not None and not today <= request.starts_on <= latest:
        errors["starts_on"] = N_("生效日应在今天到 %(latest)s 之间。", latest=latest)
    return errors


def _agree(ctx: Context, offering: Offering, request: OrderRequest) -> tuple[Plan, str | None]:
    if request.terms is Terms.GROUP_PURCHASE:
        return checks.group_plan(request, offering), None
    price = offering.price if request.price is None else request.price
    return Plan(offering.code, request.boxes, price), checks.agree_on_price(ctx, offering, request, price)


def _must_be_free(ctx: Context, starts_at: datetime) -> None:
    for ends_on in ctx.session.scalars(select(Subscription.ends_on).where(Subscription.tenant_id == ctx.tenant_id)):
        if ends_on is None or clock.start_of(ends_on) > starts_at:
            raise Refused("already_subscribed", N_("这个企业已有订购，一个企业ID同时只能有一个。"), status=409)


def _subscription(
    request: OrderRequest, plan: Plan, approved_by: str | None, now: datetime, starts_at: datetime
) -> Subscription:
    return Subscription(
        id=new_id(),
        offering_code=plan.offering_code,
        boxes=plan.boxes,
        price=plan.price,
        price_reason=request.price_reason.strip(),
        price_approved_by=approved_by,
        terms=plan.terms,
        customer_class=request.customer_class,
        industry_code=request.industry_code,
        ordered_at=now,
        starts_at=starts_at,
    )


def _charge(subscription_id: str, plan: Plan, starts_on: date, now: datetime) -> Charge:
    """The month of entry by day; in a group purchase the boxes, with the first months of service in their price."""
    if plan.terms is Terms.GROUP_PURCHASE:
        group = catalogue().group_purchase
        kind, unit, ends_on = ChargeKind.BOXES, group.box_price, add_months(starts_on, group.included_months)
    else:
        kind, unit, ends_on = ChargeKind.FIRST_MONTH, first_month(plan.price, starts_on), first_of_next_month(starts_on)
    return Charge(
        subscription_id=subscription_id,
        kind=kind,
        covers_from=starts_on,
        covers_until=ends_on - timedelta(days=1),
        boxes=plan.boxes,
        unit_amount=unit,
        amount=unit * plan.boxes,
        charged_at=now,
    )
