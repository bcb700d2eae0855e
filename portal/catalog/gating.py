"""Which package opens which feature, and the shortest way to one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.catalog.catalogue import Catalogue, catalogue
from portal.catalog.entries import Offering
from portal.catalog.features import Feature
from portal.catalog.months import first_of_next_month
from portal.catalog.pricing import first_month

BASE_ONLY = frozenset({Feature.BASE})


@dataclass(frozen=True)
class Upgrade:
    """The cheapest package that brings a feature, for one box, in yuan.

    `this_month` is what is paid in addition until the end of the current month and `per_month` what is paid in addition
    from `from_on` on; `from_on` is the day on which the feature opens.
    """

    offering: Offering
    this_month: Decimal
    per_month: Decimal
    from_on: date


def features_of(offering_code: str, granted: Iterable[Feature] = ()) -> frozenset[Feature]:
    """This function will return what the offering and the granted features open together; raises `UnknownCode`."""
    return catalogue().offering(offering_code).features | frozenset(granted)


def offerings_with(feature: Feature) -> tuple[Offering, ...]:
    """This function will return the offerings that bring `feature`, the cheapest first; none, where it is had by grant only."""
    found = [offering for offering in catalogue().offerings.values() if feature in offering.features]
    return tuple(sorted(found, key=lambda offering: (offering.price, offering.code)))


def cheapest_upgrade(offering: Offering, feature: Feature, book: Catalogue | None = None) -> Offering | None:
    """This function will return the cheapest offering that brings `feature` and loses nothing, or None.

    It keeps every feature of `offering` and its type of box, so that no box has to be exchanged. An offering that has the
    feature already needs no upgrade and is returned itself.
    """
    wanted = offering.features | {feature}
    fitting = [
        other
        for other in (book or catalogue()).offerings.values()
        if wanted <= other.features and other.box_type == offering.box_type
    ]
    if offering in fitting:
        return offering
    return min(fitting, key=lambda other: (other.price, other.code), default=None)


def upgrade(offering: Offering | None, price: Decimal | None, feature: Feature, on: date) -> Upgrade | None:
    """This function will say how a tenant gets `feature` for the least money, asked on the business day `on`.

    `offering` and the `price` paid for it (its list price, if None) are those in force; a change takes effect on the first
    of the next month, so that nothing is added this month. Without an offering the new order takes effect at once and its
    first month is charged by day. None, where no package helps.
    """
    if offering is None:
        first = next(iter(offerings_with(feature)), None)
        return None if first is None else Upgrade(first, first_month(first.price, on), first.price, on)
    found = cheapest_upgrade(offering, feature)
    if found is None:
        return None
    paid = offering.price if price is None else price
    return Upgrade(found, Decimal("0.00"), found.price - paid, first_of_next_month(on))


def action_open(action: str, features: frozenset[Feature]) -> bool:
    """This function will tell whether a slot may use the action with these features; an unknown action is never open."""
    entry = catalogue().actions.get(action)
    return entry is not None and entry.requires <= features
