"""What every benchmark shares: one line per figure, medians, and what the disk is able to do."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SECRET = b"a secret of the benchmark, 32 bytes."


class WrongAnswer(Exception):
    """What was measured did not answer with the reference bytes, so its speed says nothing."""


def report(name: str, value: float, unit: str, ratio: float | None = None, **facts: object) -> None:
    """This function will print one figure: `name: value unit (ratio to reference) key=fact ...`."""
    against = "" if ratio is None else f" ({ratio:.2f} to reference)"
    print(
        f"{name}: {value:,.4g} {unit}{against}" + "".join(f" {key}={fact}" for key, fact in facts.items()), flush=True
    )


def fsync_milliseconds(folder: Path, times: int = 31) -> float:
    """This function will return the median time, in milliseconds, that the disk of `folder` takes to force 1 KB down."""
    durations = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(times):
            started = time.perf_counter()
            file.write(b"x" * 1024)
            file.flush()
            os.fsync(file.fileno())
            durations.append(time.perf_counter() - started)
    return statistics.median(durations) * 1000


def against_reference(
    measured: Callable[[], float], reference: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """This function will run both in turn, `rounds` times over, and return the median value and the median of the ratios.

    In turn, and each value against its neighbour, because whatever else the machine does then falls on both alike.
    """
    pairs = [(measured(), reference()) for _ in range(rounds)]
    return statistics.median(value for value, _ in pairs), statistics.median(value / other for value, other in pairs)
