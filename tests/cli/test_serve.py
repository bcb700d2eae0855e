import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from portal.cli import server
from portal.cli.server import listen
from portal.core.settings_values import SettingsError
from tests.cli import tiny_portal

SECONDS = 20


@dataclass
class Running:
    process: subprocess.Popen[str]
    port: int
    instance: Path

    def get(self, path: str = "/") -> int:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=SECONDS) as response:
            return int(response.read())

    def workers(self) -> list[int]:
        file = self.instance / "workers"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def everybody(self) -> set[int]:
        """The process and all that descend from it."""
        parents = {int(path.name): _parent(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _alive(pids: set[int]) -> set[int]:
    return {
        pid
        for pid in pids
        if _parent(pid) and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    }


def _until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*arguments: str) -> Running:
        process = subprocess.Popen(
            [sys.executable, "-m", tiny_portal.__name__, *arguments],
            env={**os.environ, "PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running = Running(process, port, tmp_path)
        started.append(running)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # The supervisor, the job worker, gunicorn and its two workers; the first of these two said that it is ready.
        _until(lambda: len(running.workers()) == 1 and len(running.everybody()) == 5)
        return running

    yield start
    for running in started:
        for pid in _alive(running.everybody()):
            os.kill(pid, signal.SIGKILL)
        running.process.communicate()


def test_server_answers_in_its_own_process(start):
    running = start()

    answered = running.get()

    assert answered in running.everybody() - {running.process.pid, *running.workers()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_every_process_and_frees_the_port(start, number):
    running = start()
    everybody = running.everybody()

    running.process.send_signal(number)

    assert running.process.wait(SECONDS) == 0
    assert _alive(everybody) == set()
    listen("127.0.0.1", running.port).close()


def test_ctrl_c_in_a_terminal_ends_every_process(start):
    running = start()
    everybody = running.everybody()

    os.killpg(running.process.pid, signal.SIGINT)  # what a terminal does: to the whole foreground group

    assert running.process.wait(SECONDS) == 0
    assert _alive(everybody) == set()


def test_request_under_way_is_finished_before_the_end(start):
    running = start()

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(running.get, "/slow")
        time.sleep(0.3)
        running.process.send_signal(signal.SIGTERM)

        assert answer.result(SECONDS) > 0
    assert running.process.wait(SECONDS) == 0


def test_second_signal_ends_at_once_what_does_not_listen(start):
    running = start("stubborn")
    everybody = running.everybody()

    running.process.send_signal(signal.SIGTERM)
    _until(lambda: _alive(everybody) == {running.process.pid, *running.workers()})
    began = time.monotonic()
    running.process.send_signal(signal.SIGTERM)

    assert running.process.wait(SECONDS) == 0
    assert time.monotonic() - began < 5
    assert _alive(everybody) == set()


def test_killed_worker_is_started_again_and_later_each_time(start):
    running = start()
    times = [time.monotonic()]

    for count in (2, 3):
        os.kill(running.workers()[-1], signal.SIGKILL)
        _until(lambda count=count: len(running.workers()) == count)
        times.append(time.monotonic())

    assert len(set(running.workers())) == 3
    assert times[1] - times[0] >= 0.5
    assert times[2] - times[1] >= 1.0
    assert running.get() > 0


def test_killed_server_ends_everything_with_exit_code_1(start):
    running = start()
    everybody = running.everybody()
    gunicorn = _parent(running.get())

    os.kill(gunicorn, signal.SIGKILL)

    assert running.process.wait(SECONDS) == 1
    assert _alive(everybody) == set()


def test_killed_supervisor_leaves_nobody_behind(start):
    running = start()
    everybody = running.everybody()

    running.process.kill()

    _until(lambda: _alive(everybody) == set())


def test_listen_on_a_taken_port_says_what_to_do(port, monkeypatch):
    monkeypatch.setattr(server, "_PORT_PATIENCE_SECONDS", 0.2)  # the port stays taken, however long one waits

    with socket.create_server(("127.0.0.1", port)), pytest.raises(SettingsError) as caught:
        listen("127.0.0.1", port)

    assert str(caught.value) == (
        f"Cannot listen on 127.0.0.1, port {port} (Address already in use): "
        "stop what uses it, or choose another, as in `make run PORT=8001`."
    )
