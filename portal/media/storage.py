"""Where originals and renditions lie: files named by their SHA-256, behind a few methods that a bucket can have too.

The folder is never below the published one. Files of all tenants lie side by side, equal ones once; who holds what is said
by the rows of the database and by nothing here.
"""

import re
import time
from collections.abc import Container
from pathlib import Path
from typing import BinaryIO, Protocol

from portal.core.files import TEMPORARY_PREFIX, copy_durably, declare_write, make_folder

# Only the folder is closed: a file that a web server may read can be published as a second name of the same bytes.
FILE_MODE = 0o644
FOLDER_MODE = 0o700
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PUT = declare_write("media.put")


class Storage(Protocol):
    """A place for files named by the SHA-256 of their bytes, 64 lower-case hex digits; other names are a `ValueError`."""

    def put(self, sha256: str, source: BinaryIO) -> None:
        """This function will keep what `source` gives; raises `DiskFull`. It writes whether or not the file is there."""

    def open(self, sha256: str) -> BinaryIO:
        """This function will open a file for reading; raises `FileNotFoundError`."""

    def exists(self, sha256: str) -> bool:
        """This function will tell whether the file is there."""

    def delete(self, sha256: str) -> None:
        """This function will remove a file; one that is not there is no error."""

    def path_or_url(self, sha256: str) -> str:
        """This function will return where the portal itself finds the file; nothing to hand to a browser."""

    def size(self, sha256: str) -> int:
        """This function will return the file's length in bytes; raises `FileNotFoundError`."""

    def sweep(self, held: Container[str], older_than_seconds: float) -> int:
        """This function will remove what was last put so long ago and is not `held`, and return how many files.

        What a killed writer left half written goes too.
        """


class FolderStorage:
    """A `Storage` in a folder, in 256 folders by the first two digits, readable by the portal's user only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def put(self, sha256: str, source: BinaryIO) -> None:
        """Writing always, even over the same bytes, takes equally long whoever else holds the file, and renews its age."""
        path = self._path(sha256)
        make_folder(path.parent, FOLDER_MODE)
        copy_durably(source, path, FILE_MODE, fault=_PUT)

    def open(self, sha256: str) -> BinaryIO:
        """See `Storage`."""
        return self._path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        """See `Storage`."""
        return self._path(sha256).is_file()

    def delete(self, sha256: str) -> None:
        """See `Storage`."""
        self._path(sha256).unlink(missing_ok=True)

    def path_or_url(self, sha256: str) -> str:
        """See `Storage`."""
        return str(self._path(sha256))

    def size(self, sha256: str) -> int:
        """See `Storage`."""
        return self._path(sha256).stat().st_size

    def sweep(self, held: Container[str], older_than_seconds: float) -> int:
        """Each file's age is looked at right before it goes: one that is just being put again is young and stays."""
        border = time.time() - older_than_seconds
        removed = 0
        for path in self.folder.glob("??/*"):
            if path.name in held or not (_SHA256.fullmatch(path.name) or path.name.startswith(TEMPORARY_PREFIX)):
                continue
            try:
                if path.stat().st_mtime < border:
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
        return removed

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.folder / sha256[:2] / sha256


_storage: Storage | None = None


def use(storage: Storage) -> None:
    """This function will make `storage` the one that this process keeps its media in."""
    global _storage
    _storage = storage


def storage() -> Storage:
    """This function will return the process's media storage; raises `RuntimeError` before `use`."""
    if _storage is None:
        raise RuntimeError("no media storage is set")
    return _storage
