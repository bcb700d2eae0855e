"""Narrowing the queue by what stands in the address: urgent ones, small ones, late ones, those on hold, one kind of content."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from portal.content.kinds import Kind
from portal.core.messages import N_, Message
from portal.desk.queries import Waiting

LATE_AFTER: Final = timedelta(hours=2)
"""From which age on a submission stands out in the queue."""

SMALL: Final = 3
"""How many objects a submission may hold at most to be one of the small ones, which can be approved together."""

NEVER_SMALL: Final = frozenset({Kind.APP, Kind.POWER})
"""What is never small: a program that boxes install, and the hours at which they go dark."""

ONLY: Mapping[str, Message] = {
    "urgent": N_("加急"),
    "late": N_("等了两小时以上"),
    "small": N_("小改动"),
    "blocked": N_("暂停"),
}


def fits(kinds: Collection[Kind]) -> bool:
    """This function will tell whether what waits, the kind of each object, is little enough to be approved together with others."""
    return len(kinds) <= SMALL and NEVER_SMALL.isdisjoint(kinds)


def is_small(line: Waiting) -> bool:
    """This function will tell whether a submission is small and nothing holds it back."""
    return not line.blocked and fits([kind for kind, count in line.load.items() for _one in range(count)])


@dataclass(frozen=True)
class QueueFilter:
    """What of the queue is wanted; what the address says that nobody offered counts as nothing."""

    only: str = ""
    kind: Kind | None = None

    @classmethod
    def of(cls, only: str, kind: str) -> "QueueFilter":
        """This function will read a filter from an address."""
        return cls(only if only in ONLY else "", Kind(kind) if kind in set(Kind) else None)

    @property
    def query(self) -> dict[str, Any]:
        """What the address of a page with this filter says."""
        return {"only": self.only or None, "kind": self.kind.value if self.kind else None}

    def __bool__(self) -> bool:
        return bool(self.only or self.kind)

    def of_lines(self, lines: Sequence[Waiting], now: datetime) -> list[Waiting]:
        """This function will return those of the lines that are wanted, in their order."""
        return [line for line in lines if self._wants(line, now)]

    def _wants(self, line: Waiting, now: datetime) -> bool:
        if self.kind is not None and self.kind not in line.load:
            return False
        submission = line.entry.submission
        return {
            "": True,
            "urgent": submission.urgent,
            "late": now - submission.submitted_at >= LATE_AFTER,
            "small": is_small(line),
            "blocked": line.blocked,
        }[self.only]
