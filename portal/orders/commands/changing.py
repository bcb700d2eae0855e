"""Changes of package, cancellations, and taking them back: all for 00:00 on the first of the next month."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Offering
from portal.catalog.money import to_fen
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import SubscriptionId, new_id
from portal.core.messages import N_
from portal.orders import rows
from portal.orders.commands import checks
from portal.orders.commands.locking import lock_orders
from portal.orders.models import Subscription, SubscriptionChange
from portal.orders.requests import PlanRequest
from portal.orders.rules import terms
from portal.orders.rules.facts import Plan
from portal.orders.rules.standing import plan_at, state_at
from portal.orders.states import ChangeKind, State, Terms


@dataclass(frozen=True)
class Requested:
    """A request that now counts, and the day at whose 00:00 it takes effect."""

    change_id: str
    effective_on: date


def request_change(ctx: Context, subscription_id: SubscriptionId, request: PlanRequest) -> Requested:
    """This function will ask for another package, number of boxes or price from the first of the next month on.

    It replaces whatever was requested for that day before, a cancellation included. Without a price the list price holds, or
    the present one where the package stays the same. Raises `NotFound`, `Invalid`, and `Refused` with `subscription_ended`,
    `too_many_changes`, `nothing_changes` or a code of `order`.
    """
    ask(ctx, Permission.ORDERS_MANAGE)
    checks.raise_if(checks.plan_errors(request))
    offering = catalogue().offering(request.offering_code)
    now = clock.now()
    row = _open_for_requests(ctx, subscription_id, now)
    present = plan_at(rows.facts_of(row), now)
    plan, approved_by = _agree(ctx, offering, request, present)
    if plan == present:
        raise Refused("nothing_changes", N_("与当前套餐相同，没有要变更的内容。"))
    change = SubscriptionChange(
        kind=ChangeKind.CHANGE,
        offering_code=plan.offering_code,
        boxes=plan.boxes,
        price=plan.price,
        price_reason=request.price_reason.strip(),
        price_approved_by=approved_by,
        terms=plan.terms,
    )
    requested = _put(ctx, row, change, now)
    record(
        ctx,
        Event.SUBSCRIPTION_CHANGE_REQUESTED,
        Target("subscription", row.id, offering.name.zh),
        offering=plan.offering_code,
        boxes=plan.boxes,
        price=str(to_fen(plan.price)),
        effective_on=requested.effective_on.isoformat(),
    )
    return requested


def cancel(ctx: Context, subscription_id: SubscriptionId) -> Requested:
    """This function will end the subscription on the first of the next month; it replaces a change requested for that day.

    Raises `NotFound`, and `Refused` with `subscription_ended`, `already_cancelled` or `too_many_changes`.
    """
    ask(ctx, Permission.ORDERS_MANAGE)
    now = clock.now()
    row = _open_for_requests(ctx, subscription_id, now)
    if row.ends_on is not None:
        raise Refused("already_cancelled", N_("已经申请退订。"), status=409)
    requested = _put(ctx, row, SubscriptionChange(kind=ChangeKind.CANCEL), now)
    row.ends_on = requested.effective_on
    record(
        ctx,
        Event.SUBSCRIPTION_CANCELLED,
        Target("subscription", row.id, catalogue().offering(row.offering_code).name.zh),
        effective_on=requested.effective_on.isoformat(),
    )
    return requested


def withdraw_change(ctx: Context, subscription_id: SubscriptionId) -> None:
    """This function will take back what was requested for the first of the next month, so that everything stays as it is.

    What the request had replaced does not come back, and the request still counts against the month's limit. Raises
    `NotFound`, and `Refused` with `nothing_requested`, or `already_subscribed` where a successor has been ordered.
    """
    ask(ctx, Permission.ORDERS_MANAGE)
    now = clock.now()
    lock_orders(ctx)
    row = rows.get(ctx.session, subscription_id)
    pending = _pending(row, now)
    if pending is None:
        raise Refused("nothing_requested", N_("没有待生效的变更。"), status=409)
    if pending.kind == ChangeKind.CANCEL:
        _must_have_no_successor(ctx, row)
        row.ends_on = None
    pending.withdrawn_at = now
    record(
        ctx,
        Event.SUBSCRIPTION_CHANGE_WITHDRAWN,
        Target("subscription", row.id, catalogue().offering(row.offering_code).name.zh),
        effective_on=pending.effective_on.isoformat(),
    )


def _open_for_requests(ctx: Context, subscription_id: SubscriptionId, now: datetime) -> Subscription:
    lock_orders(ctx)
    row = rows.get(ctx.session, subscription_id)
    if state_at(rows.facts_of(row), now) is State.ENDED:
        raise Refused("subscription_ended", N_("订购已终止。"), status=409)
    requested_on = (clock.business_date(change.requested_at) for change in row.changes)
    if not terms.requests_left(requested_on, clock.business_date(now)):
        limit = catalogue().limits.changes_per_month
        raise Refused("too_many_changes", N_("每月最多申请 %(n)d 次变更，下月1日起可再申请。", n=limit))
    return row


def _agree(ctx: Context, offering: Offering, request: PlanRequest, present: Plan) -> tuple[Plan, str | None]:
    stays = offering.code == present.offering_code
    if not stays:
        checks.must_be_on_sale(ctx, offering, clock.today())
    if stays and present.terms is Terms.GROUP_PURCHASE:
        return checks.group_plan(request, offering), None
    if stays and request.price in (None, present.price):
        return Plan(offering.code, request.boxes, present.price), None
    price = offering.price if request.price is None else request.price
    return Plan(offering.code, request.boxes, price), checks.agree_on_price(ctx, offering, request, price)


def _put(ctx: Context, row: Subscription, change: SubscriptionChange, now: datetime) -> Requested:
    """Lay the request over the pending one; the old one leaves the unique index before the new one enters it."""
    pending = _pending(row, now)
    if pending is not None:
        if pending.kind == ChangeKind.CANCEL:
            _must_have_no_successor(ctx, row)
            row.ends_on = None
        pending.replaced_at = now
        ctx.session.flush()
    change.id = new_id()
    change.subscription_id = row.id
    change.effective_on = terms.effective_on(clock.business_date(now), clock.business_date(row.starts_at))
    change.requested_at = now
    ctx.session.add(change)
    ctx.session.flush()
    return Requested(change.id, change.effective_on)


def _pending(row: Subscription, now: datetime) -> SubscriptionChange | None:
    waiting = [each for each in row.changes if rows.counts(each) and clock.start_of(each.effective_on) > now]
    return waiting[-1] if waiting else None


def _must_have_no_successor(ctx: Context, row: Subscription) -> None:
    later = select(Subscription.id).where(Subscription.starts_at > row.starts_at)
    if ctx.session.scalars(later).first() is not None:
        raise Refused("already_subscribed", N_("退订之后的新订购已经受理，不能再恢复。"), status=409)
