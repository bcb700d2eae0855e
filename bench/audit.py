"""The operation log: the append within a request and by 20 writers, the whole check, an inclusion proof.

The check is measured on `ROWS` records and said per million, because every record costs the same; `make soak` does the million.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select, text

from bench.harness import SECRET, WrongAnswer, fsync_milliseconds, report
from portal.audit import checkpoints
from portal.audit.append import append
from portal.audit.checkpoints import latest
from portal.audit.events import Event
from portal.audit.leaf import leaf
from portal.audit.models import AuditRecord
from portal.audit.proofs import columns_of, prove_inclusion
from portal.audit.tree import leaf_hash
from portal.audit.verify.chunks import CHUNK
from portal.audit.verify.run import verify_log
from portal.core import crypto, unit_of_work
from portal.core import database as databases
from portal.core.database import Database, platform_session, system_session
from portal.core.models import Base
from tests.conftest import load_models
from tests.world.databases import postgresql_url
from tests.world.log import pending, write

ROWS = 4 * CHUNK  # as many chunks for each process
MILLION = 1_000_000
PROCESSES = 2
WRITERS, SECONDS = 20, 5.0
MOST_APPEND, LEAST_RATE, MOST_PROOF = 1.0, 200.0, 20.0
MOST_CHECK, MOST_STAMPS = 60.0, 120.0
_APPENDS, _PROOFS, _BATCH = 200, 200, 2_000


def main() -> int:
    """This function will print the figures and return 1 where one is over its bound."""
    crypto.configure(SECRET)
    load_models()
    folder_of = os.environ.get("PORTAL_BENCH_DIR")
    with tempfile.TemporaryDirectory(prefix="portal-bench-", dir=folder_of) as name, opened(Path(name)) as database:
        good = [
            _say("audit append within the request", append_milliseconds(), "ms", MOST_APPEND, fsync=_fsync(name)),
            _say(
                f"audit appends by {WRITERS} writers",
                writers_rate(),
                "/s",
                LEAST_RATE,
                least=True,
                database="postgresql",
            ),
        ]
        databases.use(database)
        good += measure_log(ROWS)
    return 0 if all(good) else 1


def measure_log(rows: int) -> list[bool]:
    """This function will fill the log in use with `rows` records and measure check, stamps and proof; tells what was in bounds."""
    fill(rows)
    checkpoints.take_checkpoint()
    share = rows / MILLION
    facts = {"rows": f"{rows:,}", "processes": PROCESSES, "load": f"{os.getloadavg()[0]:.1f}"}
    with workers() as executor:
        check = timed(lambda: check_clean(rows, executor, stamps=False)) / share
        stamps = timed(lambda: check_clean(rows, executor, stamps=True)) / share
    return [
        _say("audit verify, for a million records", check, "s", MOST_CHECK, **facts),
        _say("audit verify --stamps, for a million records", stamps, "s", MOST_STAMPS, **facts),
        _say("audit inclusion proof", proof_milliseconds(rows), "ms", MOST_PROOF, rows=f"{rows:,}"),
    ]


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """This function will make a new SQLite database in `folder` the one in use."""
    database = Database(f"sqlite:///{folder / 'portal.db'}")
    databases.use(database)
    checkpoints.configure(folder / "checkpoints")
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@contextmanager
def workers() -> Iterator[Executor]:
    """This function will start the processes that share a check, as `portal audit verify` does."""
    url = databases.database().url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), _use, (url,)) as executor:
        list(executor.map(abs, range(PROCESSES)))  # started before the clock is
        yield executor


def fill(rows: int) -> None:
    """This function will append records, many to a transaction, until the log has `rows` more."""
    for start in range(0, rows, _BATCH):
        write(*(pending(Event.DRAFT_SAVED) for _ in range(min(_BATCH, rows - start))))


def check_clean(rows: int, executor: Executor | None, *, stamps: bool) -> None:
    """This function will check the log in use; raises `WrongAnswer` where it is not clean or not so long."""
    found = verify_log(stamps=stamps, executor=executor)
    if found.findings or found.records < rows or not found.checkpoints:
        raise WrongAnswer(f"{found}")


def append_milliseconds() -> float:
    """This function will return the median time that the append takes of a transaction with one record."""
    durations: list[float] = []
    unit_of_work.register_appender(partial(_timed_append, durations))
    try:
        for _ in range(_APPENDS):
            write(pending(Event.DRAFT_SAVED))
    finally:
        unit_of_work.register_appender(append)
    return statistics.median(durations) * 1000


def writers_rate() -> float:
    """This function will return how many transactions of one record each 20 writers finish in a second on PostgreSQL."""
    name = f"portal_bench_{os.getpid()}"
    admin = create_engine(postgresql_url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(postgresql_url(name), pool_size=WRITERS + 2)
    databases.use(database)
    try:
        Base.metadata.create_all(database.engine)
        write(pending())
        return _write_for(SECONDS)
    finally:
        database.dispose()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def proof_milliseconds(rows: int) -> float:
    """This function will return the median time that the proof of a record takes, its root compared each time."""
    with platform_session() as session:
        checkpoint = latest(session)
    if checkpoint is None:
        raise WrongAnswer("there is no checkpoint")
    durations = []
    for number in range(_PROOFS):
        with system_session(reason="benchmark") as session:
            record = session.scalars(select(AuditRecord).where(AuditRecord.seq == number * rows // _PROOFS + 1)).one()
        started = time.perf_counter()
        found = prove_inclusion(leaf_hash(leaf(columns_of(record))), record.seq, checkpoint)
        durations.append(time.perf_counter() - started)
        if not found.leads_to_root:
            raise WrongAnswer(f"the proof of record {record.seq} leads elsewhere")
    return statistics.median(durations) * 1000


def timed(act: Callable[[], object]) -> float:
    """This function will return how many seconds `act` takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _say(name: str, value: float, unit: str, bound: float, *, least: bool = False, **facts: Any) -> bool:
    ratio = bound / value if least else value / bound
    report(name, value, unit, ratio, bound=f"{bound:g}{unit}", **{"database": "sqlite", **facts})
    return ratio <= 1


def _fsync(folder: str) -> str:
    return f"{fsync_milliseconds(Path(folder)):.2f}ms"


def _timed_append(durations: list[float], *arguments: Sequence[Any]) -> None:
    durations.append(timed(lambda: append(*arguments)))  # type: ignore[arg-type]  # as the unit of work calls it


def _write_for(seconds: float) -> float:
    until = time.perf_counter() + seconds
    counts = [0] * WRITERS

    def keep_writing(number: int) -> None:
        while time.perf_counter() < until:
            write(pending(Event.DRAFT_SAVED))
            counts[number] += 1

    threads = [threading.Thread(target=keep_writing, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _use(url: str) -> None:
    databases.use(Database(url, pool_size=1))


if __name__ == "__main__":
    raise SystemExit(main())
