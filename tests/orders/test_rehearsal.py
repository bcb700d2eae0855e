"""What is said before is what happens after, and saying it changes nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.catalog.features import Feature
from portal.core import clock
from portal.core import database as databases
from portal.core.context import Context, TenantRef
from portal.core.errors import Refused
from portal.orders.commands.changing import Requested, cancel, request_change
from portal.orders.commands.ordering import Ordered, order
from portal.orders.queries import charges_of, current_subscription, entitlement, subscriptions_of
from portal.orders.rehearsal import rehearse
from portal.orders.requests import OrderRequest, PlanRequest
from tests.orders.conftest import Doing
from tests.orders.moments import moment

BASIC, CUSTOM, PUSH = "7360110000400020", "7360110000400021", "7360110000400023"
REQUEST = OrderRequest(offering_code=PUSH, boxes=40, customer_class="enterprise", industry_code="1401001")
LOST = {Feature.LOGO, Feature.SLOTS, Feature.MARQUEE, Feature.APPS}


def starts(ordered: Ordered) -> object:
    return ordered.starts_at


def effective(requested: Requested) -> object:
    return clock.start_of(requested.effective_on)


def subscription(ctx: Context) -> str:
    found = current_subscription(ctx.session, ctx.tenant_id, clock.now())
    assert found is not None
    return found.id


def test_order_is_foretold_and_not_done(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        told = rehearse(ctx, lambda within: order(within, REQUEST), starts)

    with databases.tenant_session(tenant.id) as session:
        assert subscriptions_of(session, tenant.id, clock.now()) == ()
        assert charges_of(session, tenant.id) == ()
    assert (told.at, told.result.charged) == (clock.now(), Decimal("960.00"))
    assert told.opens == LOST | {Feature.BASE}
    assert (told.closes, told.before) == (frozenset(), None)


def test_change_is_foretold_for_the_first_of_the_month(doing: Doing) -> None:
    with doing() as ctx:
        order(ctx, REQUEST)

    with doing() as ctx:
        told = rehearse(
            ctx, lambda within: request_change(within, subscription(within), PlanRequest(CUSTOM, 30)), effective
        )

    assert told.at == moment("2026-12-01 00:00")
    assert told.closes == {Feature.SLOTS, Feature.MARQUEE}
    assert told.before is not None
    assert told.after is not None
    assert (told.before.plan.boxes, told.after.plan.boxes) == (40, 30)


def test_cancellation_keeps_the_base(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        order(ctx, REQUEST)

    with doing() as ctx:
        told = rehearse(ctx, lambda within: cancel(within, subscription(within)), effective)

    with databases.tenant_session(tenant.id) as session:
        now = current_subscription(session, tenant.id, clock.now())
        later = entitlement(session, tenant.id, moment("2026-12-01 00:00"))
    assert told.closes == LOST
    assert now is not None
    assert (now.ends_on, now.requests_left) == (None, 3)
    assert later.features > {Feature.BASE}


def test_refusal_is_raised_as_it_would_be(doing: Doing) -> None:
    request = replace(REQUEST, customer_class="household")

    with doing() as ctx, pytest.raises(Refused) as refusal:
        rehearse(ctx, lambda within: order(within, request), starts)

    assert refusal.value.code == "customer_may_not_order"
