"""Changes and cancellations: for the first of the next month, three a month, the last one counts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.core.ids import SubscriptionId, new_id
from portal.orders import queries
from portal.orders.answers import SubscriptionView
from portal.orders.commands.changing import Requested, cancel, request_change, withdraw_change
from portal.orders.commands.ordering import order
from portal.orders.commands.suspending import suspend
from portal.orders.models import SubscriptionChange
from portal.orders.requests import OrderRequest, PlanRequest
from portal.orders.rules.facts import Plan
from portal.orders.states import ChangeKind, State, SuspensionReason, Terms
from tests.orders.conftest import Doing, Travel, acting, make_tenant
from tests.orders.moments import moment

BASIC, CUSTOM, PUSH, ZONE = (f"73601100004000{n}" for n in (20, 21, 23, 24))
ORDER = OrderRequest(offering_code=CUSTOM, boxes=40, customer_class="enterprise", industry_code="1401001")
TO_PUSH = PlanRequest(offering_code=PUSH, boxes=40)
TO_ZONE = PlanRequest(offering_code=ZONE, boxes=40)
FIRST = date(2026, 12, 1)


@pytest.fixture
def subscription(doing: Doing) -> SubscriptionId:
    with doing() as ctx:
        return order(ctx, ORDER).subscription_id


def view(tenant: TenantRef, at: str | None = None) -> SubscriptionView:
    with databases.tenant_session(tenant.id) as session:
        found = queries.current_subscription(session, tenant.id, moment(at) if at else clock.now())
    assert found is not None
    return found


def plan_on(tenant: TenantRef, at: str) -> tuple[str, State]:
    standing = view(tenant, at).standing
    return standing.plan.offering_code, standing.state


def test_change_takes_effect_at_midnight_of_the_first(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId
) -> None:
    with doing() as ctx:
        requested = request_change(ctx, subscription, TO_PUSH)

    assert requested.effective_on == FIRST
    assert plan_on(tenant, "2026-11-30 23:59") == (CUSTOM, State.ACTIVE)
    assert plan_on(tenant, "2026-12-01 00:00") == (PUSH, State.ACTIVE)


def test_change_waits_in_the_view_until_it_is_in_force(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId
) -> None:
    with doing() as ctx:
        request_change(ctx, subscription, replace(TO_PUSH, boxes=60))

    pending = view(tenant).pending

    assert pending is not None
    assert (pending.kind, pending.plan, pending.effective_on) == (
        ChangeKind.CHANGE,
        Plan(PUSH, 60, Decimal("48.00")),
        FIRST,
    )
    assert view(tenant).requests_left == 2
    assert view(tenant, "2026-12-01 00:00").pending is None


def test_last_of_three_requests_counts_and_a_fourth_is_refused(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId, travel: Travel
) -> None:
    for day, request in (("17", TO_PUSH), ("18", TO_ZONE), ("19", replace(TO_PUSH, boxes=50))):
        travel(f"2026-11-{day} 10:00")
        with doing() as ctx:
            request_change(ctx, subscription, request)

    with pytest.raises(Refused) as caught, doing() as ctx:
        request_change(ctx, subscription, TO_ZONE)

    assert caught.value.code == "too_many_changes"
    assert view(tenant, "2026-12-01 00:00").standing.plan == Plan(PUSH, 50, Decimal("48.00"))


def test_limit_is_of_the_month(doing: Doing, tenant: TenantRef, subscription: SubscriptionId, travel: Travel) -> None:
    for request in (TO_PUSH, TO_ZONE, TO_PUSH):
        with doing() as ctx:
            request_change(ctx, subscription, request)
    travel("2026-12-01 00:00")

    with doing() as ctx:
        requested = request_change(ctx, subscription, TO_ZONE)

    assert requested.effective_on == date(2027, 1, 1)
    assert plan_on(tenant, "2026-12-31 23:59") == (PUSH, State.ACTIVE)
    assert plan_on(tenant, "2027-01-01 00:00") == (ZONE, State.ACTIVE)


def test_cancellation_ends_on_the_first_and_stops_the_renewal(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId
) -> None:
    with doing() as ctx:
        assert cancel(ctx, subscription).effective_on == FIRST

    assert (view(tenant).ends_on, view(tenant).renews_on) == (FIRST, None)
    assert plan_on(tenant, "2026-11-30 23:59") == (CUSTOM, State.ACTIVE)
    assert plan_on(tenant, "2026-12-01 00:00") == (CUSTOM, State.ENDED)


def test_cancellation_replaces_a_change(doing: Doing, tenant: TenantRef, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        request_change(ctx, subscription, TO_PUSH)
        cancel(ctx, subscription)

    assert plan_on(tenant, "2026-12-01 00:00") == (CUSTOM, State.ENDED)


def test_change_replaces_a_cancellation(doing: Doing, tenant: TenantRef, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        cancel(ctx, subscription)
        request_change(ctx, subscription, TO_PUSH)

    assert view(tenant).ends_on is None
    assert plan_on(tenant, "2026-12-01 00:00") == (PUSH, State.ACTIVE)


@pytest.mark.parametrize("kind", [ChangeKind.CHANGE, ChangeKind.CANCEL])
def test_withdrawn_request_changes_nothing(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId, kind: ChangeKind
) -> None:
    with doing() as ctx:
        request_change(ctx, subscription, TO_ZONE)
        if kind is ChangeKind.CANCEL:
            cancel(ctx, subscription)

    with doing() as ctx:
        withdraw_change(ctx, subscription)

    assert plan_on(tenant, "2026-12-01 00:00") == (CUSTOM, State.ACTIVE)
    assert (view(tenant).pending, view(tenant).ends_on) == (None, None)


def test_withdrawn_request_still_counts_against_the_limit(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId
) -> None:
    for _ in range(3):
        with doing() as ctx:
            request_change(ctx, subscription, TO_PUSH)
            withdraw_change(ctx, subscription)

    assert view(tenant).requests_left == 0


def test_change_in_effect_cannot_be_withdrawn(doing: Doing, subscription: SubscriptionId, travel: Travel) -> None:
    with doing() as ctx:
        request_change(ctx, subscription, TO_PUSH)
    travel("2026-12-01 00:00")

    with pytest.raises(Refused) as caught, doing() as ctx:
        withdraw_change(ctx, subscription)

    assert caught.value.code == "nothing_requested"


@pytest.mark.parametrize("act", [withdraw_change, lambda ctx, id_: request_change(ctx, id_, TO_PUSH)])
def test_cancellation_stands_once_a_successor_is_ordered(
    doing: Doing, subscription: SubscriptionId, act: object
) -> None:
    with doing() as ctx:
        cancel(ctx, subscription)
        order(ctx, replace(ORDER, starts_on=FIRST))

    with pytest.raises(Refused) as caught, doing() as ctx:
        act(ctx, subscription)  # type: ignore[operator]

    assert caught.value.code == "already_subscribed"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (PlanRequest(CUSTOM, 40), "nothing_changes"),
        (PlanRequest(CUSTOM, 40, Decimal("28.00")), "nothing_changes"),
        (PlanRequest(PUSH, 40, Decimal("15.99"), "大客户", price_approved=True), "price_below_settlement"),
        (PlanRequest(PUSH, 40, Decimal("32.99"), "大客户"), "price_needs_approval"),
    ],
)
def test_change_against_a_rule_is_refused(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId, request_: PlanRequest, code: str
) -> None:
    with pytest.raises(Refused) as caught, doing() as ctx:
        request_change(ctx, subscription, request_)

    assert caught.value.code == code
    assert view(tenant).requests_left == 3


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (PlanRequest("x", 0, Decimal("0.001")), {"offering_code", "boxes", "price"}),
        (PlanRequest(PUSH, 40, Decimal(20)), {"price_reason"}),
    ],
)
def test_bad_fields_of_a_change_are_named(
    doing: Doing, subscription: SubscriptionId, request_: PlanRequest, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as caught, doing() as ctx:
        request_change(ctx, subscription, request_)

    assert caught.value.errors.keys() == fields


def test_more_boxes_keep_the_price_that_was_agreed_and_approved(doing: Doing, tenant: TenantRef) -> None:
    agreed = replace(ORDER, price=Decimal("12.00"), price_reason="大客户", price_approved=True)
    with doing() as ctx:
        id_ = order(ctx, agreed).subscription_id

    with doing(Role.PROVINCE) as ctx:
        request_change(ctx, id_, PlanRequest(CUSTOM, 80))

    assert view(tenant, "2026-12-01 00:00").standing.plan == Plan(CUSTOM, 80, Decimal("12.00"))


def test_group_purchase_keeps_its_terms_with_its_package_and_loses_them_with_another(
    doing: Doing, tenant: TenantRef
) -> None:
    with doing() as ctx:
        id_ = order(ctx, replace(ORDER, offering_code=BASIC, terms=Terms.GROUP_PURCHASE)).subscription_id
        request_change(ctx, id_, PlanRequest(BASIC, 100))
    kept = view(tenant, "2026-12-01 00:00").standing.plan
    with doing() as ctx:
        request_change(ctx, id_, TO_PUSH)

    assert kept == Plan(BASIC, 100, Decimal("18.00"), Terms.GROUP_PURCHASE)
    assert view(tenant, "2026-12-01 00:00").standing.plan == Plan(PUSH, 40, Decimal("48.00"), Terms.MONTHLY)


def test_group_purchase_pays_from_its_second_year(doing: Doing, tenant: TenantRef) -> None:
    with doing() as ctx:
        order(ctx, replace(ORDER, offering_code=BASIC, terms=Terms.GROUP_PURCHASE))

    fees = [view(tenant, at).monthly_fee for at in ("2027-11-15 12:00", "2027-11-16 12:00")]

    assert fees == [Decimal("0.00"), Decimal("16.20")]


def test_closed_offering_can_be_kept_but_not_changed_to(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = catalogue()
    for code in (CUSTOM, PUSH):
        closed = book.offering(code).model_copy(update={"last_sale_on": date(2026, 11, 1)})
        monkeypatch.setitem(book.offerings, code, closed)  # type: ignore[arg-type]

    with pytest.raises(Refused) as caught, doing() as ctx:
        request_change(ctx, subscription, TO_PUSH)
    with doing() as ctx:
        request_change(ctx, subscription, PlanRequest(CUSTOM, 50))

    assert caught.value.code == "sale_over"
    assert view(tenant, "2027-12-01 00:00").standing.state is State.ACTIVE


@pytest.mark.parametrize("act", [cancel, lambda ctx, id_: request_change(ctx, id_, TO_PUSH)])
def test_ended_subscription_takes_no_requests(
    doing: Doing, subscription: SubscriptionId, travel: Travel, act: object
) -> None:
    with doing() as ctx:
        cancel(ctx, subscription)
    travel("2026-12-01 00:00")

    with pytest.raises(Refused) as caught, doing() as ctx:
        act(ctx, subscription)  # type: ignore[operator]

    assert caught.value.code == "subscription_ended"


def test_second_cancellation_is_refused(doing: Doing, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        cancel(ctx, subscription)

    with pytest.raises(Refused) as caught, doing() as ctx:
        cancel(ctx, subscription)

    assert caught.value.code == "already_cancelled"


def test_suspended_subscription_can_be_cancelled(doing: Doing, tenant: TenantRef, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.ARREARS)
        cancel(ctx, subscription)

    assert plan_on(tenant, "2026-12-01 00:00") == (CUSTOM, State.ENDED)


@pytest.mark.parametrize(
    "act",
    [cancel, withdraw_change, lambda ctx, id_: request_change(ctx, id_, TO_PUSH)],
    ids=["cancel", "withdraw", "change"],
)
def test_subscription_of_another_tenant_is_not_found(
    doing: Doing, subscription: SubscriptionId, neighbour: TenantRef, act: object
) -> None:
    with pytest.raises(NotFound), doing(within=neighbour) as ctx:
        act(ctx, subscription)  # type: ignore[operator]
    with pytest.raises(NotFound), doing() as ctx:
        act(ctx, SubscriptionId(new_id()))  # type: ignore[operator]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CENTER_OPERATOR, Role.PROVINCE, Role.CLI}))
@pytest.mark.parametrize(
    "act",
    [cancel, withdraw_change, lambda ctx, id_: request_change(ctx, id_, TO_PUSH)],
    ids=["cancel", "withdraw", "change"],
)
def test_nobody_else_may_change(sqlite: databases.Database, travel: Travel, role: Role, act: object) -> None:
    tenant = make_tenant(sqlite, 1, None)

    with pytest.raises(Forbidden), acting(tenant, role) as ctx:
        act(ctx, SubscriptionId(new_id()))  # type: ignore[operator]


def test_requests_are_recorded(doing: Doing, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        request_change(ctx, subscription, TO_PUSH)
        cancel(ctx, subscription)
        withdraw_change(ctx, subscription)

    with databases.system_session(reason="test") as session:
        records = list(session.scalars(select(AuditRecord).order_by(AuditRecord.seq)))[1:]
    assert [(each.event, each.target_id, each.details) for each in records] == [
        (
            "order.change_requested",
            subscription,
            {"offering": PUSH, "boxes": 40, "price": "48.00", "effective_on": "2026-12-01"},
        ),
        ("order.cancelled", subscription, {"effective_on": "2026-12-01"}),
        ("order.change_withdrawn", subscription, {"effective_on": "2026-12-01"}),
    ]


def test_history_of_requests_is_kept(doing: Doing, tenant: TenantRef, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        first = request_change(ctx, subscription, TO_PUSH)
    with doing() as ctx:
        second = cancel(ctx, subscription)

    with databases.tenant_session(tenant.id) as session:
        kept = {row.id: row.replaced_at for row in session.scalars(select(SubscriptionChange))}
    assert kept == {first.change_id: clock.now(), second.change_id: None}
    assert first == Requested(first.change_id, FIRST)
