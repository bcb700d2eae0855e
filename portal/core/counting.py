"""Counting how often something happens within a minute, in this process; `shared_counts.py` does it for every process of every machine."""

import threading
from typing import Protocol

from portal.core import clock

WINDOW_SECONDS = 60


class Counts(Protocol):
    """Something that counts."""

    def count(self, subject: str) -> int:
        """This function will count `subject` once more and return how often it was counted in the current minute."""


class LocalCounts:
    """Counts of this process; those of a minute are forgotten with the next one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, subject: str) -> int:
        """This function will do what `Counts.count` says."""
        with self._lock:
            if self._window != window():
                self._window, self._counts = window(), {}
            self._counts[subject] = self._counts.get(subject, 0) + 1
            return self._counts[subject]


def counts_for(redis_url: str | None) -> Counts:
    """This function will return what counts in this installation."""
    local = LocalCounts()
    if redis_url is None:
        return local
    # Its library takes six megabytes of every process, which one without Redis has no use for.
    from portal.core.shared_counts import shared_with  # noqa: PLC0415 - as said above

    return shared_with(redis_url, local)


def seconds_left() -> int:
    """This function will return in how many seconds the current minute is over."""
    return WINDOW_SECONDS - int(clock.now().timestamp()) % WINDOW_SECONDS


def window() -> int:
    """This function will return the number of the current minute."""
    return int(clock.now().timestamp()) // WINDOW_SECONDS
