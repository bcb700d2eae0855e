"""Suspending a subscription at once, and resuming it."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.commands.sessions import end_tenant_sessions
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import SubscriptionId
from portal.core.messages import N_
from portal.orders import rows
from portal.orders.commands import checks
from portal.orders.commands.locking import lock_orders
from portal.orders.models import Subscription, Suspension
from portal.orders.rules.standing import state_at
from portal.orders.states import State, SuspensionReason


def suspend(ctx: Context, subscription_id: SubscriptionId, reason: SuspensionReason, note: str = "") -> None:
    """This function will let the subscription rest from now on, for arrears (欠费) or a violation (违规).

    Until it is resumed the tenant has the feature `base` and nothing else; its members sign in again. Raises `NotFound`, `Invalid`, and `Refused` with
    `not_active` where it has not begun, rests already or has ended.
    """
    ask(ctx, Permission.ORDERS_SUSPEND)
    if len(note) > checks.TEXT_MAX:
        checks.raise_if({"note": checks.too_long()})
    lock_orders(ctx)
    row, now = rows.get(ctx.session, subscription_id), clock.now()
    if state_at(rows.facts_of(row), now) is not State.ACTIVE:
        raise Refused("not_active", N_("只有生效中的订购可以停用。"), status=409)
    ctx.session.add(Suspension(subscription_id=row.id, reason=reason, note=note.strip(), started_at=now))
    record(ctx, Event.SUBSCRIPTION_SUSPENDED, _target(row), reason=reason.value)
    end_tenant_sessions(ctx, ctx.tenant_id, "tenant_changed")


def resume(ctx: Context, subscription_id: SubscriptionId) -> None:
    """This function will end the rest of the subscription; everything that it opened comes back, and its members sign in again.

    Raises `NotFound`, and `Refused` with `not_suspended`.
    """
    ask(ctx, Permission.ORDERS_SUSPEND)
    lock_orders(ctx)
    row, now = rows.get(ctx.session, subscription_id), clock.now()
    if state_at(rows.facts_of(row), now) is not State.SUSPENDED:
        raise Refused("not_suspended", N_("这个订购没有停用。"), status=409)
    for suspension in row.suspensions:
        if suspension.ended_at is None:
            suspension.ended_at = now
    record(ctx, Event.SUBSCRIPTION_RESUMED, _target(row))
    end_tenant_sessions(ctx, ctx.tenant_id, "tenant_changed")


def _target(row: Subscription) -> Target:
    return Target("subscription", row.id, catalogue().offering(row.offering_code).name.zh)
