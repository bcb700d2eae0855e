"""The portal as a process on an installation's folder, and a person who works on its pages meanwhile."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from bench.harness import WrongAnswer
from bench.process import descendants
from tests.world.cast import Person, sign_in_as

_GOOD = {200, 303}
_TICKS = os.sysconf("SC_CLK_TCK")
FIRST_PORT = int(os.environ.get("BENCH_PORT", "0"))
"""The port to serve on, where it has to be a certain one."""


@dataclass(frozen=True)
class Served:
    """A running portal."""

    port: int
    pid: int

    @property
    def base(self) -> str:
        """The address that proofs name."""
        return f"http://localhost:{self.port}"

    def processor_seconds(self) -> float:
        """This function will return how much processor time the portal's processes have used."""
        return sum(_used(pid) for pid in (self.pid, *descendants(self.pid)))


@contextmanager
def portal_on(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """This function will serve an installation on loopback until the block ends; the settings are the portal's own but for those given."""
    port = FIRST_PORT or free_port()
    environ = {**os.environ, "PORTAL_INSTANCE_DIR": str(folder), "PORTAL_PORT": str(port), **(settings or {})}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli.main", "serve"], env=environ, stdout=log, stderr=log
        )
    try:
        _wait_for(process, port, folder / "server.log")
        yield Served(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


class Visitor:
    """Somebody who is signed in, and opens pages one after another on one connection."""

    def __init__(self, app: Flask, person: Person, port: int) -> None:
        client = app.test_client()
        self._form_token = sign_in_as(client, person)
        cookie = client.get_cookie("portal_session")
        assert cookie is not None
        self._cookie = f"portal_session={cookie.value}"
        self._port = port
        self._line: HTTPConnection | None = None

    def get(self, path: str) -> float:
        """This function will open a page and return how many seconds that took; raises `WrongAnswer`."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> float:
        """This function will send a form and return how many seconds that took; raises `WrongAnswer`."""
        return self._ask("POST", path, urlencode({**fields, "csrf_token": self._form_token}))

    def _ask(self, method: str, path: str, body: str | None) -> float:
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        started = time.perf_counter()
        try:
            status = self._send(method, path, body, headers)
        except OSError:  # the connection was kept for longer than the server wanted
            self._line = None
            status = self._send(method, path, body, headers)
        if status not in _GOOD:
            raise WrongAnswer(f"{path} answers {status}")
        return time.perf_counter() - started

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> int:
        self._line = self._line or HTTPConnection("127.0.0.1", self._port, timeout=120)
        self._line.request(method, path, body, dict(headers))
        answer = self._line.getresponse()
        answer.read()
        return answer.status


def free_port() -> int:
    """This function will return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=30).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise WrongAnswer(f"the server does not start:\n{log.read_text()}")


def _used(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
