import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.catalog.features import Feature
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.core.ids import SubscriptionId
from portal.orders import queries
from portal.orders.answers import OpenSuspension
from portal.orders.commands.changing import cancel
from portal.orders.commands.ordering import order
from portal.orders.commands.suspending import resume, suspend
from portal.orders.requests import OrderRequest
from portal.orders.rules.entitlement import Entitlement
from portal.orders.states import State, SuspensionReason
from tests.orders.conftest import Doing, Travel, acting, make_tenant
from tests.orders.moments import moment

CUSTOM = "7360110000400021"
ORDER = OrderRequest(offering_code=CUSTOM, boxes=40, customer_class="government", industry_code="1002000")


@pytest.fixture
def subscription(doing: Doing) -> SubscriptionId:
    with doing() as ctx:
        return order(ctx, ORDER).subscription_id


def entitled(tenant: TenantRef) -> Entitlement:
    with databases.tenant_session(tenant.id) as session:
        return queries.entitlement(session, tenant.id, clock.now())


def test_suspension_takes_effect_at_once_and_resuming_brings_all_back(
    doing: Doing, tenant: TenantRef, subscription: SubscriptionId, travel: Travel
) -> None:
    travel("2026-11-20 09:00")
    with doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.ARREARS, " 欠费两个月 ")
    during = entitled(tenant)
    with databases.tenant_session(tenant.id) as session:
        view = queries.current_subscription(session, tenant.id, clock.now())
    travel("2026-11-25 09:00")
    with doing() as ctx:
        resume(ctx, subscription)

    assert (during.state, during.features, during.boxes) == (State.SUSPENDED, {Feature.BASE}, 0)
    assert during.held_before == {Feature.BASE, Feature.APPS, Feature.LOGO}
    assert view is not None
    assert view.suspension == OpenSuspension(SuspensionReason.ARREARS, "欠费两个月", moment("2026-11-20 09:00"))
    assert (entitled(tenant).state, entitled(tenant).features) == (
        State.ACTIVE,
        {Feature.BASE, Feature.APPS, Feature.LOGO},
    )


def test_subscription_can_rest_more_than_once(doing: Doing, tenant: TenantRef, subscription: SubscriptionId) -> None:
    for _ in range(2):
        with doing() as ctx:
            suspend(ctx, subscription, SuspensionReason.VIOLATION)
            resume(ctx, subscription)

    assert entitled(tenant).state is State.ACTIVE


def test_resting_subscription_cannot_be_suspended_again(doing: Doing, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.ARREARS)

    with pytest.raises(Refused) as caught, doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.VIOLATION)

    assert caught.value.code == "not_active"


def test_ended_subscription_can_be_neither_suspended_nor_resumed(
    doing: Doing, subscription: SubscriptionId, travel: Travel
) -> None:
    with doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.ARREARS)
        cancel(ctx, subscription)
    travel("2026-12-01 00:00")

    with pytest.raises(Refused) as suspended, doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.ARREARS)
    with pytest.raises(Refused) as resumed, doing() as ctx:
        resume(ctx, subscription)

    assert (suspended.value.code, resumed.value.code) == ("not_active", "not_suspended")


def test_active_subscription_cannot_be_resumed(doing: Doing, subscription: SubscriptionId) -> None:
    with pytest.raises(Refused) as caught, doing() as ctx:
        resume(ctx, subscription)

    assert caught.value.code == "not_suspended"


def test_long_note_is_refused_at_its_field(doing: Doing, subscription: SubscriptionId) -> None:
    with pytest.raises(Invalid) as caught, doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.ARREARS, "长" * 201)

    assert caught.value.errors.keys() == {"note"}


def test_subscription_of_another_tenant_is_not_found(
    doing: Doing, tenant: TenantRef, neighbour: TenantRef, subscription: SubscriptionId
) -> None:
    with pytest.raises(NotFound), doing(within=neighbour) as ctx:
        suspend(ctx, subscription, SuspensionReason.ARREARS)
    with pytest.raises(NotFound), doing(within=neighbour) as ctx:
        resume(ctx, subscription)

    assert entitled(tenant).state is State.ACTIVE


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CENTER_OPERATOR, Role.CLI}))
def test_nobody_else_may_suspend_or_resume(sqlite: databases.Database, travel: Travel, role: Role) -> None:
    tenant = make_tenant(sqlite, 1, None)

    with pytest.raises(Forbidden), acting(tenant, role) as ctx:
        suspend(ctx, SubscriptionId("x"), SuspensionReason.ARREARS)
    with pytest.raises(Forbidden), acting(tenant, role) as ctx:
        resume(ctx, SubscriptionId("x"))


def test_suspension_is_recorded(doing: Doing, subscription: SubscriptionId) -> None:
    with doing() as ctx:
        suspend(ctx, subscription, SuspensionReason.VIOLATION)
        resume(ctx, subscription)

    with databases.system_session(reason="test") as session:
        records = list(session.scalars(select(AuditRecord).order_by(AuditRecord.seq)))[1:]
    assert [(each.event, each.target_id, each.target_title, each.details) for each in records] == [
        ("order.suspended", subscription, "天翼高清标准定制月包", {"reason": "violation"}),
        ("order.resumed", subscription, "天翼高清标准定制月包", {}),
    ]
