"""Dragging in a week: what becomes of a window when one of its blocks is moved or made longer."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.content.schedule.moving import SHORTEST, Move, moved
from portal.content.schedule.windows import MIDNIGHT, Window

TUESDAY = date(2026, 11, 24)
FRIDAY = TUESDAY + timedelta(days=3)
OTHER = Window(days=(1,), start=0, end=60)


@pytest.mark.parametrize(
    ("window", "at", "by", "expected"),
    [
        (Window(start=480, end=600), 500, (60, 60), Window(start=540, end=660)),
        (Window(start=480, end=600), 500, (0, 30), Window(start=480, end=630)),
        (Window(start=480, end=600), 500, (0, -300), Window(start=480, end=480 + SHORTEST)),
        (Window(days=(2, 4), start=480, end=600), 500, (-60, -60), Window(days=(2, 4), start=420, end=540)),
        (Window(start=1320, end=MIDNIGHT), 1400, (60, 60), Window(start=1380, end=60)),
        (Window(start=1320, end=120), 1400, (-60, -60), Window(start=1260, end=60)),
        (Window(start=1320, end=120), 60, (-180, -180), Window(start=1140, end=1380)),
        (Window(start=0, end=MIDNIGHT), 60, (60, 60), Window(start=0, end=MIDNIGHT)),
        (Window(start=480, end=600), 500, (0, MIDNIGHT), Window(start=0, end=MIDNIGHT)),
    ],
)
def test_hours_move_on_all_days_of_the_window(window: Window, at: int, by: tuple[int, int], expected: Window) -> None:
    assert moved((OTHER, window), Move(TUESDAY, at, TUESDAY, *by)) == (OTHER, expected)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (
            Window(start=480, end=600),
            (Window(days=(1, 3, 4, 5, 6, 7), start=480, end=600), Window(days=(5,), start=480, end=600)),
        ),
        (Window(days=(2,), start=480, end=600), (Window(days=(5,), start=480, end=600),)),
        (
            Window(first=TUESDAY, until=TUESDAY, start=480, end=600),
            (Window(first=FRIDAY, until=FRIDAY, start=480, end=600),),
        ),
        (
            Window(first=TUESDAY, days=(2, 3), start=480, end=600),
            (
                Window(first=TUESDAY, days=(3,), start=480, end=600),
                Window(first=TUESDAY, days=(5,), start=480, end=600),
            ),
        ),
    ],
)
def test_one_weekday_goes_to_another_day(window: Window, expected: tuple[Window, ...]) -> None:
    assert moved((window, OTHER), Move(TUESDAY, 500, FRIDAY)) == (*expected, OTHER)


def test_night_that_began_the_day_before_moves_from_there() -> None:
    night = Window(days=(1,), start=1320, end=120)

    assert moved((night,), Move(TUESDAY, 60, FRIDAY)) == (Window(days=(4,), start=1320, end=120),)


@pytest.mark.parametrize(
    ("window", "at"),
    [
        (Window(start=480, end=600), 600),
        (Window(days=(1,), start=480, end=600), 500),
        (Window(until=TUESDAY - timedelta(days=1), start=480, end=600), 500),
        (Window(days=(2,), start=1320, end=120), 60),
    ],
)
def test_what_is_off_there_does_not_move(window: Window, at: int) -> None:
    assert moved((window,), Move(TUESDAY, at, TUESDAY, 60, 60)) is None


@given(
    start=st.integers(0, 95).map(lambda quarter: 15 * quarter),
    length=st.integers(1, 96).map(lambda quarter: 15 * quarter),
    by=st.integers(-96, 96).map(lambda quarter: 15 * quarter),
)
def test_there_and_back_is_where_it_was(start: int, length: int, by: int) -> None:
    end = start + length
    window = Window(start=start, end=end if end <= MIDNIGHT else end - MIDNIGHT)
    if length == MIDNIGHT:
        window = Window()
    there = moved((window,), Move(TUESDAY, window.start, TUESDAY, by, by))
    assert there is not None

    back = moved(there, Move(TUESDAY, there[0].start, TUESDAY, -by, -by))

    assert back == (window,)
