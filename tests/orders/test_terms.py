from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.catalog.months import add_years
from portal.orders.rules.facts import Plan
from portal.orders.rules.terms import effective_on, monthly_fee, next_renewal, reminder_on, requests_left
from portal.orders.states import Terms

DAYS = st.dates(min_value=date(2016, 1, 1), max_value=date(2040, 12, 31))
STARTED = date(2025, 11, 16)


@pytest.mark.parametrize(
    ("requested", "started", "effective"),
    [
        (date(2026, 11, 1), STARTED, date(2026, 12, 1)),
        (date(2026, 11, 30), STARTED, date(2026, 12, 1)),
        (date(2026, 12, 31), STARTED, date(2027, 1, 1)),
        (date(2026, 11, 22), date(2026, 12, 10), date(2027, 1, 1)),
    ],
)
def test_request_takes_effect_on_the_first_of_the_next_month(requested: date, started: date, effective: date) -> None:
    assert effective_on(requested, started) == effective


@pytest.mark.parametrize(
    ("days", "left"),
    [
        ([], 3),
        ([date(2026, 10, 31)] * 3, 3),
        ([date(2026, 11, 1)], 2),
        ([date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 22)], 0),
        ([date(2026, 11, 1)] * 5, 0),
        ([date(2025, 11, 1)] * 3, 3),
    ],
)
def test_three_changes_can_be_requested_in_a_month(days: list[date], left: int) -> None:
    assert requests_left(days, date(2026, 11, 22)) == left


@pytest.mark.parametrize(
    ("on", "renews"),
    [
        (date(2025, 11, 16), date(2026, 11, 16)),
        (date(2026, 11, 15), date(2026, 11, 16)),
        (date(2026, 11, 16), date(2027, 11, 16)),
        (date(2031, 1, 1), date(2031, 11, 16)),
    ],
)
def test_subscription_renews_itself_every_year(on: date, renews: date) -> None:
    assert next_renewal(STARTED, on) == renews


@given(DAYS, DAYS)
def test_next_renewal_is_the_first_anniversary_to_come(started: date, on: date) -> None:
    renews = next_renewal(started, on)

    years = renews.year - started.year
    assert years >= 1
    assert renews == add_years(started, years)
    assert renews > on
    assert years == 1 or add_years(started, years - 1) <= on


@pytest.mark.parametrize(
    ("renews", "reminder"),
    [
        (date(2026, 11, 16), date(2026, 8, 16)),
        (date(2027, 1, 31), date(2026, 10, 31)),
        (date(2027, 5, 31), date(2027, 2, 28)),
    ],
)
def test_reminder_comes_three_months_before(renews: date, reminder: date) -> None:
    assert reminder_on(renews) == reminder


def test_monthly_plan_costs_its_price() -> None:
    plan = Plan("7360110000400021", 500, Decimal("25.50"))

    assert monthly_fee(plan, STARTED, date(2030, 1, 1)) == Decimal("25.50")


@pytest.mark.parametrize(("on", "fee"), [(date(2026, 11, 15), "0.00"), (date(2026, 11, 16), "14.40")])
def test_group_purchase_costs_nothing_in_its_first_year(on: date, fee: str) -> None:
    plan = Plan("7360110000400020", 100, Decimal("18.00"), Terms.GROUP_PURCHASE)

    assert monthly_fee(plan, STARTED, on) == Decimal(fee)
