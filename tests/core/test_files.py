"""Durable writes and fault points: whole or not there, whatever happens at which step."""

import errno
import io
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.core import faults, files
from portal.core.faults import declare, declared, fault_point

STEPS = ["written", "synced", "renamed", "durable"]
WRITE = files.declare_write("test_files.write")

CHILD = """
import sys
from pathlib import Path
from portal.core.files import declare_write, write_durably
write_durably(Path(sys.argv[1]), b"new", 0o600, fault=declare_write("child"))
"""


def run_child(path: Path, point: str) -> int:
    environment = {**os.environ, faults.VARIABLE: point, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run([sys.executable, "-c", CHILD, str(path)], env=environment, check=False, timeout=60).returncode


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_write_durably_writes_bytes_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "pointer.json"

    files.write_durably(path, b"{}", 0o640)

    assert path.read_bytes() == b"{}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(tmp_path) == ["pointer.json"]


def test_write_durably_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "pointer.json"
    path.write_bytes(b"an older and longer one")

    files.write_durably(path, b"new", 0o644)

    assert path.read_bytes() == b"new"


def test_write_durably_sets_the_modification_time_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "pointer.json"

    files.write_durably(path, b"{}", 0o644, modified_ns=1_700_000_000_000_000_000)

    assert path.stat().st_mtime_ns == 1_700_000_000_000_000_000


def test_write_durably_forces_file_before_rename_and_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pointer.json"
    steps: list[str] = []
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_fsync(descriptor)

    def rename(source: Path, target: Path) -> None:
        steps.append("rename")
        real_rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)

    files.write_durably(path, b"{}", 0o644)

    assert steps == ["file", "rename", "folder"]


def test_replace_together_forces_all_files_before_the_first_rename_and_their_folder_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [files.Replacement(tmp_path / name, name.encode() * 3) for name in ("signed", "tools")]
    steps: list[str] = []
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_fsync(descriptor)

    def rename(source: str, target: Path) -> None:
        steps.append(f"rename {target.name}")
        real_rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)

    files.replace_together(wanted, 0o640)

    assert steps == ["file", "file", "rename signed", "rename tools", "folder"]
    assert [(each.path.read_bytes(), stat.S_IMODE(each.path.stat().st_mode)) for each in wanted] == [
        (b"signedsignedsigned", 0o640),
        (b"toolstoolstools", 0o640),
    ]


@pytest.mark.parametrize(
    ("step", "left"),
    [("written", [b"old", b"old"]), ("synced", [b"old", b"old"]), ("renamed", [b"new", b"new"])],
)
def test_replace_together_on_a_full_disk_leaves_what_comes_after_the_trouble(
    step: str, left: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / "first", tmp_path / "second"]
    for place in places:
        place.write_bytes(b"old")
    monkeypatch.setenv(faults.VARIABLE, f"{WRITE}.{step}{faults.DISK_FULL}")

    with pytest.raises(files.DiskFull):
        files.replace_together(
            [files.Replacement(places[0], b"new"), files.Replacement(places[1], b"new", fault=WRITE)], 0o644
        )

    assert [place.read_bytes() for place in places] == left
    assert names(tmp_path) == ["first", "second"]


def test_replace_together_writes_on_where_the_disk_takes_less_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:3]))

    files.replace_together([files.Replacement(tmp_path / "whole", b"0123456789")], 0o644)

    monkeypatch.undo()
    assert (tmp_path / "whole").read_bytes() == b"0123456789"


def test_copy_durably_copies_a_stream_from_its_position(tmp_path: Path) -> None:
    source = io.BytesIO(b"skipped" + b"x" * 3_000_000)
    source.seek(7)

    files.copy_durably(source, tmp_path / "video.mp4", 0o600)

    assert (tmp_path / "video.mp4").read_bytes() == b"x" * 3_000_000


@pytest.mark.parametrize("step", ["written", "synced"])
def test_write_durably_on_a_full_disk_leaves_the_old_file(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pointer.json"
    path.write_bytes(b"old")
    monkeypatch.setenv(faults.VARIABLE, f"{WRITE}.{step}{faults.DISK_FULL}")

    with pytest.raises(files.DiskFull) as full:
        files.write_durably(path, b"new", 0o644, fault=WRITE)

    assert (full.value.code, full.value.status) == ("disk_full", 507)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["pointer.json"]


@pytest.mark.parametrize(("number", "kind"), [(errno.EDQUOT, files.DiskFull), (errno.EIO, OSError)])
def test_write_durably_tells_a_full_disk_from_a_broken_one(
    number: int, kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(kind) as trouble:
        files.write_durably(tmp_path / "pointer.json", b"new", 0o644)

    assert type(trouble.value) is kind
    assert names(tmp_path) == []


def test_replacing_leaves_nothing_when_its_block_fails(tmp_path: Path) -> None:
    def stop_half_way() -> None:
        with files.replacing(tmp_path / "half", 0o600) as file:
            file.write(b"half of it")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stop_half_way()

    assert names(tmp_path) == []


@pytest.mark.parametrize(("step", "content"), list(zip(STEPS, [b"old", b"old", b"new", b"new"], strict=True)))
def test_write_durably_killed_at_a_step_leaves_the_old_or_the_new_file(
    step: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "pointer.json"
    path.write_bytes(b"old")

    code = run_child(path, f"child.{step}")

    assert code == -signal.SIGKILL
    assert path.read_bytes() == content


def test_write_durably_without_a_wanted_fault_passes_every_point(tmp_path: Path) -> None:
    code = run_child(tmp_path / "pointer.json", "child.elsewhere")

    assert code == 0
    assert (tmp_path / "pointer.json").read_bytes() == b"new"


def test_remove_leftovers_takes_old_temporary_files_only(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in (".writing-old", ".writing-young", "current.json"))
    for path in (old, young, other):
        path.write_bytes(b"x")
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    os.utime(other, (an_hour_ago, an_hour_ago))

    removed = files.remove_leftovers(tmp_path, older_than_seconds=600)

    assert removed == 1
    assert names(tmp_path) == [".writing-young", "current.json"]


def test_make_folder_creates_missing_parents(tmp_path: Path) -> None:
    folder = tmp_path / "pub" / "releases"

    files.make_folder(folder, 0o755)
    files.make_folder(folder, 0o755)

    assert folder.is_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_free_bytes_is_what_the_system_says(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)

    assert abs(files.free_bytes(tmp_path) - disk.f_bavail * disk.f_frsize) < 1 << 30


def test_declare_write_declares_one_point_for_each_step() -> None:
    assert [name for name in declared() if name.startswith("test_files.write.")] == [
        f"{WRITE}.{step}" for step in STEPS
    ]


def test_declare_refuses_a_name_twice() -> None:
    declare("test_files.once")

    with pytest.raises(ValueError, match="declared twice"):
        declare("test_files.once")


def test_fault_point_refuses_an_undeclared_name() -> None:
    with pytest.raises(ValueError, match="not declared"):
        fault_point("test_files.never")


def test_fault_point_ignores_another_point(monkeypatch: pytest.MonkeyPatch) -> None:
    here = declare("test_files.here")
    monkeypatch.setenv(faults.VARIABLE, "test_files.there")

    fault_point(here)


def test_fault_point_fills_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    here = declare("test_files.full")
    monkeypatch.setenv(faults.VARIABLE, f"{here}:enospc")

    with pytest.raises(OSError, match="No space left") as full:
        fault_point(here)

    assert full.value.errno == errno.ENOSPC
