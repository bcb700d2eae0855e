"""The portal as `portal serve` starts it: real processes on a copy of a database, which can be stopped and started again."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from sqlalchemy import create_engine, text

from portal.cli.migrations import head_revision
from tests.conftest import SECRET

_ANSWERS_WITHIN = 60.0


class Server:
    """A portal of its own: its folder, its address, and its processes while it runs.

    `database` is a file that it works on a copy of, or the URL of a database that is its own. `program` is the module that runs it.
    """

    def __init__(
        self, folder: Path, database: Path | str, *, workers: int = 2, program: str = "portal.cli.main"
    ) -> None:
        self.folder, self.workers, self._program = folder, workers, program
        if isinstance(database, Path):
            shutil.copyfile(database, folder / "portal.db")
        self.database_url = f"sqlite:///{folder / 'portal.db'}" if isinstance(database, Path) else database
        engine = create_engine(self.database_url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})
        engine.dispose()
        (folder / "secret").write_bytes(SECRET)
        (folder / "secret").chmod(0o600)
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """This function will start the portal and wait until it answers."""
        own = {
            "PORTAL_INSTANCE_DIR": str(self.folder),
            "PORTAL_DATABASE_URL": self.database_url,
            "PORTAL_PORT": str(self.port),
            "PORTAL_WORKERS": str(self.workers),
        }
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._program, "serve"],
                env={**os.environ, **own},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        answering(self.port, self._process, self.folder / "log")

    def stop(self) -> None:
        """This function will end the portal, as an operator does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)

    def pids(self) -> list[int]:
        """This function will return every process of the portal."""
        assert self._process is not None
        found, left = [], [self._process.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            children = Path(f"/proc/{pid}/task/{pid}/children")
            left += [int(each) for each in children.read_text().split()] if children.exists() else []
        return found

    def server_of(self, connection: socket.socket) -> int:
        """This function will return the process that holds the other end of a connection."""
        own = connection.getsockname()[1]
        inode = next(
            fields[9]
            for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
            if (fields := line.split())[1].endswith(f":{self.port:04X}") and fields[2].endswith(f":{own:04X}")
        )
        return next(pid for pid in self.pids() if f"socket:[{inode}]" in _files(pid))

    def peak_kilobytes(self) -> int:
        """This function will return the most memory that one of the processes ever held."""
        peaks = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in self.pids()]
        return max(int(peak[1]) for peak in peaks if peak)


def _files(pid: int) -> set[str]:
    found = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(path))  # noqa: PTH115 - what it leads to is no path
        except FileNotFoundError:
            continue
    return found


def answering(port: int, process: subprocess.Popen[bytes], log: Path, *, within: float = _ANSWERS_WITHIN) -> None:
    """This function will wait until the portal that the process runs answers; it fails with its log where it does not."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/box/v1/openapi.json", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def free_port() -> int:
    """This function will return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
