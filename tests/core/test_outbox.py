"""What must happen after a commit: at least once, by one worker at a time, again after a failure or a crash."""

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.core import clock, outbox
from portal.core.database import Database, commit, platform_session
from portal.core.outbox import OutboxRow
from tests.world.threads import at_once

KIND = "test_outbox"


class Handler:
    """Does what the test says, and remembers what it was given."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.failures = 0
        self.started = threading.Event()

    def __call__(self, tenant_id: str | None, payload: Mapping[str, Any]) -> None:
        self.calls.append(dict(payload))
        self.started.set()
        if self.failures:
            self.failures -= 1
            raise RuntimeError("planted")


@pytest.fixture
def handler(database: Database, monkeypatch: pytest.MonkeyPatch) -> Handler:
    made = Handler()
    monkeypatch.setitem(outbox._handlers, KIND, made)  # noqa: SLF001 - there is no way to unregister, on purpose
    return made


@pytest.fixture(autouse=True)
def _unshifted() -> Iterator[None]:
    yield
    clock.shift(timedelta())


def post(*numbers: int, kind: str = KIND) -> None:
    with platform_session(writes=True) as session:
        for number in numbers:
            outbox.post(session, kind, number=number)
        commit(session)


def rows() -> list[OutboxRow]:
    with platform_session() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_posted_rows_are_done_once_and_in_order(handler: Handler) -> None:
    post(1, 2, 3)

    assert (outbox.drain(), outbox.drain()) == (3, 0)
    assert handler.calls == [{"number": 1}, {"number": 2}, {"number": 3}]
    assert [row.done_at is not None for row in rows()] == [True] * 3


def test_row_of_a_transaction_that_was_rolled_back_does_not_count(handler: Handler) -> None:
    with platform_session(writes=True) as session:
        outbox.post(session, KIND, number=1)
        session.flush()
        session.rollback()

    assert (outbox.drain(), handler.calls) == (0, [])


def test_failed_row_stays_says_why_and_is_tried_again_later(handler: Handler) -> None:
    handler.failures = 1
    post(1)

    first, at_once_again = outbox.drain(), outbox.drain()
    failed = rows()[0]
    clock.shift(timedelta(seconds=5))
    later = outbox.drain()

    assert (first, at_once_again, later) == (0, 0, 1)
    assert (failed.attempts, failed.last_error, failed.done_at) == (1, "RuntimeError: planted", None)
    assert (rows()[0].attempts, rows()[0].last_error) == (2, None)


def test_pause_between_attempts_grows_up_to_ten_minutes(handler: Handler) -> None:
    handler.failures = 99
    post(1)
    pauses = []
    for _ in range(12):
        outbox.drain()
        pauses.append((rows()[0].due_at - clock.now()).total_seconds())
        clock.shift(clock._offset + timedelta(seconds=pauses[-1] + 1))  # noqa: SLF001 - further from where it stands

    assert [round(pause) for pause in pauses[:4]] == [2, 4, 8, 16]
    assert max(round(pause) for pause in pauses) == 600


def test_failing_row_keeps_no_other_one_waiting(handler: Handler) -> None:
    handler.failures = 1
    post(1, 2)

    assert outbox.drain() == 1
    assert handler.calls == [{"number": 1}, {"number": 2}]


def test_row_that_nobody_handles_waits_and_says_so(handler: Handler) -> None:
    post(1, kind="unknown_kind")

    assert outbox.drain() == 0
    assert rows()[0].last_error == "KeyError: 'unknown_kind'"


def test_row_of_a_worker_that_died_is_due_again_after_its_lease(handler: Handler) -> None:
    post(1)
    claimed = outbox._claim(rows()[0].id)  # noqa: SLF001 - and there it dies

    during = outbox.drain()
    clock.shift(timedelta(seconds=61))
    after = outbox.drain()

    assert claimed is not None
    assert (during, after, handler.calls) == (0, 1, [{"number": 1}])


def test_of_several_workers_one_does_a_row(handler: Handler) -> None:
    post(*range(5))

    ended = at_once(outbox.drain, outbox.drain, outbox.drain)

    assert ended == [None, None, None]
    assert sorted(call["number"] for call in handler.calls) == [0, 1, 2, 3, 4]


def test_limit_bounds_one_look(handler: Handler) -> None:
    post(1, 2, 3)

    assert [outbox.drain(2), outbox.drain(2)] == [2, 1]


def test_handlers_are_known_by_their_kind() -> None:
    import portal.releases.publisher
    import portal.tenants.jobs  # noqa: F401

    assert {"forget_channel"} <= outbox.handlers().keys()
