"""What Prometheus reads from a portal that runs: counts of all its processes, numbers of the moment, and nobody's name."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 60


@dataclass(frozen=True)
class Portal:
    """A portal with two workers, its port and the one of its numbers."""

    process: subprocess.Popen[str]
    port: int
    numbers_port: int

    def ask(self, path: str, method: str = "GET") -> int:
        return _answer(self.port, path, method)[0]

    def numbers(self) -> dict[str, float]:
        lines = _answer(self.numbers_port, "/metrics")[1].splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def _answer(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def environment(folder: Path, metrics_port: int) -> dict[str, str]:
    return {
        **os.environ,
        "PORTAL_INSTANCE_DIR": str(folder),
        "PORTAL_PORT": str(free_port()),
        "PORTAL_METRICS_ADDRESS": f"127.0.0.1:{metrics_port}",
    }


@pytest.fixture(scope="module")
def portal(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("counting")
    shutil.copyfile(migrated_sqlite, folder / "portal.db")
    (folder / "metrics").mkdir()
    (folder / "metrics" / "counter_1.db").write_bytes(b"of an earlier start")
    port = free_port()
    settings = environment(folder, port)
    command = [sys.executable, "-m", "portal.cli.main", "serve"]
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as process:
        made = Portal(process, int(settings["PORTAL_PORT"]), port)
        assert process.stdout is not None
        assert any("http://localhost" in line for line in iter(process.stdout.readline, ""))
        for _ in range(20):
            assert made.ask("/sign-in") == 200
        deadline = time.monotonic() + SECONDS
        while not _answers(port):
            assert time.monotonic() < deadline, "nothing listens for Prometheus"
            time.sleep(0.1)
        yield made
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def test_requests_of_all_processes_are_added_up(portal: Portal) -> None:
    before = portal.numbers()['portal_requests_total{endpoint="sign_in.password",method="GET",status="200"}']
    for _ in range(10):
        portal.ask("/sign-in")
    numbers = portal.numbers()

    assert before >= 20
    assert numbers['portal_requests_total{endpoint="sign_in.password",method="GET",status="200"}'] == before + 10
    assert numbers['portal_request_seconds_count{endpoint="sign_in.password"}'] == before + 10


def test_whoever_makes_up_addresses_and_methods_makes_no_new_lines(portal: Portal) -> None:
    for number in range(5):
        portal.ask(f"/made-up-{number}")
        portal.ask("/sign-in", f"FROB{number}")

    named = [name for name in portal.numbers() if "portal_requests_total" in name]

    assert not [name for name in named if "made-up" in name or "FROB" in name]
    assert 'portal_requests_total{endpoint="",method="",status="404"}' in named


def test_jobs_records_and_what_waits_are_told(portal: Portal) -> None:
    numbers = portal.numbers()

    assert numbers['portal_jobs_total{job="outbox",outcome="done"}'] > 0
    assert numbers['portal_audit_records_total{event="system.key_list_issued",outcome="done"}'] == 1
    assert (numbers["portal_outbox_waiting"], numbers["portal_publications_unfinished"]) == (0, 0)
    assert (numbers["portal_reviews_waiting"], numbers['portal_boxes{health="offline"}']) == (0, 0)


def test_no_label_names_a_box_an_enterprise_or_a_person(portal: Portal) -> None:
    labels = {label for name in portal.numbers() for label in re.findall(r'(\w+)="', name)}

    assert labels == {"endpoint", "method", "status", "le", "job", "outcome", "event", "health"}


def test_numbers_are_not_told_at_the_portals_own_address(portal: Portal) -> None:
    assert portal.ask("/metrics") == 404


def test_address_that_is_taken_stops_the_start_with_a_sentence(migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copyfile(migrated_sqlite, tmp_path / "portal.db")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "portal.cli.main", "serve"]
        ran = subprocess.run(
            command, env=environment(tmp_path, port), capture_output=True, text=True, check=False, timeout=SECONDS
        )

    assert ran.returncode == 1
    assert f"PORTAL_METRICS_ADDRESS=127.0.0.1:{port} cannot be listened on (Address already in use)" in ran.stderr
