"""Plays: how many a second are stored for good on SQLite, in batches of 100, by calls that come in over the network.

`ARGS="plays"` takes about a minute.
"""

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.boxes.callers import Answered, Callers, beside, never
from bench.boxes.calls import fetch_nonce, plays
from bench.boxes.server import portal_on
from bench.boxes.world import fleet_in
from bench.harness import WrongAnswer, fsync_milliseconds, report
from portal.core import clock
from portal.releases.pointer import moment_text

BOXES, EACH, BATCHES, LINES = 1_000, 100, 1_500, 8
LEAST = 5_000.0


def main() -> int:
    """This function will print the figure and return 1 where it is under its bound."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name, beside() as begin:
        folder = Path(name)
        fleet = fleet_in(folder, BOXES)
        with portal_on(folder) as served:
            begin(report_plays, served.port, fleet.items, LINES, BOXES, 1)()  # what each process reads once
            before = served.processor_seconds()
            answers = begin(report_plays, served.port, fleet.items, BATCHES, BOXES, 2)()
            used = served.processor_seconds() - before
        fsync = fsync_milliseconds(folder)
    if any(each.status != 202 for each in answers):  # noqa: PLR2004 - accepted
        raise WrongAnswer(f"plays are answered {sorted({each.status for each in answers})}")
    rate = BATCHES * EACH / max(each.at for each in answers)
    report(
        "plays stored", rate, "/s", rate / LEAST, bound=f"{LEAST:g}/s", batch=EACH, rows=f"{BATCHES * EACH:,}", database="sqlite",
        fsync=f"{fsync:.2f}ms", processor=f"{used / BATCHES * 1000:.1f}ms a batch", load=f"{os.getloadavg()[0]:.1f}",
    )  # fmt: skip
    return int(rate < LEAST)


def report_plays(port: int, items: tuple[str, ...], batches: int, boxes: int, seed: int) -> list[Answered]:
    """This function will have boxes report batches as fast as they are taken, and return the answers; in a process of its own."""
    nonce, base = fetch_nonce(port), f"http://localhost:{port}"
    at = moment_text(clock.now() - timedelta(hours=seed))
    calls = [plays(number % boxes, items, EACH, at, nonce, base) for number in range(batches)]
    time.sleep(0.2)
    return Callers(port, LINES).run(calls, [0.0] * batches, never)


if __name__ == "__main__":
    raise SystemExit(main())
