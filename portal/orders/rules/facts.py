"""What the rules need to know of a tenant's rows. Moments are aware; days have become the moment at which they begin or end."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.catalog.features import Feature
from portal.orders.states import Terms


@dataclass(frozen=True)
class Plan:
    """What is paid for: an offering for a number of boxes, at a monthly price in yuan for each, on these terms."""

    offering_code: str
    boxes: int
    price: Decimal
    terms: Terms = Terms.MONTHLY


@dataclass(frozen=True)
class ChangeFacts:
    """A change of the plan that counts, from `effective_at` on; replaced and withdrawn requests are no facts."""

    plan: Plan
    effective_at: datetime


@dataclass(frozen=True)
class SuspensionFacts:
    """A rest from `since` until `until`, or until further notice."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class SubscriptionFacts:
    """A subscription with everything that bears on it; `ends_at` is None while it renews itself."""

    id: str
    plan: Plan
    starts_at: datetime
    ends_at: datetime | None = None
    changes: tuple[ChangeFacts, ...] = ()
    suspensions: tuple[SuspensionFacts, ...] = ()


@dataclass(frozen=True)
class GrantFacts:
    """A feature granted from `starts_at` until `ends_at`, limited to app packages where any are named."""

    feature: Feature
    starts_at: datetime
    ends_at: datetime
    packages: frozenset[str] = frozenset()

    def holds(self, at: datetime) -> bool:
        """This function will tell whether the grant is in force at the moment `at`."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class TenantFacts:
    """All of a tenant's subscriptions, in the order of their start, and all its grants."""

    subscriptions: tuple[SubscriptionFacts, ...] = ()
    grants: tuple[GrantFacts, ...] = ()
