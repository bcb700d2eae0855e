from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.content.schedule.day import Source, Stretch, day_plan
from portal.content.schedule.reading import read_windows
from portal.content.schedule.resolve import Entry, Idle, playlists_on
from portal.core.clock import SHANGHAI

MONDAY = date(2026, 5, 4)


def entry(name: str, playlist: str, priority: int, *windows: dict[str, Any]) -> Entry:
    return Entry(name, playlist, priority, read_windows([{**window, "tz": "Asia/Shanghai"} for window in windows]))


def test_day_without_entries_and_default_is_empty() -> None:
    assert day_plan([], None, MONDAY) == (Stretch(0, 1440, Source.EMPTY),)


def test_day_without_entries_plays_the_default() -> None:
    assert day_plan([], "p1", MONDAY) == (Stretch(0, 1440, Source.DEFAULT, ("p1",)),)


def test_day_shows_gaps_conflicts_and_what_is_covered() -> None:
    entries = [
        entry("e1", "p1", 1, {"start": "08:00", "end": "12:00"}),
        entry("e2", "p2", 1, {"start": "10:00", "end": "14:00"}),
        entry("e3", "p3", 5, {"start": "13:00", "end": "15:00"}),
    ]

    plan = day_plan(entries, None, MONDAY)

    assert plan == (
        Stretch(0, 480, Source.EMPTY),
        Stretch(480, 600, Source.SCHEDULE, ("p1",), ("e1",)),
        Stretch(600, 720, Source.CONFLICT, ("p1", "p2"), ("e1", "e2")),
        Stretch(720, 780, Source.SCHEDULE, ("p2",), ("e2",)),
        Stretch(780, 840, Source.SCHEDULE, ("p3",), ("e3",), ("e2",)),
        Stretch(840, 900, Source.SCHEDULE, ("p3",), ("e3",)),
        Stretch(900, 1440, Source.EMPTY),
    )


def test_day_has_the_end_of_last_night_and_the_start_of_the_next() -> None:
    entries = [entry("e1", "p1", 1, {"days": [7, 1], "start": "22:00", "end": "06:00"})]

    plan = day_plan(entries, "p9", MONDAY)

    assert [(stretch.start, stretch.end, stretch.playlists) for stretch in plan] == [
        (0, 360, ("p1",)),
        (360, 1320, ("p9",)),
        (1320, 1440, ("p1",)),
    ]


def test_two_entries_of_one_playlist_are_no_conflict() -> None:
    entries = [entry("e1", "p1", 1), entry("e2", "p1", 1)]

    assert day_plan(entries, None, MONDAY) == (Stretch(0, 1440, Source.SCHEDULE, ("p1",), ("e1", "e2")),)


def test_stretches_that_play_the_same_are_one() -> None:
    entries = [entry("e1", "p1", 1, {"start": "08:00", "end": "10:00"}, {"start": "10:00", "end": "12:00"})]

    plan = day_plan(entries, None, MONDAY)

    assert [(stretch.start, stretch.end) for stretch in plan] == [(0, 480), (480, 720), (720, 1440)]


times = st.integers(0, 23).map(lambda hour: f"{hour:02d}:00")
entries_of_a_day = st.lists(
    st.builds(
        lambda number, priority, days, start, end: entry(
            f"e{number}", f"p{number % 3}", priority, {"days": sorted(days), "start": start, "end": end}
        ),
        st.integers(0, 99),
        st.integers(0, 2),
        st.sets(st.integers(1, 7), min_size=1),
        times,
        times,
    ),
    max_size=5,
    unique_by=lambda found: found.id,
)


@settings(deadline=None)
@given(entries_of_a_day, st.none() | st.just("p0"), st.integers(0, 6))
def test_day_plan_is_what_plays_at_every_hour(entries: list[Entry], default: str | None, offset: int) -> None:
    day = MONDAY + timedelta(days=offset)
    idle = Idle(tuple(entries), default)

    plan = day_plan(entries, default, day)

    assert [plan[0].start, *(stretch.end for stretch in plan)] == [0, *(s.start for s in plan[1:]), 1440]
    for hour in range(24):
        moment = datetime(day.year, day.month, day.day, hour, 30, tzinfo=SHANGHAI)
        (stretch,) = [each for each in plan if each.start <= hour * 60 + 30 < each.end]
        assert stretch.playlists == playlists_on(idle, moment)
