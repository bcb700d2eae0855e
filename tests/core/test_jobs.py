"""The worker: what it calls how often, and that neither a failing job nor a signal in the middle of one does harm."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.core import jobs
from portal.core.jobs import Recurring, every

ROOT = Path(__file__).parents[2]

# The worker as the command line runs it, with two jobs that write down that they ran and one that fails.
WORKER = """
import sys, time
from pathlib import Path
from portal.core import database, jobs
from portal.core.models import Base
import portal.core.outbox

folder = Path(sys.argv[1])
made = database.Database(f"sqlite:///{folder}/jobs.db")
Base.metadata.create_all(made.engine, tables=[portal.core.outbox.OutboxRow.__table__])
database.use(made)
log = (folder / "log").open("a", buffering=1)

@jobs.every(seconds=3600)
def rarely(): print("rarely", file=log)

@jobs.every(seconds=0.2)
def failing(): print("failing", file=log); raise RuntimeError("planted")

@jobs.every(seconds=0.2)
def often(): print("often", file=log)

@jobs.every(seconds=3600)
def slow(): print("begins", file=log); time.sleep(1); print("ends", file=log)

jobs.run_worker()
print("ended", file=log)
"""

Process = subprocess.Popen[bytes]


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Process]:
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    with (tmp_path / "output").open("wb") as output, subprocess.Popen(command, cwd=ROOT, stdout=output) as process:
        yield process
        process.kill()


def wait_for(log: Path, word: str, times: int = 1) -> None:
    deadline = time.monotonic() + 60
    while not log.exists() or log.read_text().split().count(word) < times:
        assert time.monotonic() < deadline, f"{word} did not come {times} times"
        time.sleep(0.05)


def test_worker_calls_each_job_at_its_pace_and_survives_a_failing_one(tmp_path: Path, worker: Process) -> None:
    wait_for(tmp_path / "log", "often", times=3)
    worker.send_signal(signal.SIGTERM)

    ended = worker.wait(30)

    words = (tmp_path / "log").read_text().split()
    assert (ended, words.count("rarely"), words[-1]) == (0, 1, "ended")
    assert words.count("failing") >= 3
    assert b"planted" in (tmp_path / "output").read_bytes()


def test_worker_that_is_asked_to_stop_finishes_what_it_is_at(tmp_path: Path, worker: Process) -> None:
    wait_for(tmp_path / "log", "begins")
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(30) == 0
    assert (tmp_path / "log").read_text().split()[-3:] == ["begins", "ends", "ended"]


def test_registered_job_stays_an_ordinary_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_recurring", [])

    @every(seconds=5)
    def sweep() -> int:
        return 7

    assert sweep() == 7
    assert jobs.recurring() == (Recurring(f"{__name__}.sweep", 5, sweep),)


class Waits:
    """An event that notes how long somebody was ready to wait for it, and is set after some such waits."""

    def __init__(self, most: int) -> None:
        self.seconds: list[float] = []
        self._most = most

    def is_set(self) -> bool:
        return len(self.seconds) >= self._most

    def wait(self, seconds: float) -> None:
        self.seconds.append(seconds)


def test_worker_asks_a_database_that_is_away_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, answers = Waits(10), iter([None] * 8 + [0, 0])

    def drain() -> int:
        if (done := next(answers)) is None:
            raise OSError("away")
        return done

    monkeypatch.setattr(jobs, "_recurring", [])
    monkeypatch.setattr(jobs.outbox, "drain", drain)
    monkeypatch.setattr(jobs.threading, "Event", lambda: stopping)
    monkeypatch.setattr(jobs.signal, "signal", lambda *_: None)

    jobs.run_worker()

    assert stopping.seconds == [1, 2, 4, 8, 16, 30, 30, 30, 0.5, 0.5]
