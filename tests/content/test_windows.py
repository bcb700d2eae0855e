from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.content.schedule.reading import read_window, read_windows
from portal.content.schedule.windows import Window, is_on, next_change
from portal.core.clock import SHANGHAI
from portal.core.errors import Invalid
from portal.core.messages import N_

TZ = "Asia/Shanghai"
MONDAY = date(2026, 5, 4)

minutes = st.integers(0, 1439)
windows = st.builds(
    lambda first, length, days, start, end: Window(
        first=MONDAY + timedelta(days=first) if first is not None else None,
        until=MONDAY + timedelta(days=(first or 0) + length) if length is not None else None,
        days=tuple(sorted(days)) if days and len(days) < 7 else None,
        start=start,
        end=end or 1440,
    ),
    first=st.none() | st.integers(-3, 10),
    length=st.none() | st.integers(0, 9),
    days=st.sets(st.integers(1, 7)),
    start=minutes,
    end=minutes,
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_window_reads_what_it_writes() -> None:
    raw = {"from": "2026-05-01", "until": "2026-05-07", "days": [1, 3], "start": "08:00", "end": "20:30", "tz": TZ}

    assert read_window(raw).to_json() == raw


@pytest.mark.parametrize(
    "raw",
    [
        {"start": "00:00", "tz": TZ},
        {"end": "24:00", "tz": TZ},
        {"start": "00:00", "end": "00:00", "tz": TZ},
        {"days": [7, 6, 5, 4, 3, 2, 1], "tz": TZ},
        {"from": None, "until": None, "days": None, "start": None, "end": None, "tz": TZ},
    ],
)
def test_window_has_one_normal_form(raw: dict[str, object]) -> None:
    assert read_window(raw).to_json() == {"tz": TZ}


@settings(deadline=None)
@given(windows)
def test_window_survives_writing_and_reading(window: Window) -> None:
    assert read_window(window.to_json()) == window


def test_errors_name_the_window_and_the_field() -> None:
    raw = [{"tz": TZ}, {"from": "2026-05-04", "until": "2026-05-03", "days": [], "start": "9", "tz": TZ}]

    with pytest.raises(Invalid) as refused:
        read_windows(raw)

    assert refused.value.errors == {
        "windows.1.days": [N_("请至少选一天。")],
        "windows.1.start": [N_("请填写时间，例如 08:30。")],
        "windows.1.until": [N_("结束日期不能早于开始日期。")],
    }


@pytest.mark.parametrize("raw", ["08:00", 5, None, {"tz": TZ}])
def test_windows_must_be_a_list(raw: object) -> None:
    with pytest.raises(Invalid) as refused:
        read_windows(raw)

    assert list(refused.value.errors) == ["windows"]


def test_windows_are_bounded_in_number() -> None:
    with pytest.raises(Invalid) as refused:
        read_windows([{"tz": TZ}] * 51)

    assert refused.value.errors == {"windows": [N_("最多 %(max)d 个时段。", max=50)]}


def test_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        is_on((), datetime(2026, 5, 4, 8))  # noqa: DTZ001 - the naive moment is what is refused


@pytest.mark.parametrize(
    ("raw", "now", "change"),
    [
        ([], "2026-05-04T08:00", None),
        ([{"tz": TZ}], "2026-05-04T08:00", None),
        ([{"start": "08:00", "end": "08:00", "tz": TZ}], "2026-05-04T08:00", None),
        ([{"start": "08:00", "end": "12:00", "tz": TZ}], "2026-05-04T07:00", "2026-05-04T08:00"),
        ([{"start": "08:00", "end": "12:00", "tz": TZ}], "2026-05-04T08:00", "2026-05-04T12:00"),
        ([{"start": "08:00", "end": "12:00", "tz": TZ}], "2026-05-04T12:00", "2026-05-05T08:00"),
        ([{"start": "22:00", "end": "06:00", "tz": TZ}], "2026-05-04T23:00", "2026-05-05T06:00"),
        ([{"days": [1], "start": "22:00", "end": "06:00", "tz": TZ}], "2026-05-05T06:00", "2026-05-11T22:00"),
        ([{"from": "2031-02-01", "tz": TZ}], "2026-05-04T08:00", "2031-02-01T00:00"),
        ([{"until": "2031-02-01", "tz": TZ}], "2026-05-04T08:00", "2031-02-02T00:00"),
        ([{"until": "2026-05-01", "tz": TZ}], "2026-05-04T08:00", None),
        ([{"from": "2031-02-01", "days": [5], "start": "09:00", "tz": TZ}], "2026-05-04T08:00", "2031-02-07T09:00"),
        (
            [{"end": "10:00", "tz": TZ}, {"start": "10:00", "end": "12:00", "tz": TZ}],
            "2026-05-04T09:00",
            "2026-05-04T12:00",
        ),
    ],
)
def test_next_change_is_when_the_answer_flips(raw: list[object], now: str, change: str | None) -> None:
    found = next_change(read_windows(raw), local(now))

    assert found == (None if change is None else local(change))


@settings(deadline=None, max_examples=150)
@given(st.lists(windows, max_size=3), st.integers(0, 7 * 24 * 4))
def test_next_change_agrees_with_looking_at_every_minute(found: list[Window], quarter: int) -> None:
    start = datetime(2026, 5, 4, tzinfo=UTC) + timedelta(minutes=15 * quarter + 1)

    change = next_change(found, start)

    end = change or start + timedelta(days=4)
    inside = range(0, int((end - start).total_seconds() // 60), 7)
    assert {is_on(found, start + timedelta(minutes=minute)) for minute in inside} == {is_on(found, start)}
    assert change is None or is_on(found, change) != is_on(found, start)
