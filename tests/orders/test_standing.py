"""Start, change on the first of a month, cancellation and suspension, each by the clock alone."""

from datetime import datetime
from decimal import Decimal

import pytest

from portal.orders.rules.facts import ChangeFacts, Plan, SubscriptionFacts, SuspensionFacts
from portal.orders.rules.standing import Standing, standing
from portal.orders.states import State
from tests.orders.moments import moment

CUSTOM = Plan("7360110000400021", 40, Decimal("28.00"))
PUSH = Plan("7360110000400023", 60, Decimal("48.00"))
START, REST, RESUME = moment("2026-11-16 10:00"), moment("2026-12-10 09:00"), moment("2026-12-20 15:30")
CHANGE, END = moment("2027-01-01 00:00"), moment("2027-03-01 00:00")

WHOLE = SubscriptionFacts(
    id="s",
    plan=CUSTOM,
    starts_at=START,
    ends_at=END,
    changes=(ChangeFacts(PUSH, CHANGE),),
    suspensions=(SuspensionFacts(REST, RESUME),),
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-16 09:59", Standing(CUSTOM, State.NOT_YET, None, START)),
        ("2026-11-16 10:00", Standing(CUSTOM, State.ACTIVE, START, REST)),
        ("2026-12-10 08:59", Standing(CUSTOM, State.ACTIVE, START, REST)),
        ("2026-12-10 09:00", Standing(CUSTOM, State.SUSPENDED, REST, RESUME)),
        ("2026-12-20 15:30", Standing(CUSTOM, State.ACTIVE, RESUME, CHANGE)),
        ("2026-12-31 23:59", Standing(CUSTOM, State.ACTIVE, RESUME, CHANGE)),
        ("2027-01-01 00:00", Standing(PUSH, State.ACTIVE, CHANGE, END)),
        ("2027-02-28 23:59", Standing(PUSH, State.ACTIVE, CHANGE, END)),
        ("2027-03-01 00:00", Standing(PUSH, State.ENDED, END, None)),
    ],
)
def test_standing_follows_the_clock(at: str, expected: Standing) -> None:
    assert standing(WHOLE, moment(at)) == expected


def test_subscription_renews_itself_and_never_ends_alone() -> None:
    facts = SubscriptionFacts("s", CUSTOM, START)

    assert standing(facts, moment("2036-11-16 10:00")) == Standing(CUSTOM, State.ACTIVE, START, None)


def test_of_several_changes_the_latest_in_effect_holds() -> None:
    back = ChangeFacts(CUSTOM, moment("2027-02-01 00:00"))
    facts = SubscriptionFacts("s", CUSTOM, START, changes=(back, ChangeFacts(PUSH, CHANGE)))

    assert standing(facts, moment("2027-01-15 00:00")).plan == PUSH
    assert standing(facts, moment("2027-02-15 00:00")).plan == CUSTOM


def test_open_suspension_lasts_until_further_notice() -> None:
    facts = SubscriptionFacts("s", CUSTOM, START, suspensions=(SuspensionFacts(REST),))

    assert standing(facts, moment("2029-01-01 00:00")) == Standing(CUSTOM, State.SUSPENDED, REST, None)


@pytest.mark.parametrize(("at", "state"), [(END, State.ENDED), (moment("2027-02-28 23:59"), State.SUSPENDED)])
def test_suspended_subscription_ends_all_the_same(at: datetime, state: State) -> None:
    facts = SubscriptionFacts("s", CUSTOM, START, ends_at=END, suspensions=(SuspensionFacts(REST),))

    assert standing(facts, at).state is state


def test_change_takes_effect_while_suspended() -> None:
    facts = SubscriptionFacts(
        "s", CUSTOM, START, changes=(ChangeFacts(PUSH, CHANGE),), suspensions=(SuspensionFacts(REST),)
    )

    assert standing(facts, CHANGE) == Standing(PUSH, State.SUSPENDED, CHANGE, None)
