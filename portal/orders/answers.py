"""What this room's queries and commands hand out: frozen, free of database rows. Money is yuan, for one box where not said otherwise."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.catalog.features import Feature
from portal.core.ids import SubscriptionId, TenantId
from portal.orders.rules.facts import Plan
from portal.orders.rules.standing import Standing
from portal.orders.states import ChangeKind, ChargeKind, SuspensionReason


@dataclass(frozen=True)
class PendingChange:
    """The request that counts for the first of the next month; a cancellation has no plan."""

    id: str
    kind: ChangeKind
    plan: Plan | None
    effective_on: date
    requested_at: datetime


@dataclass(frozen=True)
class OpenSuspension:
    """Why and since when a subscription rests."""

    reason: SuspensionReason
    note: str
    started_at: datetime


@dataclass(frozen=True)
class SubscriptionView:
    """A subscription as a page shows it at a moment.

    `renews_on` is None once it is cancelled; `ends_on` is the day at whose 00:00 it ends; `monthly_fee` is what the plan in
    force costs a month; `requests_left` how many changes may still be requested this month.
    """

    id: SubscriptionId
    standing: Standing
    customer_class: str
    industry_code: str
    ordered_at: datetime
    starts_on: date
    ends_on: date | None
    renews_on: date | None
    monthly_fee: Decimal
    pending: PendingChange | None
    suspension: OpenSuspension | None
    requests_left: int


@dataclass(frozen=True)
class GrantView:
    """A grant as a page shows it; `in_force` at the moment asked for."""

    id: str
    feature: Feature
    packages: tuple[str, ...]
    reason: str
    price: Decimal
    granted_at: datetime
    starts_at: datetime
    ends_on: date
    ended_at: datetime | None
    in_force: bool


@dataclass(frozen=True)
class ChargeView:
    """What an order cost at once: `unit_amount` for one box, `amount` for all."""

    id: str
    kind: ChargeKind
    covers_from: date
    covers_until: date
    boxes: int
    unit_amount: Decimal
    amount: Decimal
    charged_at: datetime


@dataclass(frozen=True)
class RenewalDue:
    """A subscription of which a renewal must be announced; `renews_on` makes the announcement unique."""

    tenant_id: TenantId
    subscription_id: SubscriptionId
    offering_code: str
    renews_on: date


@dataclass(frozen=True)
class ShowingChange:
    """A moment at which what a tenant may show changes."""

    tenant_id: TenantId
    at: datetime
