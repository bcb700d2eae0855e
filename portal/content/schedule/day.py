"""The resolved timeline of one day: what plays when, where entries compete and where nothing is planned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from portal.content.schedule.resolve import Entry, highest
from portal.content.schedule.windows import MIDNIGHT, is_on
from portal.core.clock import SHANGHAI


class Source(StrEnum):
    """Why something plays, or that nothing does."""

    SCHEDULE = "schedule"
    CONFLICT = "conflict"
    DEFAULT = "default"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a day, in minutes [start, end), in which the same thing plays.

    `entries` play, by id; `covered` are on too and lose to a higher priority. `playlists` are what is heard and seen, in their turns.
    A conflict is two or more playlists of equal priority: they alternate, which is rarely what was meant.
    """

    start: int
    end: int
    source: Source
    playlists: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()


def day_plan(entries: Iterable[Entry], default: str | None, day: date) -> tuple[Stretch, ...]:
    """This function will return the stretches of `day` (00:00 to 24:00 in Asia/Shanghai), in order, without gaps, neighbours differing."""
    known = sorted(entries, key=lambda entry: entry.id)
    edges = _edges(known)
    plan: list[Stretch] = []
    for start, end in pairwise(edges):
        stretch = _stretch(known, default, day, start, end)
        if plan and _same(plan[-1], stretch):
            stretch = _joined(plan.pop(), stretch)
        plan.append(stretch)
    return tuple(plan)


def _edges(entries: Sequence[Entry]) -> list[int]:
    edges = {0, MIDNIGHT}
    for entry in entries:
        for window in entry.windows:
            edges.update((window.start, window.end))
    return sorted(edges)


def _stretch(entries: Sequence[Entry], default: str | None, day: date, start: int, end: int) -> Stretch:
    moment = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(minutes=start)
    on = [entry for entry in entries if is_on(entry.windows, moment)]
    playing = highest(on)
    playlists = tuple(dict.fromkeys(entry.playlist for entry in playing))
    ids = tuple(entry.id for entry in playing)
    covered = tuple(entry.id for entry in on if entry not in playing)
    if playlists:
        source = Source.CONFLICT if len(playlists) > 1 else Source.SCHEDULE
        return Stretch(start, end, source, playlists, ids, covered)
    if default is not None:
        return Stretch(start, end, Source.DEFAULT, (default,))
    return Stretch(start, end, Source.EMPTY)


def _same(one: Stretch, other: Stretch) -> bool:
    return (one.source, one.playlists, one.entries, one.covered) == (
        other.source,
        other.playlists,
        other.entries,
        other.covered,
    )


def _joined(one: Stretch, other: Stretch) -> Stretch:
    return Stretch(one.start, other.end, one.source, one.playlists, one.entries, one.covered)
