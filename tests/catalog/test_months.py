from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.catalog.months import add_months, add_years, days_in_month, first_of_month, first_of_next_month, full_months

DAYS = st.dates(min_value=date(2016, 1, 1), max_value=date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 11, 30), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
    ],
)
def test_first_of_next_month_follows_any_day_of_the_month(day: date, first: date) -> None:
    assert first_of_next_month(day) == first


@given(DAYS)
def test_month_has_as_many_days_as_lie_between_its_first_and_the_next(day: date) -> None:
    assert days_in_month(day) == (first_of_next_month(day) - first_of_month(day)).days


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 15), 2, date(2027, 1, 15)),
        (date(2027, 1, 15), -3, date(2026, 10, 15)),
        (date(2027, 5, 31), -3, date(2027, 2, 28)),
    ],
)
def test_add_months_keeps_the_day_where_there_is_one(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


def test_add_years_moves_a_leap_day_to_the_28th() -> None:
    assert (add_years(date(2028, 2, 29), 1), add_years(date(2028, 2, 29), 4)) == (date(2029, 2, 28), date(2032, 2, 29))


@pytest.mark.parametrize(
    ("since", "on", "months"),
    [
        (date(2026, 11, 16), date(2026, 11, 15), 0),
        (date(2026, 11, 16), date(2026, 12, 15), 0),
        (date(2026, 11, 16), date(2026, 12, 16), 1),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2025, 11, 16), date(2026, 11, 15), 11),
        (date(2025, 11, 16), date(2026, 11, 16), 12),
    ],
)
def test_full_months_count_what_has_gone_by(since: date, on: date, months: int) -> None:
    assert full_months(since, on) == months


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_full_months_undo_add_months(day: date, months: int) -> None:
    later = add_months(day, months)

    assert full_months(day, later) == months
    assert full_months(day, later - timedelta(days=1)) == max(0, months - 1)
