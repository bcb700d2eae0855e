"""What the portal does, counted for Prometheus. Nothing is labelled by box, enterprise or person.

What stands in the database, such as how much waits, is asked when somebody looks. Where no listener is set nothing is counted, and the
library is not loaded (`cli/prometheus.py`).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram


@dataclass(frozen=True)
class Instruments:
    """What is counted with."""

    requests: "Counter"
    request_seconds: "Histogram"
    turned_away: "Counter"
    jobs: "Counter"
    job_seconds: "Histogram"
    publications: "Counter"
    publication_seconds: "Histogram"
    records: "Counter"


_instruments: Instruments | None = None


@dataclass(frozen=True)
class Gauge:
    """Something that is so many at this moment: its name, what it says, the label that tells its values apart, and how to read them."""

    name: str
    meaning: str
    label: str
    read: Callable[[], Mapping[str, float]]


_gauges: list[Gauge] = []


def gauge(name: str, meaning: str, label: str = "") -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """This function will have the decorated function asked for a number, or with `label` for numbers by its values, when somebody looks."""

    def register(read: Callable[[], Any]) -> Callable[[], Any]:
        _gauges.append(Gauge(name, meaning, label, read if label else lambda: {"": read()}))
        return read

    return register


def use(instruments: Instruments) -> None:
    """This function will count with these instruments from now on, in this process and those forked from it."""
    global _instruments
    _instruments = instruments


def gauges() -> tuple[Gauge, ...]:
    """This function will return what is asked when somebody looks."""
    return tuple(_gauges)


def is_on() -> bool:
    """This function will tell whether anything is counted."""
    return _instruments is not None


def count_request(endpoint: str, method: str, status: int, seconds: float) -> None:
    """This function will count an answer, by the name of its page; `endpoint` is empty where the address leads nowhere."""
    if _instruments is not None:
        _instruments.requests.labels(endpoint, method, str(status)).inc()
        _instruments.request_seconds.labels(endpoint).observe(seconds)


def count_turned_away() -> None:
    """This function will count a box that was sent away."""
    if _instruments is not None:
        _instruments.turned_away.inc()


def count_records(events: Iterable[tuple[str, str]]) -> None:
    """This function will count records of the log by event and outcome, once they are committed."""
    if _instruments is not None:
        for event, outcome in events:
            _instruments.records.labels(event, outcome).inc()


@contextmanager
def job(name: str) -> Iterator[None]:
    """This function will count what runs in it as a run of the job `name`, and whether that failed."""
    if _instruments is None:
        yield
        return
    with _timed(_instruments.jobs.labels, _instruments.job_seconds.labels(name), name):
        yield


@contextmanager
def publication() -> Iterator[None]:
    """This function will count what runs in it as the writing of a publication, and whether that failed."""
    if _instruments is None:
        yield
        return
    with _timed(_instruments.publications.labels, _instruments.publication_seconds):
        yield


@contextmanager
def _timed(runs: Callable[..., "Counter"], seconds: "Histogram", *labels: str) -> Iterator[None]:
    began, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "done"
    finally:
        runs(*labels, outcome).inc()
        seconds.observe(time.perf_counter() - began)
