"""A command that the machine keeps from its work says so in one line; no start ends in a traceback."""

import ctypes
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.world.server import free_port

SECONDS = 120
_DROP_FROM_BOUNDING_SET, _OVERRIDE, _READ_SEARCH = 24, 1, 2  # prctl(2), capabilities(7)

# The portal on a disk without room: below the folder named first, nothing can be forced down. SQLite has its own way to the disk.
ON_A_FULL_DISK = """
import errno, os, sys
full, really = os.path.realpath(sys.argv.pop(1)), os.fsync
def fsync(descriptor):
    if os.readlink(f"/proc/self/fd/{descriptor}").startswith(full):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    really(descriptor)
os.fsync = fsync
from portal.cli.main import main
main()
"""
IMPATIENT = "from portal.cli import migrations, main\nmigrations._BUSY_SECONDS = 0.1\nmain.main()"


def as_everybody_else() -> None:
    """Even root may then do only what the modes of files allow."""
    for capability in (_OVERRIDE, _READ_SEARCH):
        ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, capability)


class Place:
    """An installation that has started once, and a way to start it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.public = folder / "pub"

    def start(
        self, *options: str, script: str | None = None, full: Path | None = None, **settings: str
    ) -> tuple[int, str]:
        """This function will start the portal, which must end by itself, and return its exit code and what it says last."""
        program = ["-m", "portal.cli.main"] if script is None else ["-c", script]
        program += [] if full is None else [str(full)]
        own = {"PORTAL_INSTANCE_DIR": str(self.folder), "PORTAL_PORT": str(free_port()), **settings}
        done = subprocess.run(
            [sys.executable, *program, "serve", *options],
            env={**os.environ, **own},
            preexec_fn=as_everybody_else,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done.returncode, done.stderr.splitlines()[-1]


@pytest.fixture
def place(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    shutil.copyfile(migrated_sqlite, folder / "portal.db")
    yield Place(folder)
    for path in (tmp_path, *tmp_path.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)


def test_full_public_folder_without_schemas(place: Place) -> None:
    code, said = place.start(script=ON_A_FULL_DISK, full=place.public)

    assert (code, said) == (
        1, "Error: There is no room left on the disk: make room and try again; what was saved is still there."
    )  # fmt: skip


def test_public_folder_that_cannot_be_written(place: Place) -> None:
    place.public.mkdir(mode=0o500)

    code, said = place.start()

    assert code == 1
    assert said.startswith(f"Error: {place.public}/")
    assert said.endswith(
        "cannot be used (Permission denied): see to its owner and its mode, or name another place in the settings."
    )


def test_demo_data_that_cannot_be_loaded(place: Place) -> None:
    (place.folder / "portal.db").unlink()
    media = place.folder / "media"
    media.mkdir(mode=0o500)

    code, said = place.start("--prepare")

    assert code == 1
    assert said.startswith(f"Error: {media}/")


def test_instance_folder_that_cannot_be_made(place: Place) -> None:
    place.folder.chmod(0o500)
    inside = place.folder / "new"

    code, said = place.start(PORTAL_INSTANCE_DIR=str(inside))

    assert (code, said) == (
        1, f"Error: {inside} cannot be used (Permission denied): see to its owner and its mode, or name another place in the settings."
    )  # fmt: skip


def test_instance_folder_that_cannot_be_written(place: Place) -> None:
    place.folder.chmod(0o500)

    code, said = place.start()

    assert (code, said) == (
        1, f"Error: {place.folder}/.running cannot be used (Permission denied): see to its owner and its mode, or name another place in the settings."
    )  # fmt: skip


def test_database_that_somebody_keeps_locked(place: Place) -> None:
    with closing(sqlite3.connect(place.folder / "portal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        code, said = place.start(script=IMPATIENT)

    assert (code, said) == (
        1, f"Error: The database {place.folder}/portal.db is locked by another process: stop what uses it, or wait until it is done."
    )  # fmt: skip


def test_database_that_cannot_be_written(place: Place) -> None:
    (place.folder / "portal.db").chmod(0o400)

    code, said = place.start()

    assert (code, said) == (
        1, f"Error: The database {place.folder}/portal.db cannot be written by this user: see to the owner and the mode of the file and its folder."
    )  # fmt: skip


def test_database_that_is_none(place: Place) -> None:
    (place.folder / "portal.db").write_bytes(b"not a database at all, " * 100)

    code, said = place.start()

    assert (code, said) == (
        1, f"Error: The database {place.folder}/portal.db is no SQLite database: bring the right file back from the backup."
    )  # fmt: skip


def test_postgresql_that_does_not_answer(place: Place) -> None:
    code, said = place.start(PORTAL_DATABASE_URL=f"postgresql://zone:secret@127.0.0.1:{free_port()}/zone")

    assert code == 1
    assert said.startswith("Error: The database of PORTAL_DATABASE_URL does not answer (connection failed: ")
    assert said.endswith("): start it, or change the setting.")
    assert "secret" not in said


def test_keys_that_cannot_be_read(place: Place) -> None:
    secret = place.folder / "secret"
    secret.write_bytes(b"x" * 32)
    secret.chmod(0o000)

    code, said = place.start()

    assert (code, said) == (
        1, f"Error: {secret} cannot be used (Permission denied): see to its owner and its mode, or name another place in the settings."
    )  # fmt: skip


def test_port_that_is_taken(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = place.start(PORTAL_PORT=str(taken.getsockname()[1]))

    assert code == 1
    assert said.startswith("Error: Cannot listen on 127.0.0.1, port ")
