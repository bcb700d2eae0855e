"""What a tenant has of everything there is, and the shortest way to the rest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from portal.catalog.catalogue import catalogue
from portal.catalog.entries import FeatureEntry, Offering
from portal.catalog.features import Feature
from portal.catalog.gating import Upgrade, offerings_with, upgrade
from portal.orders.answers import GrantView, SubscriptionView
from portal.orders.rules.entitlement import Entitlement
from portal.orders.states import State


@dataclass(frozen=True)
class FeatureLine:
    """A feature for one tenant: whether it is open, by which grant, whether it once was, and how it is had otherwise.

    `upgrade` is the cheapest package for the present kind of box; `brought_by` names every package that has the feature.
    """

    entry: FeatureEntry
    is_open: bool
    was_open: bool
    grant: GrantView | None
    upgrade: Upgrade | None
    brought_by: tuple[Offering, ...]


@dataclass(frozen=True)
class Overview:
    """All features, the open ones first, and the one package change that opens the most for the least."""

    lines: tuple[FeatureLine, ...]

    @property
    def open(self) -> tuple[FeatureLine, ...]:
        """What may be used now."""
        return tuple(line for line in self.lines if line.is_open)

    @property
    def locked(self) -> tuple[FeatureLine, ...]:
        """What is not held now, without what a grant alone brings."""
        return tuple(line for line in self.lines if not line.is_open and not line.entry.by_grant_only)

    @property
    def next_step(self) -> tuple[Upgrade, tuple[FeatureLine, ...]] | None:
        """The cheapest upgrade that opens something, and everything that it opens; None where nothing is locked."""
        found = [line.upgrade for line in self.locked if line.upgrade is not None]
        if not found:
            return None
        best = max(found, key=lambda step: (len(self._opened_by(step)), -step.offering.price))
        return best, self._opened_by(best)

    def _opened_by(self, step: Upgrade) -> tuple[FeatureLine, ...]:
        return tuple(line for line in self.locked if line.entry.feature in step.offering.features)


def overview(
    held: Entitlement, subscription: SubscriptionView | None, grants: Collection[GrantView], on: date
) -> Overview:
    """This function will compare what the tenant holds with everything in the catalogue, asked on the business day `on`."""
    book = catalogue()
    going_on = subscription is not None and subscription.standing.state is not State.ENDED
    plan = subscription.standing.plan if subscription is not None and going_on else None
    offering = book.offerings.get(plan.offering_code) if plan else None
    in_force = {grant.feature: grant for grant in grants if grant.in_force}

    def line(entry: FeatureEntry) -> FeatureLine:
        feature = entry.feature
        is_open = feature in held.features
        step = None if is_open else upgrade(offering, plan.price if plan else None, feature, on)
        granted = in_force.get(feature) if not _in_package(offering, feature) else None
        return FeatureLine(entry, is_open, feature in held.held_before, granted, step, offerings_with(feature))

    lines = [line(entry) for entry in book.features.values()]
    return Overview(tuple(sorted(lines, key=lambda one: not one.is_open)))


def _in_package(offering: Offering | None, feature: Feature) -> bool:
    return offering is not None and feature in offering.features
