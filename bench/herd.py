"""After an outage: 5,000 boxes call within one second, all without a nonce, while somebody works on the console's pages.

A box that is sent away comes back when it was told to. `ARGS="herd"` takes about two minutes.
"""

import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.boxes.callers import Answered, Callers, beside
from bench.boxes.calls import Call, heartbeat
from bench.boxes.server import Visitor, portal_on
from bench.boxes.world import Fleet, fleet_in, open_app
from bench.harness import WrongAnswer, fsync_milliseconds, report
from bench.heartbeats import PAGES_A_SECOND, work
from portal.access.roles import Role
from portal.core import database as databases

BOXES, WITHIN = 5_000, 1.0
MOST_SECONDS, USABLE = 120.0, 1_000.0
_CONNECTIONS, _WATCHED = 2_000, 60.0
_ASK_AGAIN, _SENT_AWAY, _OK = 401, 503, 200


def main() -> int:
    """This function will print the figures and return 1 where one is over its bound."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name, beside() as begin:
        folder = Path(name)
        fleet = fleet_in(folder, 10_000)
        app = open_app(folder)
        with portal_on(folder) as served:
            operator = Visitor(app, fleet.person(Role.TENANT_EDITOR), served.port)
            calm = work(operator, fleet, 5)
            wait = begin(come_back, served.port, BOXES)
            pages = work(operator, fleet, _WATCHED)
            answers = wait()
        fsync = fsync_milliseconds(folder)
        databases.database().dispose()
    return _say(fleet, answers, calm, pages, fsync)


def _say(fleet: Fleet, answers: list[Answered], calm: list[float], pages: list[float], fsync: float) -> int:
    by_status = Counter(each.status for each in answers)
    served = [each.at for each in answers if each.status == _OK]
    untold = [each for each in answers if each.status == _SENT_AWAY and each.retry_after <= 0]
    if set(by_status) - {_OK, _ASK_AGAIN, _SENT_AWAY} or untold or len(served) != BOXES:
        raise WrongAnswer(
            f"{dict(by_status)}, {len(untold)} without Retry-After, {len(served)} of {BOXES} boxes served"
        )
    facts = {
        "rows": f"{fleet.boxes:,}",
        "database": "sqlite",
        "fsync": f"{fsync:.2f}ms",
        "load": f"{os.getloadavg()[0]:.1f}",
    }
    last, half = max(served), sorted(served)[len(served) // 2]
    report(
        f"{BOXES:,} boxes back in a second, all served", last, "s", last / MOST_SECONDS, bound=f"{MOST_SECONDS:g}s", half=f"{half:.1f}s",
        sent_away=by_status[_SENT_AWAY], **facts,
    )  # fmt: skip
    seconds = int(_WATCHED)
    first = sorted(pages[: 10 * PAGES_A_SECOND])
    p95 = sorted(pages)[int(len(pages) * 0.95)] * 1000
    report(
        "console's pages meanwhile, p95", p95, "ms", p95 / USABLE, bound=f"{USABLE:g}ms", pages=len(pages), over=f"{seconds}s",
        worst=f"{max(pages) * 1000:.0f}ms", first_10s=f"{first[int(len(first) * 0.95)] * 1000:.0f}ms",
        calm=f"{statistics.median(calm) * 1000:.0f}ms", **facts,
    )  # fmt: skip
    return int(last > MOST_SECONDS or p95 > USABLE)


def come_back(port: int, boxes: int) -> list[Answered]:
    """This function will have boxes call within a second until each is served, and return all answers; in a process of its own."""
    base = f"http://localhost:{port}"
    calls = [heartbeat(number, 2, "", base) for number in range(boxes)]
    numbers = list(range(boxes))

    def again(answer: Answered) -> tuple[float, Call] | None:
        number = numbers[answer.index]
        if answer.status == _OK:
            return None
        away = answer.status == _SENT_AWAY
        numbers.append(number)
        calls.append(heartbeat(number, 2, answer.nonce, base))
        return float(answer.retry_after) if away else 0.0, calls[-1]

    callers = Callers(port, _CONNECTIONS)
    time.sleep(0.2)
    return callers.run(calls[:], [WITHIN * number / boxes for number in range(boxes)], again)


if __name__ == "__main__":
    raise SystemExit(main())
