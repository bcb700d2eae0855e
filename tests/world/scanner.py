"""Scanners for malware, small enough to read: a script each, which is what PORTAL_SCAN_COMMAND names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.media import scanning

MARK = b"-something-evil-"
KNOWS_THE_MARK = f'grep -qa -e "{MARK.decode()}" -- "$1" && exit 1; exit 0'
KNOWS_EICAR = 'grep -qaF "EICAR-STANDARD-ANTIVIRUS-TEST-FILE" -- "$1" && exit 1; exit 0'


def scanner(folder: Path, script: str) -> str:
    """This function will write a scanner and return the command that runs it; the file to look at is its `$1`."""
    path = folder / "scanner"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def scan_with(folder: Path, script: str) -> None:
    """This function will make a scanner that of this process."""
    scanning.configure(scanner(folder, script))


@pytest.fixture
def no_scanner() -> Iterator[None]:
    """What a test configures is gone after it."""
    yield
    scanning.configure(None)
