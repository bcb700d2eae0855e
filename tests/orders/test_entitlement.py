"""What a tenant may use at a moment, what it had before, and when this changes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from portal.catalog.features import Feature
from portal.orders.rules.entitlement import Entitlement, entitlement, showing_changes
from portal.orders.rules.facts import (
    ChangeFacts,
    GrantFacts,
    Plan,
    SubscriptionFacts,
    SuspensionFacts,
    TenantFacts,
)
from portal.orders.states import State
from tests.orders.moments import moment

BASIC = Plan("7360110000400020", 30, Decimal("18.00"))
CUSTOM = Plan("7360110000400021", 30, Decimal("28.00"))
PUSH = Plan("7360110000400023", 30, Decimal("48.00"))
BASE, CUSTOMISED = frozenset({Feature.BASE}), frozenset({Feature.BASE, Feature.APPS, Feature.LOGO})
PUSHED = CUSTOMISED | {Feature.SLOTS, Feature.MARQUEE}
NONE: frozenset[Feature] = frozenset()

START, CHANGE, END = moment("2026-11-16 10:00"), moment("2026-12-01 00:00"), moment("2027-02-01 00:00")
ORDERED = SubscriptionFacts("s", PUSH, START)


def tenant(subscription: SubscriptionFacts, *grants: GrantFacts) -> TenantFacts:
    return TenantFacts((subscription,), grants)


def test_tenant_without_order_has_nothing() -> None:
    assert entitlement(TenantFacts(), START) == Entitlement(
        features=NONE,
        app_packages=frozenset(),
        offering_code=None,
        state=State.NOT_YET,
        boxes=0,
        held_before=NONE,
        next_change_at=None,
    )


def test_active_tenant_has_its_package() -> None:
    assert entitlement(tenant(ORDERED), moment("2026-11-20 08:00")) == Entitlement(
        features=PUSHED,
        app_packages=None,
        offering_code=PUSH.offering_code,
        state=State.ACTIVE,
        boxes=30,
        held_before=PUSHED,
        next_change_at=None,
    )


def test_tenant_before_its_start_has_nothing_yet() -> None:
    found = entitlement(tenant(ORDERED), moment("2026-11-16 09:59"))

    assert (found.features, found.state, found.boxes, found.next_change_at) == (NONE, State.NOT_YET, 0, START)
    assert found.held_before == NONE


def test_smaller_package_leaves_what_was_held_readable() -> None:
    down = replace(ORDERED, changes=(ChangeFacts(CUSTOM, CHANGE),))

    before, after = (entitlement(tenant(down), moment(at)) for at in ("2026-11-30 23:59", "2026-12-01 00:00"))

    assert (before.features, before.next_change_at) == (PUSHED, CHANGE)
    assert (after.features, after.held_before, after.next_change_at) == (CUSTOMISED, PUSHED, None)
    assert [
        (feature.value, after.open(feature), after.readable(feature))
        for feature in (Feature.LOGO, Feature.SLOTS, Feature.ADS)
    ] == [
        ("logo", True, True),
        ("slots", False, True),
        ("ads", False, False),
    ]


def test_bigger_package_was_not_held_before() -> None:
    up = replace(ORDERED, plan=CUSTOM, changes=(ChangeFacts(PUSH, CHANGE),))

    found = entitlement(tenant(up), CHANGE)

    assert (found.features, found.held_before) == (PUSHED, CUSTOMISED)


@pytest.mark.parametrize(
    ("subscription", "state"),
    [
        (replace(ORDERED, ends_at=END), State.ENDED),
        (replace(ORDERED, suspensions=(SuspensionFacts(END),)), State.SUSPENDED),
    ],
)
def test_ended_or_suspended_tenant_keeps_base_alone(subscription: SubscriptionFacts, state: State) -> None:
    power = GrantFacts(Feature.POWER, START, moment("2028-01-01 00:00"))

    found = entitlement(tenant(subscription, power), END)

    assert (found.features, found.app_packages, found.state, found.boxes) == (BASE, frozenset(), state, 0)
    assert found.held_before == PUSHED | {Feature.POWER}


def test_everything_comes_back_after_a_suspension() -> None:
    rested = replace(ORDERED, suspensions=(SuspensionFacts(CHANGE, END),))

    assert entitlement(tenant(rested), END).features == PUSHED


def test_new_subscription_follows_an_ended_one() -> None:
    first = replace(ORDERED, ends_at=CHANGE)
    second = SubscriptionFacts("t", CUSTOM, END)
    facts = TenantFacts((first, second))

    assert entitlement(facts, moment("2027-01-15 00:00")).state is State.ENDED
    assert entitlement(facts, moment("2027-01-15 00:00")).next_change_at == END
    assert entitlement(facts, END).features == CUSTOMISED
    assert entitlement(facts, END).held_before == PUSHED


@pytest.mark.parametrize(
    ("at", "features"),
    [
        ("2026-11-30 23:59", PUSHED),
        ("2026-12-01 00:00", PUSHED | {Feature.LIVE}),
        ("2027-01-31 23:59", PUSHED | {Feature.LIVE}),
        ("2027-02-01 00:00", PUSHED),
    ],
)
def test_grant_adds_a_feature_for_its_time(at: str, features: frozenset[Feature]) -> None:
    assert entitlement(tenant(ORDERED, GrantFacts(Feature.LIVE, CHANGE, END)), moment(at)).features == features


def test_grant_alone_opens_nothing_without_an_active_subscription() -> None:
    facts = TenantFacts(grants=(GrantFacts(Feature.LIVE, START, END),))

    assert entitlement(facts, CHANGE).features == NONE


def test_school_on_the_basic_package_loads_only_the_named_app() -> None:
    school = SubscriptionFacts("s", BASIC, START)
    granted = GrantFacts(Feature.APPS, START, END, frozenset({"cn.com.yxt.tv"}))

    found = entitlement(tenant(school, granted), CHANGE)

    assert (found.features, found.app_packages) == ({Feature.BASE, Feature.APPS}, {"cn.com.yxt.tv"})


@pytest.mark.parametrize(
    ("plan", "packages", "answer"),
    [
        (BASIC, [{"a.b"}, {"c.d"}], {"a.b", "c.d"}),
        (BASIC, [{"a.b"}, set()], None),
        (CUSTOM, [{"a.b"}], None),
        (BASIC, [], frozenset()),
    ],
)
def test_app_packages_add_up_and_any_unlimited_right_wins(
    plan: Plan, packages: list[set[str]], answer: set[str] | None
) -> None:
    grants = [GrantFacts(Feature.APPS, START, END, frozenset(names)) for names in packages]

    assert entitlement(tenant(SubscriptionFacts("s", plan, START), *grants), CHANGE).app_packages == answer


def test_feature_held_for_an_hour_on_the_same_day_was_held_before() -> None:
    short = GrantFacts(Feature.POWER, moment("2026-11-20 10:00"), moment("2026-11-20 11:00"))

    assert Feature.POWER in entitlement(tenant(ORDERED, short), moment("2026-11-20 12:00")).held_before


def test_showing_changes_name_start_change_rest_and_end() -> None:
    subscription = replace(
        ORDERED,
        ends_at=END,
        changes=(ChangeFacts(CUSTOM, CHANGE),),
        suspensions=(SuspensionFacts(moment("2027-01-10 00:00"), moment("2027-01-11 00:00")),),
    )

    found = showing_changes(tenant(subscription), moment("2026-01-01 00:00"), moment("2028-01-01 00:00"))

    assert found == (START, CHANGE, moment("2027-01-10 00:00"), moment("2027-01-11 00:00"), END)


def test_showing_changes_take_the_end_of_the_interval_and_not_its_beginning() -> None:
    facts = tenant(replace(ORDERED, ends_at=END))

    assert showing_changes(facts, START, END) == (END,)
    assert showing_changes(facts, END, moment("2028-01-01 00:00")) == ()


@pytest.mark.parametrize("plan", [replace(PUSH, boxes=99), replace(PUSH, price=Decimal("40.00"))])
def test_more_boxes_or_another_price_show_nothing_new(plan: Plan) -> None:
    facts = tenant(replace(ORDERED, changes=(ChangeFacts(plan, CHANGE),)))

    assert showing_changes(facts, START, END) == ()


def test_more_boxes_change_the_entitlement_on_the_first() -> None:
    facts = tenant(replace(ORDERED, changes=(ChangeFacts(replace(PUSH, boxes=99), CHANGE),)))

    assert [entitlement(facts, at).boxes for at in (START, CHANGE)] == [30, 99]


def test_grant_of_what_the_package_has_shows_nothing_new() -> None:
    facts = tenant(ORDERED, GrantFacts(Feature.LOGO, CHANGE, END))

    assert showing_changes(facts, START, moment("2028-01-01 00:00")) == ()
