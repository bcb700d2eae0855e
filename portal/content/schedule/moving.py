"""Moving what stands in a week: the windows of an object after one block of the calendar was dragged elsewhere or made longer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from portal.content.schedule.windows import MIDNIGHT, Window

SHORTEST: Final = 15
"""The calendar moves in quarter hours, and nothing in it is shorter."""

_DAY: Final = timedelta(days=1)
_WEEKDAYS: Final = tuple(range(1, 8))


@dataclass(frozen=True)
class Move:
    """A block that was on at minute `at` of `day`: the day it goes to, and by how many minutes its start and its end move."""

    day: date
    at: int
    to_day: date
    start_by: int = 0
    end_by: int = 0


def moved(windows: Sequence[Window], move: Move) -> tuple[Window, ...] | None:
    """This function will return the windows after the move, None where none of them is on there.

    Within its day the whole window moves, on all days that it has. To another day goes that weekday alone: the others stay as
    they are. Hours wrap around midnight, as windows do.
    """
    for index, window in enumerate(windows):
        began = _began(window, move)
        if began is None:
            continue
        hours = _hours(window, move)
        if move.to_day == move.day:
            changed: tuple[Window, ...] = (replace(window, start=hours[0], end=hours[1]),)
        else:
            changed = _elsewhere(window, began, began + (move.to_day - move.day), hours)
        return (*windows[:index], *changed, *windows[index + 1 :])
    return None


def _began(window: Window, move: Move) -> date | None:
    """The day on which the window that is on there began, None where it is off."""
    if not window.past_midnight:
        return move.day if window.start <= move.at < window.end and window.starts_on(move.day) else None
    if move.at >= window.start and window.starts_on(move.day):
        return move.day
    return move.day - _DAY if move.at < window.end and window.starts_on(move.day - _DAY) else None


def _hours(window: Window, move: Move) -> tuple[int, int]:
    length = (window.end - window.start) % MIDNIGHT or MIDNIGHT
    length = min(max(length + move.end_by - move.start_by, SHORTEST), MIDNIGHT)
    if length == MIDNIGHT:
        return 0, MIDNIGHT
    start = (window.start + move.start_by) % MIDNIGHT
    end = start + length
    return start, end - MIDNIGHT if end > MIDNIGHT else end


def _elsewhere(window: Window, began: date, to: date, hours: tuple[int, int]) -> tuple[Window, ...]:
    """One weekday of the window at its new place, and before it what stays of the window."""
    left = tuple(day for day in window.days or _WEEKDAYS if day != began.isoweekday())
    own = replace(window, start=hours[0], end=hours[1], days=(to.isoweekday(),))
    if window.first is not None and window.until is not None and window.first == window.until:
        return (replace(own, first=to, until=to, days=None),)  # a single day goes as a whole
    return (replace(window, days=left), own) if left else (own,)
