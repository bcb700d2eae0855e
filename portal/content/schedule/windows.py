"""A window of time: the model, and whether it is on at a moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from portal.core.clock import SHANGHAI

MIDNIGHT: Final = 24 * 60
"""The end of a day, in minutes since it began."""

ZONES: Final = {"Asia/Shanghai": SHANGHAI}
"""The time zones that version 1 of the contract knows."""

_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when something is on: dates inclusive, weekdays 1 = Monday .. 7, times in minutes, half-open [start, end).

    In its one normal form: no `days` instead of all seven, and `MIDNIGHT` instead of an end at 00:00. An end that is not after the start
    lies on the next day, and the day that dates and weekdays speak of is the one on which the window starts.
    """

    first: date | None = None
    until: date | None = None
    days: tuple[int, ...] | None = None
    start: int = 0
    end: int = MIDNIGHT
    tz: str = "Asia/Shanghai"

    @property
    def past_midnight(self) -> bool:
        """Whether it runs into the next day."""
        return self.end <= self.start

    def starts_on(self, day: date) -> bool:
        """This function will tell whether the window starts on `day`."""
        return (
            (self.first is None or self.first <= day)
            and (self.until is None or day <= self.until)
            and (self.days is None or day.isoweekday() in self.days)
        )

    def is_on(self, moment: datetime) -> bool:
        """This function will tell whether the window is on at `moment` (aware)."""
        local = moment.astimezone(ZONES[self.tz])
        today, minute = local.date(), local.hour * 60 + local.minute
        if not self.past_midnight:
            return self.start <= minute < self.end and self.starts_on(today)
        return (minute >= self.start and self.starts_on(today)) or (minute < self.end and self.starts_on(today - _DAY))

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """This function will return the moments, aware and in the window's zone, at which it begins and ends if it starts on `day`."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONES[self.tz])
        end = self.end + MIDNIGHT if self.past_midnight else self.end
        return midnight + timedelta(minutes=self.start), midnight + timedelta(minutes=end)

    def to_json(self) -> dict[str, Any]:
        """This function will return the window as the box contract writes it; what is absent means no limit, `tz` is always there."""
        written: dict[str, Any] = {"tz": self.tz}
        if self.first is not None:
            written["from"] = self.first.isoformat()
        if self.until is not None:
            written["until"] = self.until.isoformat()
        if self.days is not None:
            written["days"] = list(self.days)
        if self.start:
            written["start"] = clock_text(self.start)
        if self.end != MIDNIGHT:
            written["end"] = clock_text(self.end)
        return written


def clock_text(minute: int) -> str:
    """This function will write a minute of the day (0..1440) as `HH:MM`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def is_on(windows: Sequence[Window], moment: datetime) -> bool:
    """This function will tell whether content with `windows`, a union, shows at `moment` (aware); without windows it always does."""
    _require_aware(moment)
    return not windows or any(window.is_on(moment) for window in windows)


def next_change(windows: Sequence[Window], moment: datetime) -> datetime | None:
    """This function will return the first moment after `moment` at which `is_on` answers otherwise, in Asia/Shanghai, or None for never."""
    shown = is_on(windows, moment)
    for candidate in sorted(set(_edges(windows, moment))):
        if candidate > moment and is_on(windows, candidate) != shown:
            return candidate
    return None


def _edges(windows: Sequence[Window], moment: datetime) -> Iterator[datetime]:
    """This function will yield every moment at which an answer may change.

    Between two dates that a window names the pattern repeats weekly, so a week after each of them, and after now, holds every change.
    """
    for anchor in _anchors(windows, moment.astimezone(SHANGHAI).date()):
        for offset in range(-1, _WEEK + 2):
            day = anchor + offset * _DAY
            for window in windows:
                if window.starts_on(day):
                    yield from window.bounds(day)


def _anchors(windows: Sequence[Window], today: date) -> set[date]:
    named = {day for window in windows for day in (window.first, window.until) if day is not None and day > today}
    return named | {today}


def _require_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
