"""What a tenant's package holds, changed through the commands of orders."""

from datetime import timedelta
from decimal import Decimal

from portal.catalog.features import Feature
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.database import tenant_session
from portal.core.ids import SubscriptionId
from portal.orders.commands import changing, granting, suspending
from portal.orders.queries import current_subscription
from portal.orders.requests import GrantRequest, PlanRequest
from portal.orders.states import SuspensionReason
from tests.world.building import in_tenant, offering_code

BASIC = "天翼高清行业标准定制包"


def subscription_of(tenant: TenantRef) -> SubscriptionId:
    """This function will return the id of the subscription that counts now."""
    with tenant_session(tenant.id) as session:
        found = current_subscription(session, tenant.id, clock.now())
    assert found is not None
    return found.id


def suspend(tenant: TenantRef) -> None:
    """This function will leave the tenant with the feature `base` and nothing else, at once."""
    subscription = subscription_of(tenant)
    in_tenant(tenant, lambda ctx: suspending.suspend(ctx, subscription, SuspensionReason.ARREARS))


def resume(tenant: TenantRef) -> None:
    """This function will give the tenant back what its package holds, at once."""
    subscription = subscription_of(tenant)
    in_tenant(tenant, lambda ctx: suspending.resume(ctx, subscription))


def change_next_month(tenant: TenantRef, package: str, boxes: int = 10) -> None:
    """This function will order another package from the first of the next month on."""
    subscription, request = subscription_of(tenant), PlanRequest(offering_code(package), boxes)
    in_tenant(tenant, lambda ctx: changing.request_change(ctx, subscription, request))


def cancel_next_month(tenant: TenantRef) -> None:
    """This function will end the tenant's subscription on the first of the next month."""
    subscription = subscription_of(tenant)
    in_tenant(tenant, lambda ctx: changing.cancel(ctx, subscription))


def grant(tenant: TenantRef, feature: Feature, *, days: int = 30) -> str:
    """This function will grant one more feature through a last day, `days` from today, and return the grant's id."""
    request = GrantRequest(feature.value, "一事一议", Decimal("5.00"), ends_on=clock.today() + timedelta(days=days))
    return in_tenant(tenant, lambda ctx: granting.grant_feature(ctx, request))


def end_grant(tenant: TenantRef, grant_id: str) -> None:
    """This function will end a grant at once."""
    in_tenant(tenant, lambda ctx: granting.end_grant(ctx, grant_id))
