from datetime import date
from decimal import Decimal

import pytest

from portal.catalog.catalogue import UnknownCode, catalogue
from portal.catalog.features import Feature
from portal.catalog.gating import Upgrade, action_open, cheapest_upgrade, features_of, offerings_with, upgrade

BASIC, CUSTOM, SLOTS, PUSH, ZONE, FULL = (f"73601100004000{n}" for n in (20, 21, 22, 23, 24, 25))
HOTEL, HOTEL_CUSTOM, HOTEL_FULL = "7360110000400011", "7360110000400026", "7360110000400027"


def test_features_are_those_of_the_package_and_the_grants() -> None:
    assert features_of(BASIC) == {Feature.BASE}
    assert features_of(BASIC, [Feature.POWER, Feature.BASE]) == {Feature.BASE, Feature.POWER}


def test_features_of_an_unknown_offering_are_an_error() -> None:
    with pytest.raises(UnknownCode):
        features_of("7360110000400099")


@pytest.mark.parametrize(
    ("feature", "codes"),
    [
        (Feature.BASE, [HOTEL, BASIC, CUSTOM, SLOTS, HOTEL_CUSTOM, PUSH, ZONE, HOTEL_FULL, FULL]),
        (Feature.WIFI, [HOTEL, HOTEL_CUSTOM, HOTEL_FULL]),
        (Feature.LOGO, [CUSTOM, SLOTS, HOTEL_CUSTOM, PUSH, ZONE, HOTEL_FULL, FULL]),
        (Feature.SLOTS, [SLOTS, PUSH, ZONE, HOTEL_FULL, FULL]),
        (Feature.MARQUEE, [PUSH, HOTEL_FULL, FULL]),
        (Feature.ZONE, [ZONE, HOTEL_FULL, FULL]),
        (Feature.SPLASH, [ZONE, HOTEL_FULL, FULL]),
        (Feature.ADS, [FULL]),
        (Feature.LIVE, []),
        (Feature.POWER, []),
    ],
)
def test_offerings_with_a_feature_come_cheapest_first(feature: Feature, codes: list[str]) -> None:
    assert [offering.code for offering in offerings_with(feature)] == codes


@pytest.mark.parametrize(
    ("held", "feature", "found"),
    [
        (BASIC, Feature.LOGO, CUSTOM),
        (BASIC, Feature.SLOTS, SLOTS),
        (BASIC, Feature.MARQUEE, PUSH),
        (BASIC, Feature.ZONE, ZONE),
        (PUSH, Feature.ZONE, FULL),  # the zone package would take the marquee away
        (ZONE, Feature.MARQUEE, FULL),
        (FULL, Feature.ADS, FULL),
        (HOTEL, Feature.SLOTS, HOTEL_FULL),  # the slots package needs another box
        (HOTEL_FULL, Feature.ADS, None),
        (BASIC, Feature.WIFI, None),
        (FULL, Feature.LIVE, None),
    ],
)
def test_upgrade_keeps_what_is_held_and_the_box(held: str, feature: Feature, found: str | None) -> None:
    better = cheapest_upgrade(catalogue().offering(held), feature)

    assert (better and better.code) == found


def test_every_upgrade_is_the_cheapest_superset() -> None:
    offerings = catalogue().offerings.values()
    for held in offerings:
        for feature in Feature:
            fitting = [o for o in offerings if o.features >= held.features | {feature} and o.box_type == held.box_type]

            better = cheapest_upgrade(held, feature)

            assert (better and better.price) == min((o.price for o in fitting), default=None)


def test_upgrade_costs_nothing_this_month_and_the_difference_from_the_next() -> None:
    found = upgrade(catalogue().offering(CUSTOM), None, Feature.MARQUEE, date(2026, 11, 22))

    assert found == Upgrade(catalogue().offering(PUSH), Decimal("0.00"), Decimal("20.00"), date(2026, 12, 1))


def test_upgrade_counts_from_the_price_negotiated() -> None:
    found = upgrade(catalogue().offering(CUSTOM), Decimal("23.00"), Feature.MARQUEE, date(2026, 12, 31))

    assert found == Upgrade(catalogue().offering(PUSH), Decimal("0.00"), Decimal("25.00"), date(2027, 1, 1))


def test_first_order_opens_at_once_and_is_charged_by_day() -> None:
    found = upgrade(None, None, Feature.ZONE, date(2026, 11, 16))

    assert found == Upgrade(catalogue().offering(ZONE), Decimal("29.00"), Decimal("58.00"), date(2026, 11, 16))


@pytest.mark.parametrize("held", [None, FULL])
def test_no_package_leads_to_what_is_granted_only(held: str | None) -> None:
    offering = None if held is None else catalogue().offering(held)

    assert upgrade(offering, None, Feature.LIVE, date(2026, 11, 16)) is None


@pytest.mark.parametrize(
    ("action", "needs"),
    [("column", Feature.ZONE), ("item", Feature.ZONE), ("app", Feature.APPS), ("live", Feature.LIVE)],
)
def test_action_needs_its_feature(action: str, needs: Feature) -> None:
    everything = frozenset(Feature)

    assert (action_open(action, everything), action_open(action, everything - {needs})) == (True, False)


@pytest.mark.parametrize(("action", "answer"), [("url", True), ("video", True), ("shell", False)])
def test_action_without_requirement_is_open_and_an_unknown_one_never(action: str, answer: bool) -> None:
    assert action_open(action, frozenset()) is answer
