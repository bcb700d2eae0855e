from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.orders.rules.timeline import Period, period_at, periods

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = st.lists(st.integers(min_value=0, max_value=500), max_size=20)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def test_periods_without_moments_are_one_for_ever() -> None:
    assert periods([], lambda _: "x") == (Period(None, None, "x"),)


def test_periods_join_neighbours_that_are_alike() -> None:
    values = {at(1): "a", at(2): "a", at(3): "b"}

    line = periods([at(3), at(1), at(2), at(1)], lambda when: values.get(when, "a"))

    assert line == (Period(None, at(3), "a"), Period(at(3), None, "b"))


@given(HOURS, st.integers(min_value=-1, max_value=501))
def test_exactly_one_period_holds_and_has_the_value(hours: list[int], now: int) -> None:
    edges = [at(hour) for hour in hours]

    def value_at(when: datetime) -> int:
        return sum(edge <= when for edge in edges) // 3

    line = periods(edges, value_at)

    assert [period for period in line if period.holds(at(now))] == [period_at(line, at(now))]
    assert period_at(line, at(now)).value == value_at(at(now))
    assert all(before.value != after.value for before, after in pairwise(line))
