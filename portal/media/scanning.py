"""The installation's scanner for malware (病毒扫描, PORTAL_SCAN_COMMAND): what a stranger sends passes it before anything else opens it.

It fails closed: a file that could not be looked at, because the program is not there, does not end in time or ends with another code than
0 (nothing found) and 1 (something found), is refused like one in which something was found. Where no command is set, every file passes.

The program gets the path of the file as its last argument, no shell, none of our environment, and nothing that the stranger chose.
"""

import hashlib
import os
import shlex
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NewType, NoReturn

from portal.audit.events import Event
from portal.audit.log import FAILED, record_apart
from portal.core.context import Actor, RequestMeta, TenantRef
from portal.core.errors import Refused
from portal.core.logs import get_logger
from portal.core.messages import N_
from portal.media.limits import SCANS
from portal.media.rules import clean_name

ScannedFile = NewType("ScannedFile", Path)
"""A file that `scan_file` let pass; whoever opens a stranger's film takes no other."""

_NOTHING, _SOMETHING = 0, 1
_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
_TOLD_BYTES = 2000
# In two halves, or every scanner would find this file. https://www.eicar.org/download-anti-malware-testfile/
_EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-", b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")

_log = get_logger()
_turns = threading.BoundedSemaphore(SCANS.at_once)
_command: tuple[str, ...] | None = None


class Verdict(StrEnum):
    """What the scanner says of a file."""

    CLEAN = "clean"
    FOUND = "found"
    UNCHECKED = "unchecked"


class KeptOut(Refused):
    """The scanner did not let a file pass."""

    def __init__(self, verdict: Verdict) -> None:
        if verdict is Verdict.FOUND:
            words = N_(
                "病毒扫描在这个文件里发现了问题，没有收下。请在您的电脑上查杀，换一个干净的文件再上传；如果确定是误报，请联系运营中心。"
            )
            super().__init__("file_infected", words)
        else:
            words = N_(
                "病毒扫描暂时用不了，这个文件没有检查过，所以没有收下。请过几分钟再上传；如果还是这样，请联系运营中心。"
            )
            super().__init__("file_unchecked", words, status=503)
        self.verdict = verdict


def configure(command: str | None) -> None:
    """This function will make `command`, a program and its arguments, the scanner of this process; None for no scanner."""
    global _command
    _command = tuple(shlex.split(command)) if command else None


def scan_file(actor: Actor, request: RequestMeta, tenant: TenantRef | None, path: Path, filename: str) -> ScannedFile:
    """This function will return the file at `path`, which `actor` sent, once the scanner has let it pass.

    Raises `KeptOut`, which is on record by then. It takes up to `limits.SCANS.seconds`, so the caller holds no lock of the database.
    """
    verdict = verdict_on(path)
    if verdict is not Verdict.CLEAN:
        _keep_out(actor, request, tenant, path, filename, verdict)
    return ScannedFile(path)


def scan_bytes(actor: Actor, request: RequestMeta, tenant: TenantRef | None, data: bytes, filename: str) -> None:
    """This function will do for bytes in memory what `scan_file` does for a file; nothing of them stays on the disk."""
    if _command is None:
        return
    with tempfile.TemporaryDirectory(prefix="portal-scan-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        scan_file(actor, request, tenant, path, filename)


def verdict_on(path: Path) -> Verdict:
    """This function will say what the scanner makes of a file; `CLEAN` where there is no scanner."""
    if _command is None:
        return Verdict.CLEAN
    until = time.monotonic() + SCANS.seconds
    if not _turns.acquire(timeout=SCANS.seconds):
        return _unchecked("the scanner is busy with other files")
    try:
        return _run((*_command, str(path)), until)
    finally:
        _turns.release()


@dataclass(frozen=True)
class TriedOut:
    """What the scanner says of a file in which nothing is, and of the one in which all scanners are to find something."""

    harmless: Verdict
    eicar: Verdict


def try_out() -> TriedOut:
    """This function will have the scanner look at a harmless file and at the EICAR test file, and return what it says of each."""
    with tempfile.TemporaryDirectory(prefix="portal-scan-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(b"nothing\n")
        harmless = verdict_on(path)
        path.write_bytes(b"".join(_EICAR))
        return TriedOut(harmless, verdict_on(path))


def _run(command: Sequence[str], until: float) -> Verdict:
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(
                command,
                cwd="/",
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return _unchecked(f"the scanner does not start: {error.strerror}")
        try:
            code = process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return _unchecked(f"the scanner was not done after {SCANS.seconds:g} s")
        finally:
            _end(process)
        told.seek(max(0, told.seek(0, os.SEEK_END) - _TOLD_BYTES))
        said = told.read().decode("utf-8", "replace").strip()
    if code == _NOTHING:
        return Verdict.CLEAN
    if code == _SOMETHING:
        _log.warning("the scanner found something in a file", said=said)
        return Verdict.FOUND
    return _unchecked("the scanner failed", code=code, said=said)


def _end(process: subprocess.Popen[bytes]) -> None:
    """What it started ends with it: a script may have become several processes."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _unchecked(why: str, **more: object) -> Verdict:
    _log.error("a file could not be scanned, so it does not pass", why=why, **more)
    return Verdict.UNCHECKED


def _keep_out(
    actor: Actor, request: RequestMeta, tenant: TenantRef | None, path: Path, filename: str, verdict: Verdict
) -> NoReturn:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name, kept = clean_name(filename), KeptOut(verdict)
    record_apart(
        actor, request, tenant, Event.FILE_KEPT_OUT, outcome=FAILED, name=name, sha256=sha256, reason=kept.code
    )
    raise kept
