"""The file that holds the installation's keys, outside the database: a secret alone, or a ring of keys after a rotation."""

import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.core.files import make_folder, sync_folder, write_durably
from portal.core.key_ring import KEY_BYTES, KeyRing, WrongRing, read_ring, ring_bytes
from portal.core.settings import Settings
from portal.core.settings_values import SettingsError

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


@dataclass(frozen=True)
class KeyFile:
    """The file of keys at `path`, which `portal.core.crypto` looks at again whenever it has changed."""

    path: Path

    def stamp(self) -> tuple[int, int, int]:
        """This function will return what differs after every change of the file; raises `OSError`."""
        status = self.path.stat()
        return status.st_ino, status.st_mtime_ns, status.st_size

    def ring(self) -> KeyRing:
        """This function will read the ring; raises `SettingsError` where it is cut short or open to others, or `OSError`."""
        if self.path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingsError(f"PORTAL_SECRET_FILE={self.path} can be read by others: chmod 600 {self.path}")
        try:
            return read_ring(self.path.read_bytes())
        except WrongRing as wrong:
            raise SettingsError(f"PORTAL_SECRET_FILE={self.path} {wrong}") from wrong

    def change(self, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
        """This function will put another ring in the file's place, durably, and return it; of two at once the second waits."""
        with self._locked():
            ring = change(self.ring())
            write_durably(self.path, ring_bytes(ring), _PRIVATE_FILE)
        return ring

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The folder is locked, not the file: a rename puts another file in its place.
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def load_secret(settings: Settings) -> KeyFile:
    """This function will return the installation's file of keys; at its default place it is created where it is missing.

    Raises `SettingsError` as `read_secret` does.
    """
    is_default = settings.secret_file == settings.default_secret_file
    return read_secret(settings.secret_file, may_create=is_default)


def read_secret(path: Path, *, may_create: bool) -> KeyFile:
    """This function will return the file at `path`, once it has been read and found good.

    Where the file is missing and `may_create`, it is made with 32 random bytes, readable by its owner only; of two processes
    that do so at once both get the same bytes. Raises `SettingsError` where it is missing, too short, or open to others.
    """
    if not path.exists():
        if not may_create:
            raise SettingsError(f"PORTAL_SECRET_FILE={path} does not exist: bring it back from the backup of the keys.")
        _create(path)
    file = KeyFile(path)
    file.ring()
    return file


def _create(path: Path) -> None:
    make_folder(path.parent, _PRIVATE_FOLDER)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fchmod(descriptor, _PRIVATE_FILE)
            os.fsync(descriptor)
        # A link, unlike a rename, fails where another process was faster: its secret may be in use already.
        os.link(name, path)
        sync_folder(path.parent)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
