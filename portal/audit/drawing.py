"""The way from a record to the root of a checkpoint as a drawing: points and lines, no markup.

The lowest three and the highest two steps are drawn; what lies between is one box that says how many it stands for.
"""

from dataclasses import dataclass

from portal.audit.proofs import Inclusion
from portal.audit.tree import inclusion_spans

_WIDTH, _STEP, _TOP = 408, 36, 22
_LOWEST, _HIGHEST = 3, 2
_INSET = 70


@dataclass(frozen=True)
class Box:
    """A box: where its middle is, what it is (root, path, beside, leaf, gap), and the hash it shows or how many it stands for."""

    x: int
    y: int
    kind: str
    text: str = ""
    count: int = 0


@dataclass(frozen=True)
class Drawing:
    """Boxes, and lines between middles of boxes: those that are computed, and those to hashes that the proof gives."""

    height: int
    boxes: tuple[Box, ...]
    computed: tuple[tuple[Box, Box], ...]
    given: tuple[tuple[Box, Box], ...]
    steps: int


def drawn(inclusion: Inclusion) -> Drawing:
    """This function will lay the way out from the root at the top to the record at the bottom."""
    size = inclusion.note.checkpoint.size
    spans = inclusion_spans(inclusion.index, size)
    steps = len(spans)
    levels = _levels(steps)
    boxes, computed, given = [], [], []
    above: Box | None = None
    x = _WIDTH // 2
    for row, level in enumerate(levels):
        y = _TOP + row * _STEP
        box = _box(inclusion, level, steps, x, y)
        boxes.append(box)
        if above is not None:
            computed.append((above, box))
        above = box
        if level is None or level == 0:
            continue
        step = level - 1
        is_left = spans[step][0] < inclusion.index
        towards = 1 if is_left else -1
        beside = Box(_bounded(x - towards * _INSET), y + _STEP, "beside", inclusion.beside[step].hex()[:4])
        x = _bounded(x + towards * (_INSET // 2))
        boxes.append(beside)
        given.append((box, beside))
    return Drawing(_TOP + (len(levels) - 1) * _STEP + 22, tuple(boxes), tuple(computed), tuple(given), steps)


def _levels(steps: int) -> list[int | None]:
    """The levels to draw from the root (as many as there are steps) down to the record (0); None for those left out."""
    every = list(range(steps, -1, -1))
    if steps <= _LOWEST + _HIGHEST:
        return list(every)
    return [*every[:_HIGHEST], None, *every[-_LOWEST:]]


def _box(inclusion: Inclusion, level: int | None, steps: int, x: int, y: int) -> Box:
    if level is None:
        return Box(x, y, "gap", count=steps + 1 - _LOWEST - _HIGHEST)
    text = inclusion.climbed[level].hex()[:4]
    if level == 0:
        return Box(x, y, "leaf", text)
    return Box(x, y, "root" if level == steps else "path", text)


def _bounded(x: int) -> int:
    return max(40, min(_WIDTH - 40, x))
