"""Server time and queries of pages: lists that show 50 and 500 of 10,000 rows, and the editors of the reference tenant."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flask.testing import FlaskClient
from sqlalchemy import event

from bench.harness import WrongAnswer, fsync_milliseconds, report
from bench.world import ROWS, BenchWorld, build_world
from portal.core.database import Database
from tests.world.cast import Person, sign_in_as

RUNS = 15
_WORD = "湖畔早餐"
MOST_QUERIES = 12
SHORT_LIST, LONG_LIST, CONTENT = 50.0, 120.0, 30.0


@dataclass(frozen=True)
class Sample:
    """A page to measure: who opens it, and how many milliseconds it may take at the median."""

    name: str
    person: Person
    path: str
    most: float


def main() -> int:
    """This function will print one line per page and return 1 where one is over its bound."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        world = build_world(Path(folder))
        fsync = fsync_milliseconds(Path(folder))
        late = [sample.name for sample in _samples(world) if not _measure(world, sample, fsync)]
    if late:
        print(f"over the bound: {', '.join(late)}")
    return 1 if late else 0


def _samples(world: BenchWorld) -> list[Sample]:
    lists, home = _lists(world), world.cast.yunqi.path
    samples = [
        Sample(f"{name}, {shown} of {ROWS:,}", who, _real(world, path), SHORT_LIST)
        for name, who, path, shown in [*lists, *_always_short(world)]
    ]
    samples += [
        Sample(f"{name}, one word in {ROWS:,}", who, f"{_real(world, path)}?q={quote(_WORD)}", SHORT_LIST)
        for name, who, path, _shown in _logs(world)
    ]
    samples += [
        Sample(f"{name}, 500 of {ROWS:,}", who, f"{_real(world, path)}?size=500", LONG_LIST)
        for name, who, path, _shown in lists
    ]
    rooms = ("logo", "slots", "zone", "marquee", "splash", "ads")
    editor = world.cast.yunqi.editor
    samples += [Sample(f"editor {room}", editor, f"{home}/content/{room}/", CONTENT) for room in rooms]
    return samples


def _lists(world: BenchWorld) -> list[tuple[str, Person, str, int]]:
    """What shows as many rows as one wants, 50 where nobody chose: name, reader, address, rows."""
    cast, home = world.cast, world.cast.yunqi.path
    admin, editor, shown = cast.yunqi.admin, cast.yunqi.editor, 50
    return [
        ("enterprises", cast.operator, "/center/tenants", shown),
        ("customers", cast.operator, "/center/customers", shown),
        ("applications", cast.operator, "/center/applications", shown),
        ("jobs", cast.operator, "/center/installation", shown),
        ("boxes", cast.operator, "/center/boxes", shown),
        ("people", cast.security_admin, "/admin/users", shown),
        ("submissions", editor, f"{home}/submissions", shown),
        ("media", editor, f"{home}/media", shown),
        ("members", admin, f"{home}/members", shown),
        ("a tenant's jobs", admin, f"{home}/installation", shown),
        ("a tenant's boxes", admin, f"{home}/boxes", shown),
    ]


def _logs(world: BenchWorld) -> list[tuple[str, Person, str, int]]:
    cast = world.cast
    return [
        ("operation log", cast.auditor, "/admin/audit", 50),
        ("a tenant's operation log", cast.yunqi.admin, f"{cast.yunqi.path}/audit", 50),
    ]


def _always_short(world: BenchWorld) -> list[tuple[str, Person, str, int]]:
    """What shows no more at once, whatever is asked for."""
    cast, home = world.cast, world.cast.yunqi.path
    return [
        *_logs(world),
        ("messages", cast.yunqi.editor, "/notices", 50),
        ("releases", cast.yunqi.editor, f"{home}/releases", 30),
        ("small submissions to approve together", cast.reviewer, "/center/review/bulk", 20),
    ]


def _real(world: BenchWorld, path: str) -> str:
    """The address with the slash at its end that the URL map wants, if it wants one."""
    known = {
        rule.rule.replace("<enterprise:enterprise_id>", world.cast.yunqi.tenant.enterprise_id)
        for rule in world.app.url_map.iter_rules()
    }
    return path if path in known else f"{path}/"


def _measure(world: BenchWorld, sample: Sample, fsync: float) -> bool:
    client = world.app.test_client()
    sign_in_as(client, sample.person)
    _get(client, sample)
    with _counted(world.database) as queries:
        _get(client, sample)
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        _get(client, sample)
        times.append(time.perf_counter() - started)
    median = statistics.median(times) * 1000
    report(
        f"page {sample.name}", median, "ms", median / sample.most, bound=f"{sample.most:g}ms", queries=len(queries),
        rows=f"{ROWS:,}", database="sqlite", fsync=f"{fsync:.2f}ms", load=f"{os.getloadavg()[0]:.1f}",
    )  # fmt: skip
    return median <= sample.most and len(queries) <= MOST_QUERIES


def _get(client: FlaskClient, sample: Sample) -> None:
    answer = client.get(sample.path)
    if answer.status_code != 200:  # noqa: PLR2004 - anything else is not the page
        raise WrongAnswer(f"{sample.path} answers {answer.status_code}")


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*arguments: object) -> None:
        if not str(arguments[2]).startswith("BEGIN"):
            statements.append(str(arguments[2]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


if __name__ == "__main__":
    raise SystemExit(main())
