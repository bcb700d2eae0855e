"""The folder of media: names, modes, ages."""

import os
import stat
import time
from io import BytesIO
from pathlib import Path

import pytest

from portal.core import faults
from portal.core.files import DiskFull
from portal.media import storage as storages
from portal.media.storage import FolderStorage, Storage

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64


def age(store: FolderStorage, sha256: str, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(store.path_or_url(sha256), (then, then))


def test_put_keeps_a_file_and_tells_about_it(store: FolderStorage) -> None:
    kept: Storage = store
    kept.put(ONE, BytesIO(b"picture"))

    with kept.open(ONE) as file:
        assert file.read() == b"picture"
    assert (kept.exists(ONE), kept.exists(TWO)) == (True, False)
    assert kept.size(ONE) == 7
    assert Path(kept.path_or_url(ONE)) == store.folder / "11" / ONE


def test_put_lets_nobody_else_read(store: FolderStorage) -> None:
    store.put(ONE, BytesIO(b"picture"))

    path = Path(store.path_or_url(ONE))
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o644, 0o700]


def test_put_writes_anew_what_is_there(store: FolderStorage) -> None:
    store.put(ONE, BytesIO(b"picture"))
    age(store, ONE, 3600)
    before = Path(store.path_or_url(ONE)).stat()

    store.put(ONE, BytesIO(b"picture"))

    after = Path(store.path_or_url(ONE)).stat()
    assert after.st_ino != before.st_ino
    assert after.st_mtime > before.st_mtime + 3000


def test_put_on_a_full_disk_keeps_nothing(store: FolderStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, f"media.put.synced{faults.DISK_FULL}")

    with pytest.raises(DiskFull):
        store.put(ONE, BytesIO(b"picture"))

    assert list((store.folder / "11").iterdir()) == []


def test_delete_removes_a_file_once_or_twice(store: FolderStorage) -> None:
    store.put(ONE, BytesIO(b"picture"))

    store.delete(ONE)
    store.delete(ONE)

    assert store.exists(ONE) is False


def test_missing_files_are_not_found(store: FolderStorage) -> None:
    with pytest.raises(FileNotFoundError):
        store.open(ONE)
    with pytest.raises(FileNotFoundError):
        store.size(ONE)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "1" * 63, "1" * 64 + "\n", "1" * 63 + "/"])
def test_names_other_than_hashes_are_refused(name: str, store: FolderStorage) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.put(name, BytesIO(b"x"))
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.open(name)


def test_sweep_removes_old_files_that_nobody_holds(store: FolderStorage) -> None:
    for sha256 in (ONE, TWO, THREE):
        store.put(sha256, BytesIO(b"picture"))
    age(store, ONE, 3600)
    age(store, TWO, 3600)
    leftover = store.folder / "11" / ".writing-killed"
    leftover.write_bytes(b"half")
    os.utime(leftover, (0, 0))

    removed = store.sweep({TWO}, older_than_seconds=600)

    assert removed == 2
    assert [store.exists(each) for each in (ONE, TWO, THREE)] == [False, True, True]
    assert not leftover.exists()


def test_storage_is_the_one_in_use(store: FolderStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert storages.storage() is store

    monkeypatch.setattr(storages, "_storage", None)
    with pytest.raises(RuntimeError, match="no media storage"):
        storages.storage()
