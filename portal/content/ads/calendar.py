"""A day of the schedule as it is drawn: blocks in quarter hours, and the resolved day in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from portal.content.ads.queries import Loop
from portal.content.schedule.day import Source, Stretch
from portal.content.schedule.windows import clock_text

_QUARTER: Final = 15


@dataclass(frozen=True)
class Block:
    """One rectangle of a day: from quarter `start` to quarter `end` (0..96); `half` is l or r where two stand side by side.

    `playlist` is None where nothing plays; `entry` is the line of the schedule it comes from, None for the default; `minute` is one at
    which it is on.
    """

    source: Source
    start: int
    end: int
    first: str
    until: str
    playlist: str | None = None
    entry: str | None = None
    half: str = ""
    minute: int = 0


@dataclass(frozen=True)
class Words:
    """A stretch of the resolved day: hours, where it lies in minutes, the playlists that take turns, and how many are covered."""

    source: Source
    start: int
    minutes: int
    first: str
    until: str
    titles: tuple[str, ...]
    hues: tuple[int, ...]
    covered: int


def blocks(stretches: Sequence[Stretch]) -> list[Block]:
    """This function will return the rectangles of a day; in a conflict the first two playlists stand side by side."""
    return [block for stretch in stretches for block in _blocks(stretch)]


def stretches_in_words(stretches: Sequence[Stretch], loop: Loop) -> list[Words]:
    """This function will return the resolved day for people: what plays when, and what a higher priority covers."""
    return [
        Words(
            stretch.source,
            stretch.start,
            stretch.end - stretch.start,
            clock_text(stretch.start),
            clock_text(stretch.end),
            tuple(loop.playlists[one].title for one in stretch.playlists),
            tuple(loop.playlists[one].hue for one in stretch.playlists),
            len(stretch.covered),
        )
        for stretch in stretches
    ]


def _blocks(stretch: Stretch) -> Iterator[Block]:
    start = stretch.start // _QUARTER
    end = max(start + 1, -(-stretch.end // _QUARTER))
    hours = clock_text(stretch.start), clock_text(stretch.end)
    if stretch.source is Source.EMPTY:
        yield Block(stretch.source, start, end, *hours)
    elif stretch.source is Source.CONFLICT:
        for half, playlist, entry in zip("lr", stretch.playlists, stretch.entries, strict=False):
            yield Block(stretch.source, start, end, *hours, playlist, entry, half, stretch.start)
    else:
        entry_id = stretch.entries[0] if stretch.entries else None
        yield Block(stretch.source, start, end, *hours, stretch.playlists[0], entry_id, minute=stretch.start)
