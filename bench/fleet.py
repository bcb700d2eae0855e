"""The pages of a large fleet: 100,000 boxes of one enterprise that played ten million times, as its own and as the center's: list, wall, adoption, reports.

The database is made once, in some minutes, and is over 4 GB large (another folder for it: BENCH_KEPT); `ARGS="fleet"` then takes about a minute.
"""

import os
import statistics
import time

from flask.testing import FlaskClient

from bench.boxes.world import kept_fleet, open_app, read_fleet
from bench.harness import WrongAnswer, fsync_milliseconds, report
from portal.access.roles import Role
from portal.core import database as databases
from tests.world.cast import sign_in_as

BOXES, PLAYS = 100_000, 10_000_000
MOST = 200.0
_RUNS = 9
_QUERIES = {
    "": True,
    "?sort=serial": True,
    "?page=1900": True,
    "?sort=seen": False,
    "?health=offline": False,
    "?behind=1": False,
    "?q=0123": False,
}
"""What is asked of each list, and whether the bound is promised for it: for what narrows or sorts by what boxes last said it is told only."""

_OTHERS = {
    Role.TENANT_ADMIN: (
        "boxes/wall", "boxes/wall/tiles", "boxes/adoption", "plays", "plays?by=box", "plays?by=group", "plays?by=day&list=ads",
    ),
    Role.CENTER_OPERATOR: ("boxes/wall", "boxes/wall/tiles", "boxes/adoption", "reports/plays", "reports/installers"),
}  # fmt: skip


def main() -> int:
    """This function will print the server time of each page and return 1 where one is over its bound."""
    late = []
    folder = kept_fleet(BOXES, PLAYS)  # too large to copy; nothing but sessions is written
    fleet, app, fsync = read_fleet(folder), open_app(folder), fsync_milliseconds(folder)
    for role, home in ((Role.TENANT_ADMIN, f"/e/{fleet.enterprise_id}"), (Role.CENTER_OPERATOR, "/center")):
        client = app.test_client()
        sign_in_as(client, fleet.person(role))
        pages = {f"boxes{query}": promised for query, promised in _QUERIES.items()} | dict.fromkeys(_OTHERS[role], True)
        for page, promised in pages.items():
            took = _milliseconds(client, f"{home}/{page}")
            shown = f"{home}/{page}".replace(fleet.enterprise_id, "...")
            report(f"fleet page {shown}", took, "ms", took / MOST, bound=f"{MOST:g}ms" if promised else "none", boxes=f"{BOXES:,}",
                   plays=f"{PLAYS:,}", database="sqlite", fsync=f"{fsync:.2f}ms", load=f"{os.getloadavg()[0]:.1f}")  # fmt: skip
            if promised and took > MOST:
                late.append(shown)
    databases.database().dispose()
    return int(bool(late))


def _milliseconds(client: FlaskClient, path: str) -> float:
    times = []
    for _ in range(_RUNS + 1):
        started = time.perf_counter()
        status = client.get(path).status_code
        times.append(time.perf_counter() - started)
        if status != 200:  # noqa: PLR2004 - anything else is not the page
            raise WrongAnswer(f"{path} answers {status}")
    return statistics.median(times[1:]) * 1000


if __name__ == "__main__":
    raise SystemExit(main())
