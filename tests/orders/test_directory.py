"""Enterprises by what they ordered: the database's answer is that of the rules, whatever happened to them."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.core import clock
from portal.core import database as databases
from portal.core.context import Context, TenantRef
from portal.core.ids import TenantId
from portal.orders.commands.changing import cancel, request_change
from portal.orders.commands.ordering import order
from portal.orders.commands.suspending import resume, suspend
from portal.orders.directory import Filter, in_state, with_package
from portal.orders.queries import current_subscription, entitlements
from portal.orders.requests import OrderRequest, PlanRequest
from portal.orders.states import SuspensionReason
from portal.tenants.models import Tenant
from tests.orders.conftest import Travel, acting, make_tenant
from tests.orders.moments import moment

BASIC, PUSH = "7360110000400020", "7360110000400023"
REQUEST = OrderRequest(offering_code=BASIC, boxes=40, customer_class="enterprise", industry_code="1401001")


def do(tenant: TenantRef, act: Callable[[Context], object]) -> None:
    with acting(tenant, Role.CENTER_OPERATOR) as ctx:
        act(ctx)


def subscription(ctx: Context) -> str:
    found = current_subscription(ctx.session, ctx.tenant_id, clock.now())
    assert found is not None
    return found.id


@pytest.fixture
def town(database: databases.Database, tenant: TenantRef, travel: Travel) -> dict[str, TenantRef]:
    """Nine tenants that each went another way, seen on 2026-12-15."""
    names = ("active", "changed", "changing", "cancelled", "suspended", "resumed", "again", "later")
    made = {name: make_tenant(database, number, None) for number, name in enumerate(names, 2)} | {"none": tenant}
    for name in set(names) - {"later"}:
        do(made[name], lambda ctx: order(ctx, REQUEST))
    do(made["changed"], lambda ctx: request_change(ctx, subscription(ctx), PlanRequest(PUSH, 40)))
    do(made["cancelled"], lambda ctx: cancel(ctx, subscription(ctx)))
    do(made["again"], lambda ctx: cancel(ctx, subscription(ctx)))
    for name in ("suspended", "resumed"):
        do(made[name], lambda ctx: suspend(ctx, subscription(ctx), SuspensionReason.ARREARS))
    travel("2026-12-10 10:00")
    do(made["resumed"], lambda ctx: resume(ctx, subscription(ctx)))
    do(
        made["again"],
        lambda ctx: order(ctx, OrderRequest(PUSH, 5, customer_class="enterprise", industry_code="1401001")),
    )
    do(made["changing"], lambda ctx: request_change(ctx, subscription(ctx), PlanRequest(PUSH, 40)))
    travel("2026-12-15 10:00")
    later = OrderRequest(
        BASIC, 7, customer_class="enterprise", industry_code="1401001", starts_on=moment("2027-01-01 00:00").date()
    )
    do(made["later"], lambda ctx: order(ctx, later))
    return made


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Filter.ACTIVE, {"active", "changed", "changing", "resumed", "again"}),
        (Filter.SUSPENDED, {"suspended"}),
        (Filter.ENDED, {"cancelled"}),
        (Filter.NOT_YET, {"later"}),
        (Filter.NONE, {"none"}),
    ],
)
def test_state_is_found(town: dict[str, TenantRef], state: Filter, expected: set[str]) -> None:
    names = {each.id: name for name, each in town.items()}

    with databases.system_session(reason="test") as session:
        rows = session.scalars(in_state(select(Tenant), state, clock.now())).all()

    assert {names[TenantId(row.id)] for row in rows} == expected


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (BASIC, {"active", "changing", "cancelled", "suspended", "resumed", "later"}),
        (PUSH, {"changed", "again"}),
        ("7360110000400011", set()),
    ],
)
def test_package_is_found(town: dict[str, TenantRef], package: str, expected: set[str]) -> None:
    names = {each.id: name for name, each in town.items()}

    with databases.system_session(reason="test") as session:
        rows = session.scalars(with_package(select(Tenant), package, clock.now())).all()

    assert {names[TenantId(row.id)] for row in rows} == expected


@pytest.mark.parametrize("at", ["2026-11-16 10:00", "2026-11-30 23:59", "2026-12-01 00:00", "2027-01-01 00:00"])
def test_database_says_at_any_moment_what_the_rules_say(town: dict[str, TenantRef], tenant: TenantRef, at: str) -> None:
    when = moment(at)

    with databases.system_session(reason="test") as session:
        held = entitlements(session, [each.id for each in town.values()], when)
        by_state = {state: set(session.scalars(in_state(select(Tenant.id), state, when))) for state in Filter}
        by_package = {code: set(session.scalars(with_package(select(Tenant.id), code, when))) for code in (BASIC, PUSH)}

    for tenant_id, one in held.items():
        state = Filter.NONE if one.offering_code is None else Filter(one.state.value)
        assert [name for name, ids in by_state.items() if tenant_id in ids] == [state]
        assert [code for code, ids in by_package.items() if tenant_id in ids] == (
            [one.offering_code] if one.offering_code else []
        )
