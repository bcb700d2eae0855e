"""Heartbeats: what one costs in a small and in a large fleet, and how soon 10,000 boxes at one a minute are answered while editors work.

`ARGS="heartbeats"` takes about two minutes; the large fleet's file is made once, in about one more.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from flask import Flask

from bench.boxes.callers import Answered, Callers, beside, never
from bench.boxes.calls import Call, fetch_nonce, heartbeat
from bench.boxes.server import Visitor, portal_on
from bench.boxes.world import Fleet, fleet_in, open_app
from bench.harness import WrongAnswer, fsync_milliseconds, report
from portal.access.roles import Role
from portal.boxes.nonces import new_nonce
from portal.core import clock
from portal.core import database as databases

SMALL, LARGE, LIVE = 1_000, 100_000, 10_000
RATE, SECONDS, ROUNDS = LIVE / 60, 20.0, 3
PAGES_A_SECOND = 4  # of a dozen editors or so
MOST_P99, MOST_PAGES, MOST_RATIO = 250.0, 1.5, 1.3
_COSTS, _COST_ROUNDS, _LINES = 150, 9, 48
_OK = 200
_GOOD = {"text": "热水检修", "colour": "#ffffff", "speed": "normal", "edge": "bottom", "priority": "0"}


def main() -> int:
    """This function will print the figures and return 1 where one is over its bound."""
    return int(not all([_costs(), _live()]))


def _costs() -> bool:
    """The processor time of the whole call in this process, the two fleets in turn."""
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as one,
        tempfile.TemporaryDirectory(prefix="portal-bench-") as other,
    ):
        fsync = fsync_milliseconds(Path(one))
        small, large = _Fleet(Path(one), SMALL), _Fleet(Path(other), LARGE)
        pairs = [(large.milliseconds(), small.milliseconds()) for _ in range(_COST_ROUNDS)]
        ratio = statistics.median(value / other for value, other in pairs)
        facts = {"database": "sqlite", "fsync": f"{fsync:.2f}ms", "load": f"{os.getloadavg()[0]:.1f}"}
        cost = statistics.median(value for _, value in pairs)
        report("heartbeat, processor time of a call", cost, "ms", rows=f"{SMALL:,}", **facts)
        cost = statistics.median(value for value, _ in pairs)
        report("heartbeat, processor time of a call", cost, "ms", ratio, bound=MOST_RATIO, rows=f"{LARGE:,}", **facts)
        for each in (small, large):
            each.database.dispose()
    return ratio <= MOST_RATIO


class _Fleet:
    """A fleet in this process, whose boxes call in no order."""

    def __init__(self, folder: Path, boxes: int) -> None:
        self._fleet = fleet_in(folder, boxes)
        self._app: Flask = open_app(folder)
        self.database = databases.database()
        self._count, self._dice = 1, random.Random(20261127)  # noqa: S311 - the same boxes in every run
        self.milliseconds()

    def milliseconds(self) -> float:
        """This function will let some boxes call and return the processor time of one call."""
        databases.use(self.database)
        self._count += 1
        nonce, base = new_nonce(clock.now()), self._app.config["BASE_URL"]
        numbers = self._dice.sample(range(self._fleet.boxes), _COSTS)
        calls = [heartbeat(number, self._count, nonce, base) for number in numbers]
        started = time.process_time()
        for call in calls:
            _ask(self._app, call)
        return (time.process_time() - started) / _COSTS * 1000


def _ask(app: Flask, call: Call) -> None:
    statuses: list[str] = []
    answer = app(call.environ(), lambda status, _headers, _info=None: statuses.append(status))  # type: ignore[arg-type, return-value]
    body = b"".join(answer)
    if statuses != ["200 OK"]:
        raise WrongAnswer(f"{call.path} answers {statuses} {body[:200]!r}")


def _live() -> bool:
    """Editors open and save pages, with boxes and without, in turn; boxes call from another process."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name, beside() as begin:
        folder = Path(name)
        fleet = fleet_in(folder, LIVE)
        app = open_app(folder)
        with portal_on(folder) as served:
            editor = Visitor(app, fleet.person(Role.TENANT_EDITOR), served.port)
            work(editor, fleet, 0)
            answers: list[Answered] = []
            with_boxes, without, used = [], [], 0.0
            for number in range(ROUNDS):
                without += work(editor, fleet, SECONDS / 2)
                before = served.processor_seconds()
                wait = begin(beat, served.port, fleet.boxes, number + 2, SECONDS)
                with_boxes += work(editor, fleet, SECONDS)
                answers += wait()
                used += served.processor_seconds() - before
            fsync = fsync_milliseconds(folder)
        databases.database().dispose()
    return _say_live(answers, with_boxes, without, used, fsync)


def _say_live(
    answers: Sequence[Answered], with_boxes: Sequence[float], without: Sequence[float], used: float, fsync: float
) -> bool:
    good = sorted(each.seconds for each in answers if each.status == _OK)
    p99 = good[int(len(good) * 0.99)] * 1000
    ratio = statistics.median(with_boxes) / statistics.median(without)
    facts = {"rows": f"{LIVE:,}", "database": "sqlite", "fsync": f"{fsync:.2f}ms", "load": f"{os.getloadavg()[0]:.1f}"}
    busy = used / (ROUNDS * SECONDS)
    report(
        f"heartbeats, {RATE:.0f} a second, p99", p99, "ms", p99 / MOST_P99, bound=f"{MOST_P99:g}ms", answered=len(good),
        sent_away=len(answers) - len(good), p50=f"{statistics.median(good) * 1000:.1f}ms", processors=f"{busy:.2f}", **facts,
    )  # fmt: skip
    p95 = sorted(with_boxes)[int(len(with_boxes) * 0.95)] * 1000
    report("editors' pages while boxes report, median", statistics.median(with_boxes) * 1000, "ms", ratio, bound=MOST_PAGES, pages=len(with_boxes),
           p95=f"{p95:.0f}ms", **facts)  # fmt: skip
    wrong = {each.status for each in answers} - {_OK, 503}
    return p99 <= MOST_P99 and ratio <= MOST_PAGES and not wrong and len(good) >= 0.99 * len(answers)


def work(editor: Visitor, fleet: Fleet, lasts: float) -> list[float]:
    """This function will open what editors open, and save messages, at a fixed pace and return the seconds of each page."""
    home = f"/e/{fleet.enterprise_id}/content"
    steps: list[Callable[[], float]] = [
        *(lambda room=room: editor.get(f"{home}/{room}/") for room in ("zone", "slots", "marquee", "ads")),  # type: ignore[misc]
        lambda: editor.post(f"{home}/marquee/new", _GOOD),
    ]
    seconds, began = [], time.perf_counter()
    for number in range(max(len(steps), int(lasts * PAGES_A_SECOND))):
        if (early := began + number / PAGES_A_SECOND - time.perf_counter()) > 0:
            time.sleep(early)
        seconds.append(steps[number % len(steps)]())
    return seconds


def beat(port: int, boxes: int, count: int, seconds: float) -> list[Answered]:
    """This function will have boxes report at their rate and return the answers; it runs in a process of its own."""
    nonce, base = fetch_nonce(port), f"http://localhost:{port}"
    dice = random.Random(count)  # noqa: S311 - the same boxes and moments in every run; boxes have jitter and do not come in step
    numbers = dice.sample(range(boxes), int(boxes / 60 * seconds))
    calls = [heartbeat(number, count, nonce, base) for number in numbers]
    return Callers(port, _LINES).run(calls, sorted(dice.uniform(0, seconds) for _ in calls), never)


if __name__ == "__main__":
    raise SystemExit(main())
