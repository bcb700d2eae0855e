"""What shows at a moment: the running marquees, the schedule entries on, the ad loop, and what a box does when nobody touches it.

The rules are those of the box contract; ids are compared as text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import cycle

from portal.content.schedule.windows import Window, is_on


@dataclass(frozen=True, slots=True)
class Line:
    """A marquee as far as its turn depends on it."""

    id: str
    priority: int
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the schedule: a playlist, how important, and when."""

    id: str
    playlist: str
    priority: int
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Idle:
    """What a box could show when nobody touches it: the schedule, the playlist for all other times, and whether the zone shows an item."""

    entries: tuple[Entry, ...] = ()
    default: str | None = None
    zone: bool = False


class Show(StrEnum):
    """What a box turns to after the idle time."""

    ZONE = "zone"
    ADS = "ads"
    DESKTOP = "desktop"


def marquees_on(lines: Iterable[Line], moment: datetime) -> tuple[str, ...]:
    """This function will return the ids of the marquees on at `moment` in the order they run: highest priority first, then by id."""
    on = [line for line in lines if is_on(line.windows, moment)]
    return tuple(line.id for line in sorted(on, key=lambda line: (-line.priority, line.id)))


def entries_on(entries: Iterable[Entry], moment: datetime) -> tuple[Entry, ...]:
    """This function will return the entries that play at `moment`: of those on, the ones of the highest priority, by id."""
    return highest([entry for entry in entries if is_on(entry.windows, moment)])


def highest(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """This function will return the entries of the highest priority among `entries`, by id."""
    top = max((entry.priority for entry in entries), default=0)
    return tuple(sorted((entry for entry in entries if entry.priority == top), key=lambda entry: entry.id))


def playlists_on(idle: Idle, moment: datetime) -> tuple[str, ...]:
    """This function will return the ids of the playlists that alternate at `moment`: the entries' ones, else the default, else none.

    A playlist that two entries name takes one turn, where the first of them stands.
    """
    playing = dict.fromkeys(entry.playlist for entry in entries_on(idle.entries, moment))
    return tuple(playing) or ((idle.default,) if idle.default is not None else ())


def loop(playlists: Sequence[str], items: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """This function will yield item ids without end: one of each playlist in turn, every playlist starting over for itself."""
    turns = [cycle(items[playlist]) for playlist in playlists if items[playlist]]
    while turns:
        yield from (next(turn) for turn in turns)


def shows_when_idle(idle: Idle, moment: datetime, *, inside_zone: bool) -> Show:
    """This function will return what a box turns to when nobody has touched it for the idle time.

    Inside the zone the zone rotates; elsewhere the ad loop plays if something is on, otherwise the zone rotates, otherwise the desktop stays.
    """
    if inside_zone:
        return Show.ZONE
    if playlists_on(idle, moment):
        return Show.ADS
    return Show.ZONE if idle.zone else Show.DESKTOP
