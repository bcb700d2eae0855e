"""Answers across tenants, and how many statements they take."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.access.roles import Role
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.ids import SubscriptionId
from portal.orders import queries
from portal.orders.answers import RenewalDue, ShowingChange
from portal.orders.commands.changing import cancel, request_change, withdraw_change
from portal.orders.commands.granting import end_grant, grant_feature
from portal.orders.commands.ordering import order
from portal.orders.commands.suspending import resume, suspend
from portal.orders.requests import GrantRequest, OrderRequest, PlanRequest
from portal.orders.states import State, SuspensionReason
from tests.orders.conftest import Doing, Travel, make_tenant
from tests.orders.moments import moment
from tests.world.counting import counted_queries

CUSTOM, PUSH = "7360110000400021", "7360110000400023"
ORDER = OrderRequest(offering_code=CUSTOM, boxes=40, customer_class="enterprise", industry_code="1401001")
POWER = GrantRequest(feature="power", reason="夜间关机", price=Decimal(0), ends_on=date(2026, 12, 31))


def changes(since: str, until: str) -> list[ShowingChange]:
    with databases.system_session(reason="test") as session:
        return queries.entitlement_changes_between(session, moment(since), moment(until))


def due(on: date) -> list[RenewalDue]:
    with databases.system_session(reason="test") as session:
        return queries.renewals_due(session, on)


def subscribe(doing: Doing, tenant: TenantRef) -> SubscriptionId:
    with doing(within=tenant) as ctx:
        return order(ctx, ORDER).subscription_id


def test_changes_between_find_what_the_clock_brings(
    doing: Doing, tenant: TenantRef, neighbour: TenantRef, travel: Travel
) -> None:
    mine, theirs = subscribe(doing, tenant), subscribe(doing, neighbour)
    with doing() as ctx:
        request_change(ctx, mine, PlanRequest(PUSH, 40))
    with doing(within=neighbour) as ctx:
        cancel(ctx, theirs)
    with doing(Role.APP_ADMIN) as ctx:
        grant_feature(ctx, replace(POWER, starts_on=date(2026, 12, 20)))

    assert changes("2026-11-16 09:59", "2026-11-16 10:00") == sorted(
        [ShowingChange(each.id, moment("2026-11-16 10:00")) for each in (tenant, neighbour)],
        key=lambda change: change.tenant_id,
    )
    assert changes("2026-11-16 10:00", "2026-11-30 23:59") == []
    assert {change.tenant_id for change in changes("2026-11-30 23:59", "2026-12-01 00:00")} == {tenant.id, neighbour.id}
    assert changes("2026-12-01 00:00", "2028-01-01 00:00") == [
        ShowingChange(tenant.id, moment("2026-12-20 00:00")),
        ShowingChange(tenant.id, moment("2027-01-01 00:00")),
    ]


def test_changes_between_find_suspension_resumption_and_an_early_end(
    doing: Doing, tenant: TenantRef, travel: Travel
) -> None:
    mine = subscribe(doing, tenant)
    with doing(Role.APP_ADMIN) as ctx:
        granted = grant_feature(ctx, POWER)
    for at, act in (
        ("2026-11-18 10:00", lambda ctx: suspend(ctx, mine, SuspensionReason.ARREARS)),
        ("2026-11-19 10:00", lambda ctx: resume(ctx, mine)),
    ):
        travel(at)
        with doing() as ctx:
            act(ctx)
    travel("2026-11-20 10:00")
    with doing(Role.APP_ADMIN) as ctx:
        end_grant(ctx, granted)

    found = changes("2026-11-16 10:00", "2028-01-01 00:00")

    assert [change.at for change in found] == [moment(f"2026-11-{day} 10:00") for day in (18, 19, 20)]


@pytest.mark.parametrize("boxes_only", [True, False])
def test_changes_between_leave_out_what_shows_nothing_new(doing: Doing, tenant: TenantRef, boxes_only: bool) -> None:
    mine = subscribe(doing, tenant)
    with doing() as ctx:
        if boxes_only:
            request_change(ctx, mine, PlanRequest(CUSTOM, 41))
        else:
            request_change(ctx, mine, PlanRequest(PUSH, 40))
            withdraw_change(ctx, mine)

    assert changes("2026-11-16 10:00", "2028-01-01 00:00") == []


def test_renewal_is_due_from_three_months_before_until_its_day(doing: Doing, tenant: TenantRef) -> None:
    mine = subscribe(doing, tenant)

    answers = {
        on: due(on)
        for on in (date(2027, 8, 15), date(2027, 8, 16), date(2027, 11, 15), date(2027, 11, 16), date(2028, 8, 16))
    }

    expected = RenewalDue(tenant.id, mine, CUSTOM, date(2027, 11, 16))
    assert answers == {
        date(2027, 8, 15): [],
        date(2027, 8, 16): [expected],
        date(2027, 11, 15): [expected],
        date(2027, 11, 16): [],
        date(2028, 8, 16): [replace(expected, renews_on=date(2028, 11, 16))],
    }


def test_cancelled_subscription_is_not_announced(doing: Doing, tenant: TenantRef, travel: Travel) -> None:
    mine = subscribe(doing, tenant)
    travel("2027-09-01 10:00")
    with doing() as ctx:
        cancel(ctx, mine)

    assert due(date(2027, 9, 2)) == []


def test_renewal_names_the_package_in_force(doing: Doing, tenant: TenantRef) -> None:
    mine = subscribe(doing, tenant)
    with doing() as ctx:
        request_change(ctx, mine, PlanRequest(PUSH, 40))

    assert [each.offering_code for each in due(date(2027, 8, 16))] == [PUSH]


def test_subscription_still_active_after_years_says_when_it_renews(doing: Doing, tenant: TenantRef) -> None:
    subscribe(doing, tenant)

    with databases.tenant_session(tenant.id) as session:
        view = queries.current_subscription(session, tenant.id, moment("2031-03-01 10:00"))

    assert view is not None
    assert (view.standing.state, view.renews_on) == (State.ACTIVE, date(2031, 11, 16))


def test_tenant_that_never_ordered_has_no_subscription(tenant: TenantRef) -> None:
    with databases.tenant_session(tenant.id) as session:
        assert queries.current_subscription(session, tenant.id, clock.now()) is None
        assert queries.subscriptions_of(session, tenant.id, clock.now()) == ()
        assert queries.entitlement(session, tenant.id, clock.now()).state is State.NOT_YET


def test_subscriptions_are_listed_with_the_latest_first(doing: Doing, tenant: TenantRef, neighbour: TenantRef) -> None:
    first = subscribe(doing, tenant)
    subscribe(doing, neighbour)
    with doing() as ctx:
        cancel(ctx, first)
        second = order(ctx, replace(ORDER, offering_code=PUSH, starts_on=date(2026, 12, 1))).subscription_id

    with databases.tenant_session(tenant.id) as session:
        listed = queries.subscriptions_of(session, tenant.id, moment("2026-12-01 00:00"))

    assert [(view.id, view.standing.state) for view in listed] == [(second, State.ACTIVE), (first, State.ENDED)]


def test_session_of_a_tenant_does_not_see_another_tenants_orders(
    doing: Doing, tenant: TenantRef, neighbour: TenantRef
) -> None:
    subscribe(doing, neighbour)

    with databases.tenant_session(tenant.id) as session:
        assert queries.entitlement(session, neighbour.id, clock.now()).state is State.NOT_YET
        assert queries.charges_of(session, neighbour.id) == ()


def test_entitlement_sees_what_its_own_transaction_did(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        before = queries.entitlement(ctx.session, tenant.id, clock.now())
        mine = order(ctx, ORDER).subscription_id
        ordered = queries.entitlement(ctx.session, tenant.id, clock.now())
        suspend(ctx, mine, SuspensionReason.ARREARS)
        suspended = queries.entitlement(ctx.session, tenant.id, clock.now())

    assert [each.state for each in (before, ordered, suspended)] == [State.NOT_YET, State.ACTIVE, State.SUSPENDED]


@pytest.mark.parametrize("rows", [1, 3])
def test_entitlements_take_two_statements_however_many_tenants(
    doing: Doing, database: databases.Database, tenant: TenantRef, rows: int
) -> None:
    tenants = [tenant, *(make_tenant(database, number, None) for number in range(2, rows + 1))]
    for each in tenants:
        mine = subscribe(doing, each)
        with doing(within=each) as ctx:
            request_change(ctx, mine, PlanRequest(PUSH, 40))
            suspend(ctx, mine, SuspensionReason.ARREARS)

    with databases.system_session(reason="test") as session, counted_queries() as statements:
        found = queries.entitlements(session, [each.id for each in tenants], clock.now())

    assert {each.state for each in found.values()} == {State.SUSPENDED}
    assert len(found) == rows
    assert len(statements) == 2
