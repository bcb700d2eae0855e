"""The ledger of deleted enterprises: a file outside of the database, a line each, bound to this installation by its secret.

A backup brings back what was deleted after it was made; whoever restores it, or starts on it, deletes it again by this file.
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from portal.core import crypto
from portal.core.canonical import canonical
from portal.core.files import make_folder, write_durably
from portal.core.logs import get_logger

_MODE, _FOLDER_MODE = 0o600, 0o700
_PURPOSE = "deletions"

_log = get_logger()
_path: Path | None = None


@dataclass(frozen=True)
class Entry:
    """One enterprise that was deleted, and when that began."""

    tenant_id: str
    enterprise_id: str
    at: str


def configure(path: Path) -> None:
    """This function will set the ledger's file."""
    global _path
    _path = path


def path() -> Path:
    """This function will return the ledger's file; raises `RuntimeError` before `configure`."""
    if _path is None:
        raise RuntimeError("nobody said where the ledger of deletions is")
    return _path


def enter(tenant_id: str, enterprise_id: str, at: datetime) -> None:
    """This function will enter an enterprise, once, and return when the file is safe on the disk."""
    if any(entry.tenant_id == tenant_id for entry in entries()):
        return
    make_folder(path().parent, _FOLDER_MODE)
    before = path().read_bytes() if path().exists() else b""
    line = _line(Entry(tenant_id, enterprise_id, at.isoformat(timespec="seconds")))
    write_durably(path(), before + line, _MODE)


def entries() -> Iterator[Entry]:
    """This function will yield what the ledger holds; a line that this installation did not write is passed over, and told in the log."""
    if not path().exists():
        return
    for number, line in enumerate(path().read_text("utf-8").splitlines(), 1):
        entry = _read(line)
        if entry is None:
            _log.error("a line of the ledger of deletions is not this installation's", file=str(path()), line=number)
        else:
            yield entry


def merge(data: bytes) -> None:
    """This function will add the lines of another copy of the ledger, as a backup brings it, to those that are here."""
    known = {entry.tenant_id for entry in entries()}
    missing = [line for line in data.decode().splitlines() if (entry := _read(line)) and entry.tenant_id not in known]
    if missing:
        make_folder(path().parent, _FOLDER_MODE)
        before = path().read_bytes() if path().exists() else b""
        write_durably(path(), before + "".join(f"{line}\n" for line in missing).encode(), _MODE)


def _line(entry: Entry) -> bytes:
    told = {"tenant_id": entry.tenant_id, "enterprise_id": entry.enterprise_id, "at": entry.at}
    return canonical({**told, "mac": _mac(told)}) + b"\n"


def _read(line: str) -> Entry | None:
    try:
        told: dict[str, Any] = json.loads(line)
        given = told.pop("mac")
        return Entry(**told) if hmac.compare_digest(given, _mac(told)) else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _mac(told: dict[str, str]) -> str:
    return hmac.new(crypto.vault().key(_PURPOSE), canonical(told), sha256).hexdigest()
