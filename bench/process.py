"""The server as a process: from its start to its first answer."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.harness import WrongAnswer, fsync_milliseconds, report

MOST_SECONDS = 3.0
ROUNDS = 5


def main() -> int:
    """This function will print the figure for a migrated, empty installation and return 1 where it is over its bound."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        environ = {**os.environ, "PORTAL_INSTANCE_DIR": folder, "PORTAL_WORKERS": "1"}
        subprocess.run([sys.executable, "-m", "portal.cli.main", "db", "upgrade"], env=environ, check=True)
        facts = {"rows": 0, "database": "sqlite", "fsync": f"{fsync_milliseconds(Path(folder)):.2f}ms"}
        starts = sorted(_start_and_stop(environ) for _ in range(ROUNDS))
        median = starts[ROUNDS // 2]
        report(
            "start to first answer",
            median,
            "s",
            median / MOST_SECONDS,
            bound=f"{MOST_SECONDS:g}s",
            rounds=ROUNDS,
            **facts,
        )
    return int(median > MOST_SECONDS)


def _start(environ: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.cli.main", "serve"],
        env={**environ, "PORTAL_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return process, port


def _start_and_stop(environ: dict[str, str]) -> float:
    started = time.perf_counter()
    process, port = _start(environ)
    try:
        _answer(process, port)
        return time.perf_counter() - started
    finally:
        _stop(process)


def _answer(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=30).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise WrongAnswer("the server does not start")


def descendants(pid: int) -> list[int]:
    """This function will return the processes that a process started, and those started by them."""
    listed = subprocess.run(
        [shutil.which("ps") or "ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listed.splitlines())}
    found = [pid]
    for child in sorted(parents):
        if parents[child] in found:
            found.append(child)
    return found[1:]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(30)


if __name__ == "__main__":
    raise SystemExit(main())
