"""What a tenant may use at a moment, and when that changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from portal.catalog.features import Feature
from portal.catalog.gating import BASE_ONLY, features_of
from portal.orders.rules import standing
from portal.orders.rules.facts import GrantFacts, SubscriptionFacts, TenantFacts
from portal.orders.rules.timeline import Period, period_at, periods
from portal.orders.states import State


@dataclass(frozen=True)
class Holding:
    """What a tenant has during a period.

    `app_packages` names the only app packages it may load; None means any. `boxes` are the licences in force, and
    `offering_code` is None before the first order.
    """

    features: frozenset[Feature]
    app_packages: frozenset[str] | None
    offering_code: str | None
    state: State
    boxes: int


@dataclass(frozen=True)
class Entitlement(Holding):
    """What a tenant has at a moment, what it had at any earlier one, and when this will change, as far as is known."""

    held_before: frozenset[Feature]
    next_change_at: datetime | None

    def open(self, feature: Feature) -> bool:
        """This function will tell whether the feature may be used and changed now."""
        return feature in self.features

    def readable(self, feature: Feature) -> bool:
        """This function will tell whether the feature's pages may be seen: it is open, or was once."""
        return feature in self.features or feature in self.held_before


NOTHING = Holding(frozenset(), frozenset(), None, State.NOT_YET, 0)


def entitlement(facts: TenantFacts, at: datetime) -> Entitlement:
    """This function will say what follows from the tenant's rows at the moment `at`."""
    line = holdings(facts)
    now = period_at(line, at)
    earlier = [period.value.features for period in line if period.since is None or period.since < at]
    return Entitlement(
        features=now.value.features,
        app_packages=now.value.app_packages,
        offering_code=now.value.offering_code,
        state=now.value.state,
        boxes=now.value.boxes,
        held_before=frozenset[Feature]().union(*earlier),
        next_change_at=now.until,
    )


def holdings(facts: TenantFacts) -> tuple[Period[Holding], ...]:
    """This function will return everything the tenant had, has and will have, as a line of periods."""
    return periods(_moments(facts), lambda at: holding_at(facts, at))


def showing_changes(facts: TenantFacts, since: datetime, until: datetime) -> tuple[datetime, ...]:
    """This function will return the moments after `since`, up to and including `until`, at which what may be shown changes.

    That is the features and the app packages; a change of boxes or price alone shows nothing.
    """
    line = holdings(facts)
    return tuple(
        after.since
        for before, after in pairwise(line)
        if after.since is not None and since < after.since <= until and _shown(before.value) != _shown(after.value)
    )


def current(facts: TenantFacts, at: datetime) -> SubscriptionFacts | None:
    """This function will return the subscription that counts at `at`: the last one begun, else the first to come, or None."""
    begun = [each for each in facts.subscriptions if each.starts_at <= at]
    if begun:
        return max(begun, key=lambda each: each.starts_at)
    return min(facts.subscriptions, key=lambda each: each.starts_at, default=None)


def holding_at(facts: TenantFacts, at: datetime) -> Holding:
    """This function will say what the tenant has at `at`.

    Only an active subscription opens its package and the grants; suspended or ended, the tenant keeps `base` and nothing else.
    """
    subscription = current(facts, at)
    if subscription is None:
        return NOTHING
    plan = standing.plan_at(subscription, at)
    state = standing.state_at(subscription, at)
    if state is State.NOT_YET:
        return Holding(frozenset(), frozenset(), plan.offering_code, state, 0)
    if state is not State.ACTIVE:
        return Holding(BASE_ONLY, frozenset(), plan.offering_code, state, 0)
    grants = [grant for grant in facts.grants if grant.holds(at)]
    features = features_of(plan.offering_code, (grant.feature for grant in grants))
    return Holding(features, _app_packages(plan.offering_code, grants), plan.offering_code, state, plan.boxes)


def _app_packages(offering_code: str, grants: list[GrantFacts]) -> frozenset[str] | None:
    granted = [grant.packages for grant in grants if grant.feature is Feature.APPS]
    if Feature.APPS in features_of(offering_code) or frozenset() in granted:
        return None
    return frozenset[str]().union(*granted)


def _moments(facts: TenantFacts) -> Iterator[datetime]:
    for subscription in facts.subscriptions:
        yield from standing.moments(subscription)
    for grant in facts.grants:
        yield grant.starts_at
        yield grant.ends_at


def _shown(holding: Holding) -> tuple[frozenset[Feature], frozenset[str] | None]:
    return holding.features, holding.app_packages
