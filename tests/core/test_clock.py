"""The one source of time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from portal.core import clock


@pytest.fixture(autouse=True)
def _unshifted() -> Iterator[None]:
    yield
    clock.shift(timedelta())


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-31T15:59:59+00:00", date(2026, 1, 31)),
        ("2026-01-31T16:00:00+00:00", date(2026, 2, 1)),
        ("2026-02-01T15:59:59+00:00", date(2026, 2, 1)),
    ],
)
def test_business_day_changes_at_midnight_in_shanghai(moment: str, day: date) -> None:
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        assert clock.today() == day
        assert clock.business_date(clock.now()) == day


def test_day_begins_at_16_utc_of_the_day_before() -> None:
    assert clock.start_of(date(2026, 2, 1)) == datetime(2026, 1, 31, 16, tzinfo=UTC)


@time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False)
def test_shift_moves_the_whole_process_and_is_not_added_up() -> None:
    clock.shift(timedelta(days=32))
    clock.shift(timedelta(days=1))

    assert clock.now() == datetime(2026, 5, 2, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
