"""Taking checkpoints and handing them out; on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from portal.audit import checkpoints
from portal.audit.checkpoints import LONGEST_PAUSE, ContradictingCheckpoint, hand_out, is_due, take_checkpoint
from portal.audit.jobs import keep_checkpoints
from portal.audit.notes import read_note
from portal.core import clock
from portal.core.database import Database
from tests.world.log import pending, start_anew, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    checkpoints.configure(tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def files(folder: Path) -> dict[str, int]:
    return {path.name: read_note(path.read_text()).checkpoint.size for path in sorted(folder.glob("*"))}


def test_empty_log_has_no_checkpoint(database: Database, folder: Path) -> None:
    assert not is_due()
    assert take_checkpoint() is None
    assert files(folder) == {}


def test_checkpoint_is_in_the_database_and_beside_it(database: Database, folder: Path) -> None:
    write(pending(), pending(), pending())

    taken = take_checkpoint()

    assert taken is not None
    assert (folder / "checkpoint-000000000003.txt").read_text() == taken.note
    assert (folder / "checkpoint-000000000003.txt").stat().st_mode & 0o777 == 0o644


def test_log_that_did_not_grow_has_no_second_one(database: Database, folder: Path) -> None:
    write(pending())
    first = take_checkpoint()

    second = take_checkpoint()

    assert first is not None
    assert second is not None
    assert (first.note, files(folder)) == (second.note, {"checkpoint-000000000001.txt": 1})


def test_worker_takes_one_when_the_log_grew_enough_or_long_ago(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "MOST_RECORDS", 5)
    write(pending())
    keep_checkpoints()
    write(pending())
    keep_checkpoints()
    early = files(folder)
    with time_machine.travel(clock.now() + LONGEST_PAUSE + timedelta(seconds=1)):
        keep_checkpoints()
        late = files(folder)
        write(*(pending() for _ in range(5)))
        keep_checkpoints()

    assert list(early.values()) == [1]
    assert list(late.values()) == [1, 2]
    assert list(files(folder).values()) == [1, 2, 7]


def test_checkpoint_that_could_not_be_handed_out_is_later(database: Database, folder: Path) -> None:
    folder.write_text("a file stands where the folder should")
    write(pending())
    with pytest.raises(OSError, match="exist"):
        take_checkpoint()
    folder.unlink()

    handed = hand_out()

    assert (handed, hand_out(), files(folder)) == (1, 0, {"checkpoint-000000000001.txt": 1})


def test_checkpoint_that_was_handed_out_is_never_overwritten(database: Database, folder: Path) -> None:
    write(pending())
    taken = take_checkpoint()
    assert taken is not None
    other = taken.note.replace("\n1\n", "\n01\n")
    (folder / checkpoints.file_name(taken)).write_text(other)
    start_anew(database, checkpoints=True)
    write(pending())

    with pytest.raises(ContradictingCheckpoint, match="portal audit verify"):
        take_checkpoint()

    assert (folder / checkpoints.file_name(taken)).read_text() == other
