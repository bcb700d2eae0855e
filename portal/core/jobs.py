"""The job worker: what happens every few seconds, and what the outbox holds.

Several workers may run; whatever is registered here therefore has to be safe when two do it at once, and to make good
what was missed while none ran.
"""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from portal.core import metrics, outbox
from portal.core.logs import get_logger

_IDLE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0

_log = get_logger()


@dataclass(frozen=True)
class Recurring:
    """Something to do again and again, `seconds` apart."""

    name: str
    seconds: float
    run: Callable[[], object]


_recurring: list[Recurring] = []


def every(seconds: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """This function will have the decorated function called by the worker, `seconds` apart, the first time at its start."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        _recurring.append(Recurring(f"{function.__module__}.{function.__name__}", seconds, function))
        return function

    return register


_at_the_end: list[Callable[[], object]] = []


def when_stopping(function: Callable[[], object]) -> Callable[[], object]:
    """This function will have the decorated function called when the worker has been asked to stop, to end what runs beside it."""
    _at_the_end.append(function)
    return function


def recurring() -> tuple[Recurring, ...]:
    """This function will return everything that was registered."""
    return tuple(_recurring)


def run_worker() -> None:
    """This function will work until SIGTERM or SIGINT; a job that is under way is finished first."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    due, pause = dict.fromkeys(_recurring, 0.0), _IDLE_SECONDS
    while not stopping.is_set():
        for job, at in due.items():
            if time.monotonic() >= at and not stopping.is_set():
                _run(job.name, job.run)
                due[job] = time.monotonic() + job.seconds
        done = _run("outbox", outbox.drain)
        # A database that is away is not asked, and complained of, twice a second.
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS) if done is None else _IDLE_SECONDS
        if not done:
            stopping.wait(pause)
    for function in _at_the_end:
        _run(f"{function.__module__}.{function.__name__}", function)


def _run(name: str, function: Callable[[], object]) -> object:
    try:
        with metrics.job(name):
            return function()
    except Exception:  # noqa: BLE001 - one job's fault must not stop the others; it is logged and tried again
        _log.exception("a job failed", job=name)
        return None
