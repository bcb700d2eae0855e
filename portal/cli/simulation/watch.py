"""What a simulation measures and finds wrong, from many threads at once."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import quantiles

_MOST_SHOWN = 20


class Broken(Exception):
    """The contract was broken; the text says how."""


class Later(Exception):
    """The portal asked to come back in so many seconds; that is within the contract."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


class Watch:
    """Latencies by kind of call, and what broke the contract, by what it was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._broken: Counter[str] = Counter()
        self._sent_away = 0

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """This function will measure what happens in the block."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.took(name, time.monotonic() - began)

    def took(self, name: str, seconds: float) -> None:
        """This function will note how long something took."""
        with self._lock:
            self._seconds[name].append(seconds)

    def sent_away(self) -> None:
        """This function will note that the portal asked a box to come back later."""
        with self._lock:
            self._sent_away += 1

    def broken(self, what: str) -> None:
        """This function will note a violation of the contract."""
        with self._lock:
            self._broken[what] += 1

    @property
    def violations(self) -> Mapping[str, int]:
        """What broke the contract, and how often."""
        return self._broken

    def lines(self) -> Iterator[str]:
        """This function will yield what is printed: a line per kind of call, then one per violation."""
        for name, seconds in sorted(self._seconds.items()):
            yield f"{name}: {_figures(seconds)}"
        if self._sent_away:
            yield f"sent away with Retry-After: {self._sent_away} times"
        for what, times in self._broken.most_common(_MOST_SHOWN):
            yield f"VIOLATION {times}x {what}"


def _figures(seconds: list[float]) -> str:
    ordered = [1000 * each for each in sorted(seconds)]
    cuts = quantiles(ordered, n=100, method="inclusive") if len(ordered) > 1 else ordered * 99
    return f"{len(ordered)} calls, p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms, max {ordered[-1]:.1f} ms"
