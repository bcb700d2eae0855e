"""Ordering: at once, charged by day, once per tenant, for those who may, at a price that may be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.catalog.catalogue import catalogue
from portal.catalog.features import Feature
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.errors import Forbidden, Invalid, Refused
from portal.core.ids import new_id
from portal.orders import queries
from portal.orders.answers import ChargeView
from portal.orders.commands.changing import cancel
from portal.orders.commands.ordering import order
from portal.orders.models import Charge, Subscription
from portal.orders.requests import OrderRequest
from portal.orders.states import ChargeKind, State, Terms
from tests.orders.conftest import Doing, Travel
from tests.orders.moments import moment

BASIC, CUSTOM, PUSH = "7360110000400020", "7360110000400021", "7360110000400023"
REQUEST = OrderRequest(offering_code=CUSTOM, boxes=40, customer_class="enterprise", industry_code="1401001")
GROUP = replace(REQUEST, offering_code=BASIC, boxes=30, terms=Terms.GROUP_PURCHASE)


def charges(tenant: TenantRef) -> list[ChargeView]:
    with databases.tenant_session(tenant.id) as session:
        return [replace(each, id="") for each in queries.charges_of(session, tenant.id)]


def test_order_takes_effect_at_once_and_the_first_month_is_charged_by_day(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        ordered = order(ctx, REQUEST)

    with databases.tenant_session(tenant.id) as session:
        entitlement = queries.entitlement(session, tenant.id, clock.now())
    assert (ordered.starts_at, ordered.charged) == (clock.now(), Decimal("560.00"))
    assert (entitlement.state, entitlement.offering_code, entitlement.boxes) == (State.ACTIVE, CUSTOM, 40)
    assert entitlement.features == {Feature.BASE, Feature.APPS, Feature.LOGO}
    assert charges(tenant) == [
        ChargeView(
            id="",
            kind=ChargeKind.FIRST_MONTH,
            covers_from=date(2026, 11, 16),
            covers_until=date(2026, 11, 30),
            boxes=40,
            unit_amount=Decimal("14.00"),
            amount=Decimal("560.00"),
            charged_at=clock.now(),
        )
    ]


def test_business_day_of_the_order_is_that_of_shanghai(doing: Doing, tenant: TenantRef, travel: Travel) -> None:
    travel("2026-12-01 00:30")  # still 30 November in UTC

    with doing() as ctx:
        order(ctx, REQUEST)

    assert [(charge.covers_from, charge.unit_amount) for charge in charges(tenant)] == [
        (date(2026, 12, 1), Decimal("28.00"))
    ]


def test_order_is_recorded(doing: Doing, database: databases.Database, tenant: TenantRef) -> None:
    with doing() as ctx:
        ordered = order(ctx, REQUEST)

    with databases.system_session(reason="test") as session:
        (record,) = session.scalars(select(AuditRecord))
    assert (record.event, record.tenant_id, record.target_id) == (
        "order.subscribed",
        tenant.id,
        ordered.subscription_id,
    )
    assert record.details == {"offering": CUSTOM, "boxes": 40, "price": "28.00"}


def test_order_may_begin_later(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        ordered = order(ctx, replace(REQUEST, starts_on=date(2026, 12, 22)))

    with databases.tenant_session(tenant.id) as session:
        states = [
            queries.entitlement(session, tenant.id, moment(at)).state for at in ("2026-12-21 23:59", "2026-12-22 00:00")
        ]
    assert states == [State.NOT_YET, State.ACTIVE]
    assert ordered.starts_at == moment("2026-12-22 00:00")
    assert [(charge.covers_from, charge.unit_amount) for charge in charges(tenant)] == [
        (date(2026, 12, 22), Decimal("9.03"))
    ]


def test_group_purchase_charges_the_boxes_with_a_year_in_them(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        ordered = order(ctx, GROUP)

    assert ordered.charged == Decimal("13470.00")
    assert [(each.kind, each.covers_from, each.covers_until, each.unit_amount) for each in charges(tenant)] == [
        (ChargeKind.BOXES, date(2026, 11, 16), date(2027, 11, 15), Decimal("449.00"))
    ]


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (replace(REQUEST, offering_code="7360110000400099"), {"offering_code"}),
        (replace(REQUEST, boxes=0), {"boxes"}),
        (replace(REQUEST, boxes=-1), {"boxes"}),
        (replace(REQUEST, boxes=1_000_001), {"boxes"}),
        (replace(REQUEST, price=Decimal("28.005")), {"price"}),
        (replace(REQUEST, price=Decimal(-1)), {"price"}),
        (replace(REQUEST, price=Decimal("NaN")), {"price"}),
        (replace(REQUEST, price=Decimal("1E+400")), {"price"}),
        (replace(REQUEST, price=Decimal(100000)), {"price"}),
        (replace(REQUEST, price_reason="长" * 201), {"price_reason"}),
        (replace(REQUEST, customer_class="nobility"), {"customer_class"}),
        (replace(REQUEST, industry_code="1401"), {"industry_code"}),
        (replace(REQUEST, industry_code="14"), {"industry_code"}),
        (replace(REQUEST, industry_code="1401009"), {"industry_code"}),
        (replace(REQUEST, industry_code=""), {"industry_code"}),
        (replace(REQUEST, starts_on=date(2026, 11, 15)), {"starts_on"}),
        (replace(REQUEST, starts_on=date(2027, 11, 17)), {"starts_on"}),
        (replace(REQUEST, boxes=0, industry_code="", customer_class=""), {"boxes", "industry_code", "customer_class"}),
        (replace(REQUEST, price=Decimal("22.99")), {"price_reason"}),
        (replace(GROUP, price=Decimal("17.00")), {"price"}),
    ],
)
def test_bad_fields_are_named_all_at_once(
    doing: Doing, tenant: TenantRef, request_: OrderRequest, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as caught, doing() as ctx:
        order(ctx, request_)

    assert caught.value.errors.keys() == fields
    assert charges(tenant) == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (replace(REQUEST, customer_class="household"), "customer_may_not_order"),
        (
            replace(REQUEST, price=Decimal("10.99"), price_reason="大客户", price_approved=True),
            "price_below_settlement",
        ),
        (replace(REQUEST, price=Decimal("22.99"), price_reason="大客户"), "price_needs_approval"),
        (replace(GROUP, offering_code=CUSTOM), "no_group_purchase"),
        (replace(GROUP, boxes=9), "too_few_for_group_purchase"),
    ],
)
def test_order_against_a_rule_is_refused(doing: Doing, tenant: TenantRef, request_: OrderRequest, code: str) -> None:
    with pytest.raises(Refused) as caught, doing() as ctx:
        order(ctx, request_)

    assert caught.value.code == code
    assert charges(tenant) == []


def test_price_below_the_floor_goes_with_a_reason_and_the_centers_approval(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        order(ctx, replace(REQUEST, price=Decimal("11.00"), price_reason=" 大客户 ", price_approved=True))
        approver = ctx.actor.user_id

    with databases.tenant_session(tenant.id) as session:
        (row,) = session.scalars(select(Subscription))
    assert (row.price, row.price_reason, row.price_approved_by) == (Decimal("11.00"), "大客户", approver)


def test_province_orders_but_cannot_approve_its_own_price(doing: Doing, tenant: TenantRef) -> None:
    cheap = replace(REQUEST, price=Decimal("22.99"), price_reason="大客户", price_approved=True)

    with pytest.raises(Forbidden), doing(Role.PROVINCE) as ctx:
        order(ctx, cheap)
    with doing(Role.PROVINCE) as ctx:
        order(ctx, replace(cheap, price=Decimal("23.00")))

    assert [charge.unit_amount for charge in charges(tenant)] == [Decimal("11.50")]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CENTER_OPERATOR, Role.PROVINCE, Role.CLI}))
def test_nobody_else_may_order(doing: Doing, tenant: TenantRef, role: Role) -> None:
    with pytest.raises(Forbidden), doing(role) as ctx:
        order(ctx, REQUEST)

    assert charges(tenant) == []


def test_foreign_province_may_not_order(doing: Doing, tenant: TenantRef) -> None:
    with pytest.raises(Forbidden), doing(Role.PROVINCE, province_code="33") as ctx:
        order(ctx, REQUEST)

    assert charges(tenant) == []


def test_second_subscription_is_refused(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        order(ctx, REQUEST)

    with pytest.raises(Refused) as caught, doing() as ctx:
        order(ctx, replace(REQUEST, offering_code=PUSH))

    assert (caught.value.code, caught.value.status) == ("already_subscribed", 409)
    assert len(charges(tenant)) == 1


def test_another_tenant_is_not_hindered(doing: Doing, tenant: TenantRef, neighbour: TenantRef) -> None:
    with doing() as ctx:
        order(ctx, REQUEST)
    with doing(within=neighbour) as ctx:
        order(ctx, replace(REQUEST, offering_code=PUSH))

    with databases.system_session(reason="test") as session:
        found = queries.entitlements(session, [tenant.id, neighbour.id], clock.now())
    assert {each: entitlement.offering_code for each, entitlement in found.items()} == {
        tenant.id: CUSTOM,
        neighbour.id: PUSH,
    }


@pytest.mark.parametrize(
    ("starts_on", "code"),
    [
        (None, "already_subscribed"),
        (date(2026, 11, 30), "already_subscribed"),
        (date(2026, 12, 1), None),
        (date(2027, 1, 5), None),
    ],
)
def test_successor_may_begin_when_the_cancelled_one_has_ended(
    doing: Doing, tenant: TenantRef, starts_on: date | None, code: str | None
) -> None:
    with doing() as ctx:
        cancel(ctx, order(ctx, REQUEST).subscription_id)

    refused = None
    try:
        with doing() as ctx:
            order(ctx, replace(REQUEST, offering_code=PUSH, starts_on=starts_on))
    except Refused as error:
        refused = error.code

    assert refused == code


def test_database_itself_keeps_a_second_open_subscription_out(
    doing: Doing, database: databases.Database, tenant: TenantRef
) -> None:
    with doing() as ctx:
        order(ctx, REQUEST)
    with databases.tenant_session(tenant.id) as session:
        (row,) = session.scalars(select(Subscription))
        values = {column.name: getattr(row, column.name) for column in Subscription.__table__.columns}

    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(insert(Subscription), {**values, "id": new_id()})


def test_charge_cannot_name_a_subscription_of_another_tenant(
    doing: Doing, database: databases.Database, tenant: TenantRef, neighbour: TenantRef
) -> None:
    with doing() as ctx:
        order(ctx, REQUEST)
    with databases.tenant_session(tenant.id) as session:
        (row,) = session.scalars(select(Charge))
        values = {column.name: getattr(row, column.name) for column in Charge.__table__.columns}

    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(insert(Charge), {**values, "id": new_id(), "tenant_id": neighbour.id})


@pytest.mark.parametrize(("last_sale_on", "code"), [(date(2026, 11, 15), "sale_over"), (date(2026, 11, 16), None)])
def test_order_after_the_last_day_of_sale_is_refused(
    doing: Doing, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch, last_sale_on: date, code: str | None
) -> None:
    book = catalogue()
    closing = book.offering(CUSTOM).model_copy(update={"last_sale_on": last_sale_on})
    monkeypatch.setitem(book.offerings, CUSTOM, closing)  # type: ignore[arg-type]

    refused = None
    try:
        with doing() as ctx:
            order(ctx, REQUEST)
    except Refused as error:
        refused = error.code

    assert refused == code


def test_order_before_the_first_day_of_sale_is_refused(doing: Doing, tenant: TenantRef, travel: Travel) -> None:
    travel("2016-07-31 23:59")

    with pytest.raises(Refused) as caught, doing() as ctx:
        order(ctx, REQUEST)

    assert caught.value.code == "not_on_sale_yet"
