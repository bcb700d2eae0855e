"""Values that change at moments, as a line of periods."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

V = TypeVar("V")

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Period(Generic[V]):
    """A value and how long it holds: from `since` inclusive (None: ever) to `until` exclusive (None: no end in sight)."""

    since: datetime | None
    until: datetime | None
    value: V

    def holds(self, at: datetime) -> bool:
        """This function will tell whether the moment `at` lies in the period."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def periods(moments: Iterable[datetime], value_at: Callable[[datetime], V]) -> tuple[Period[V], ...]:
    """This function will return the periods of a value that can change at `moments` only; neighbours differ.

    They cover all time, so that exactly one of them holds at any moment.
    """
    edges: list[tuple[datetime | None, V]] = [(None, value_at(_EVER))]
    for moment in sorted(set(moments)):
        value = value_at(moment)
        if value != edges[-1][1]:
            edges.append((moment, value))
    ends = [since for since, _ in edges[1:]]
    return tuple(Period(since, until, value) for (since, value), until in zip(edges, [*ends, None], strict=True))


def period_at(line: tuple[Period[V], ...], at: datetime) -> Period[V]:
    """This function will return the one period of the line that holds at the moment `at`."""
    return next(period for period in line if period.holds(at))
