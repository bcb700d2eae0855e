"""Small transactions that commit together: each is whole or not at all, and none is answered before it is stored."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from portal.boxes.models.limiting import SpentProof
from portal.core import clock
from portal.core.database import Database, PortalSession, platform_session
from portal.core.errors import Conflict
from portal.core.models import Base
from portal.core.prepared import Prepared
from portal.core.tenancy import PlatformScope
from tests.world.threads import at_once

MANY = 24


def put(session: Session, mark: str) -> str:
    session.add(SpentProof(mark=mark, spent_at=clock.now()))
    session.flush()
    return mark


def kept() -> set[str]:
    with platform_session() as session:
        return set(session.scalars(select(SpentProof.mark)))


def run(database: Database, act: Callable[[PortalSession], Any]) -> Any:
    return database.run(PlatformScope(), act)


class Gate:
    """Keeps the first of several calls in its transaction until the others wait, so that these make one group."""

    def __init__(self, database: Database) -> None:
        self.commits = 0
        self._open, self._entered = threading.Event(), threading.Event()
        self._database = database
        event.listen(database.engine, "commit", self._count)

    def _count(self, _connection: object) -> None:
        self.commits += 1

    def run(self, *acts: Callable[[PortalSession], Any]) -> list[Exception | None]:
        def first(session: PortalSession) -> None:
            put(session, "first")
            self._entered.set()
            self._open.wait(30)

        leader = threading.Thread(target=run, args=(self._database, first))
        leader.start()
        self._entered.wait(30)
        opener = threading.Timer(0.5, self._open.set)
        opener.start()
        ended = at_once(*[lambda act=act: run(self._database, act) for act in acts])  # type: ignore[misc]
        leader.join()
        event.remove(self._database.engine, "commit", self._count)
        return ended


def test_what_comes_meanwhile_is_committed_together(sqlite: Database) -> None:
    gate = Gate(sqlite)

    ended = gate.run(*[lambda session, n=n: put(session, f"{n}") for n in range(MANY)])  # type: ignore[misc]

    assert ended == [None] * MANY
    assert kept() == {"first", *(f"{n}" for n in range(MANY))}
    assert gate.commits <= 3


def test_each_gets_its_own_answer(database: Database) -> None:
    answers: dict[str, str] = {}

    def ask(mark: str) -> None:
        answers[mark] = run(database, lambda session: put(session, mark))

    at_once(*[lambda n=n: ask(f"{n}") for n in range(MANY)])  # type: ignore[misc]

    assert answers == {f"{n}": f"{n}" for n in range(MANY)}


def refuse(session: PortalSession) -> None:
    put(session, "refused")
    raise Conflict


def break_down(session: PortalSession) -> None:
    put(session, "broken")
    raise ZeroDivisionError


@pytest.mark.parametrize(("fail", "error"), [(refuse, Conflict), (break_down, ZeroDivisionError)])
def test_what_one_raises_takes_back_its_own_work_alone(
    sqlite: Database, fail: Callable[[PortalSession], None], error: type[Exception]
) -> None:
    others: list[Callable[[PortalSession], Any]] = [lambda session, n=n: put(session, f"{n}") for n in range(4)]  # type: ignore[misc]

    ended = Gate(sqlite).run(*others, fail)

    assert ended[:-1] == [None] * 4
    assert isinstance(ended[-1], error)
    assert kept() == {"first", *(f"{n}" for n in range(4))}


def test_what_runs_without_a_session_is_taken_back_alone_too(sqlite: Database) -> None:
    keeping = Prepared(lambda _: insert(SpentProof).returning(SpentProof.mark))

    def keep(mark: str, error: type[Exception] | None = None) -> str:
        def act(on: Any) -> str:
            (row,) = keeping.rows(on, {"mark": mark, "spent_at": clock.now()})
            if error is not None:
                raise error
            return str(row.mark)

        return sqlite.run_prepared(PlatformScope(), act)

    ended = at_once(
        *[lambda n=n: keep(f"{n}") for n in range(4)],  # type: ignore[misc]
        lambda: keep("refused", Conflict),
        lambda: keep("broken", ZeroDivisionError),
        lambda: run(sqlite, lambda session: put(session, "in a session")),
    )

    assert [type(error) for error in ended] == [*[type(None)] * 4, Conflict, ZeroDivisionError, type(None)]
    assert kept() == {"in a session", *(f"{n}" for n in range(4))}


def test_of_two_that_take_the_same_thing_in_one_group_one_gets_it(sqlite: Database) -> None:
    ended = Gate(sqlite).run(*[lambda session: put(session, "same")] * 3)

    assert sorted(error is None for error in ended) == [False, False, True]
    assert kept() == {"first", "same"}


def test_where_the_commit_fails_nobody_is_answered(sqlite: Database) -> None:
    def fail(_connection: object) -> None:
        raise OSError("the disk is gone")

    event.listen(sqlite.engine, "commit", fail)
    try:
        ended = at_once(*[lambda n=n: run(sqlite, lambda session: put(session, f"{n}")) for n in range(4)])  # type: ignore[misc]
    finally:
        event.remove(sqlite.engine, "commit", fail)

    assert [type(error) for error in ended] == [OSError] * 4
    assert kept() == set()


def test_where_a_group_begins_anew_each_is_answered_for_its_own(sqlite: Database) -> None:
    """What one of them broke has all repeated one by one; the disk then fails one of those, and the others are stored or told why not."""
    gate = Gate(sqlite)

    def fail(_connection: object) -> None:
        if gate.commits == 3:  # those of the first call, and of two of the group
            raise OSError("the disk is gone")

    event.listen(sqlite.engine, "commit", fail)
    try:
        ended = gate.run(break_down, *[lambda session, n=n: put(session, f"{n}") for n in range(5)])  # type: ignore[misc]
    finally:
        event.remove(sqlite.engine, "commit", fail)

    answered = {f"{n}" for n, error in enumerate(ended[1:]) if error is None}
    assert kept() == {"first", *answered}
    assert [type(error) for error in ended if error is not None] == [ZeroDivisionError, OSError]
    assert len(answered) == 4


def test_a_transaction_that_ended_by_itself_answers_nobody(sqlite: Database) -> None:
    """As SQLite does where its disk is full: what was done in it is gone, and the next statement would begin another one."""

    def end(session: PortalSession) -> None:
        put(session, "lost")
        driver: Any = session.connection().connection.dbapi_connection
        driver.execute("ROLLBACK")

    with pytest.raises(Exception, match=r"no such savepoint|ended before"):
        run(sqlite, end)

    assert kept() == set()
    assert run(sqlite, lambda session: put(session, "next")) == "next"


def test_the_account_of_each_is_closed(sqlite: Database) -> None:
    """A change that nobody asked leave for is refused in a group as anywhere, and takes nobody with it."""
    from portal.core.unit_of_work import UnaskedWrite, work_of

    def unasked(session: PortalSession) -> None:
        put(session, "unasked")
        work_of(session).changed.add("users")

    ended = Gate(sqlite).run(unasked, lambda session: put(session, "asked"))

    assert [type(error) for error in ended] == [UnaskedWrite, type(None)]
    assert kept() == {"first", "asked"}


def test_what_waits_for_the_commit_happens_once_after_it(sqlite: Database) -> None:
    from portal.core.unit_of_work import work_of

    seen: list[set[str]] = []

    def act(session: PortalSession) -> None:
        put(session, "mark")
        work_of(session).after_commit.append(lambda: seen.append(kept()))

    run(sqlite, act)

    assert seen == [{"mark"}]


WRITER = """
import sys, threading
from portal.cli.metadata import load_metadata
from portal.core.database import Database
from portal.core.tenancy import PlatformScope
from tests.core.test_group_commit import put

load_metadata()
database = Database(sys.argv[1])

def write(thread):
    for number in range(100_000):
        mark = f"{thread}-{number}"
        database.run(PlatformScope(), lambda session: put(session, mark))
        sys.stdout.write(mark + "\\n")
        sys.stdout.flush()

for thread in range(8):
    threading.Thread(target=write, args=(thread,)).start()
"""


def test_a_kill_takes_nothing_that_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "portal.db"
    made = Database(f"sqlite:///{path}")
    Base.metadata.create_all(made.engine)
    made.dispose()
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, f"sqlite:///{path}"], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout is not None

    answered = [process.stdout.readline().strip() for _ in range(400)]
    process.send_signal(signal.SIGKILL)
    answered += process.stdout.read().split("\n")[:-1]  # what it had said, and no line that it had begun
    process.wait()
    process.stdout.close()

    with closing(sqlite3.connect(path)) as connection:
        stored = {row[0] for row in connection.execute("SELECT mark FROM box_spent_proofs")}
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    assert len(answered) >= 400
    assert set(answered) <= stored
    assert sound == "ok"
