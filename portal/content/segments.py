"""Two texts side by side, character by character."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

_SHORTEST_COMMON: Final = 2
"""One equal character between two changes is an accident of the language; marking it apart makes the change harder to read."""

_LONGEST: Final = 1_000
"""Longer texts are compared by lines first, and only the lines that differ by characters: the comparison grows with the square."""


class Op(StrEnum):
    """What happened to a segment."""

    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text before and after; equal ones are the same on both sides."""

    op: Op
    before: str
    after: str


def segments(before: str, after: str) -> tuple[Segment, ...]:
    """This function will return how `before` became `after`, in order: joined, each side of the segments is that text again."""
    joined: list[Segment] = []
    for segment in _compared(before, after):
        if joined and (joined[-1].op is Op.EQUAL) == (segment.op is Op.EQUAL):
            last = joined.pop()
            joined.append(_segment(last.before + segment.before, last.after + segment.after))
        else:
            joined.append(segment)
    return tuple(joined)


def _compared(before: str, after: str) -> Iterator[Segment]:
    if max(len(before), len(after)) <= _LONGEST:
        yield from _matched(before, after, _SHORTEST_COMMON)
        return
    for segment in _matched(before.splitlines(keepends=True), after.splitlines(keepends=True), 1):
        if segment.op is Op.REPLACE and max(len(segment.before), len(segment.after)) <= _LONGEST:
            yield from _matched(segment.before, segment.after, _SHORTEST_COMMON)
        else:
            yield segment


def _matched(before: Sequence[str], after: Sequence[str], shortest: int) -> Iterator[Segment]:
    # Without `autojunk=False` difflib ignores frequent characters in long texts, which in Chinese are most particles.
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for index, (tag, one, two, three, four) in enumerate(opcodes):
        old, new = "".join(before[one:two]), "".join(after[three:four])
        inside = 0 < index < len(opcodes) - 1
        if tag == "equal" and inside and two - one < shortest:
            yield Segment(Op.REPLACE, old, new)
        else:
            yield _segment(old, new)


def _segment(before: str, after: str) -> Segment:
    if before == after:
        return Segment(Op.EQUAL, before, after)
    if not before:
        return Segment(Op.INSERT, before, after)
    return Segment(Op.REPLACE if after else Op.DELETE, before, after)
