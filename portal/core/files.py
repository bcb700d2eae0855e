"""Files that are whole or not there: written beside their place, forced to disk, moved into place, the folder forced too.

The order is what makes it hold through a power cut: a rename that reaches the disk before the bytes would leave an empty
file under a good name, and a rename without the folder's own fsync may be forgotten.
"""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from portal.core.errors import Unavailable
from portal.core.faults import declare, fault_point
from portal.core.messages import N_, Message

TEMPORARY_PREFIX = ".writing-"
_STEPS = ("written", "synced", "renamed", "durable")
_FULL_SERVER = N_("服务器的存储空间已满，这一步没有完成，已保存的内容都还在。请联系运营中心。")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_COPY_BYTES = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class DiskFull(Unavailable):
    """The disk, or the portal's share of it, has no room left; nothing was changed."""

    status = 507
    code = "disk_full"

    def __init__(self, message: Message = _FULL_SERVER) -> None:
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a file is to hold; `fault` and `modified_ns` as `write_durably` takes them."""

    path: Path
    data: bytes
    fault: str | None = None
    modified_ns: int | None = None


def declare_write(prefix: str) -> str:
    """This function will declare the fault points of one durable write, `<prefix>.written` and so on, and return `prefix`."""
    for step in _STEPS:
        declare(f"{prefix}.{step}")
    return prefix


def write_durably(
    path: Path, data: bytes, mode: int, *, fault: str | None = None, modified_ns: int | None = None
) -> None:
    """This function will make `path` hold exactly `data`, or leave it as it was.

    `mode` is the file's permission bits, `fault` a prefix from `declare_write`, `modified_ns` the modification time in
    nanoseconds where the caller decides it. Raises `DiskFull`, or `OSError` for any other trouble; the temporary file is
    gone either way.
    """
    with replacing(path, mode, fault=fault, modified_ns=modified_ns) as file:
        file.write(data)


def copy_durably(source: BinaryIO, path: Path, mode: int, *, fault: str | None = None) -> None:
    """This function will make `path` hold what `source` gives from its position on; like `write_durably`, in little memory."""
    with replacing(path, mode, fault=fault) as file:
        shutil.copyfileobj(source, file, _COPY_BYTES)


@contextmanager
def replacing(path: Path, mode: int, *, fault: str | None = None, modified_ns: int | None = None) -> Iterator[BinaryIO]:
    """This function will open a temporary file beside `path` and move it there, durably, when the block ends without error."""
    with telling_full_disk():
        with _beside(path) as (file, name):
            yield file
            file.flush()
            _finish(file.fileno(), mode, modified_ns, fault)
            name.rename(path)
        _pass(fault, "renamed")
        sync_folder(path.parent)
        _pass(fault, "durable")


def replace_together(files: Sequence[Replacement], mode: int) -> None:
    """This function will make files of one folder hold exactly their data, or leave those as they were that come after the trouble.

    All are forced to disk before the first one is moved into place; they are moved in the order given, and the folder is forced
    once for all of them. Raises as `write_durably` does.
    """
    with telling_full_disk():
        made: list[str] = []
        try:
            for file in files:
                descriptor, name = _temporary(file.path.parent)
                made.append(name)
                _fill(descriptor, file, mode)
            for name, file in zip(made, files, strict=True):
                os.rename(name, file.path)  # noqa: PTH104 - of fifty channels, each object made counts
                _pass(file.fault, "renamed")
        except BaseException:
            for name in made:
                Path(name).unlink(missing_ok=True)
            raise
        sync_folder(files[0].path.parent)
        for file in files:
            _pass(file.fault, "durable")


def _fill(descriptor: int, file: Replacement, mode: int) -> None:
    try:
        rest = memoryview(file.data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        _finish(descriptor, mode, file.modified_ns, file.fault)
    finally:
        os.close(descriptor)


def _temporary(folder: Path) -> tuple[int, str]:
    """A new file in this folder, open for writing and readable by nobody else yet, and its name."""
    name = f"{folder}/{TEMPORARY_PREFIX}{secrets.token_hex(8)}"
    return os.open(name, _NEW, 0o600), name


@contextmanager
def _beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file in the same folder, gone where the block fails, and its name."""
    descriptor, name = _temporary(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, Path(name)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def telling_full_disk() -> Iterator[None]:
    """This function will turn the error of a full disk into `DiskFull`: folders, links and forced names need room too."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull from error
        raise


def _finish(descriptor: int, mode: int, modified_ns: int | None, fault: str | None) -> None:
    _pass(fault, "written")
    os.fchmod(descriptor, mode)
    if modified_ns is not None:
        os.utime(descriptor, ns=(modified_ns, modified_ns))
    os.fsync(descriptor)
    _pass(fault, "synced")


def _pass(fault: str | None, step: str) -> None:
    if fault is not None:
        fault_point(f"{fault}.{step}")


def sync_folder(folder: Path) -> None:
    """This function will force the folder's own entries (new names, gone names) to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int) -> None:
    """This function will create `folder` and its missing parents with `mode`, each durable in its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def remove_leftovers(folder: Path, older_than_seconds: float) -> int:
    """This function will delete the temporary files that a killed process left in `folder`, and return how many.

    Younger files may belong to a writer that is still at work, so they stay.
    """
    border = time.time() - older_than_seconds
    removed = 0
    for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
        try:
            if path.stat().st_mtime < border:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue
    return removed


def free_bytes(folder: Path) -> int:
    """This function will return how many bytes the process may still write on the disk that holds `folder`."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
