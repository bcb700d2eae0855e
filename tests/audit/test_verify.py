"""Attacks on the log by raw SQL, each found and named; on both databases. A clean log is found clean between them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update

from portal.audit import checkpoints
from portal.audit.events import Event
from portal.audit.leaf import leaf
from portal.audit.models import AuditCheckpoint, AuditHead, AuditKey, AuditRecord
from portal.audit.notes import read_note, sign_note
from portal.audit.tree import Frontier, leaf_hash
from portal.audit.verify.findings import CannotCheck, Fault
from portal.audit.verify.opening import Outside
from portal.audit.verify.run import Report, verify_log
from portal.core.database import Database
from tests.world.log import pending, start_anew, write

RECORDS: Any = AuditRecord.__table__
HEAD: Any = AuditHead.__table__
KEYS: Any = AuditKey.__table__
CHECKPOINTS: Any = AuditCheckpoint.__table__
Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    checkpoints.configure(tmp_path / "checkpoints")


@pytest.fixture
def log(database: Database) -> Iterator[Database]:
    """Thirty records, a checkpoint after ten and after twenty of them."""
    for part in range(3):
        write(*(pending(Event.GROUP_DELETED) for _ in range(10)))
        if part < 2:
            checkpoints.take_checkpoint()
    return database


def outside() -> list[Outside]:
    return [Outside(path.name, path.read_text()) for path in sorted(checkpoints.folder().glob("*.txt"))]


def verify(*, stamps: bool = False, kept: list[Outside] | None = None) -> Report:
    return verify_log(outside=outside() if kept is None else kept, stamps=stamps)


def first(report: Report) -> tuple[Fault, int]:
    return (report.findings[0].fault, report.findings[0].seq)


def rows_of(connection: Connection) -> Rows:
    return [dict(row) for row in connection.execute(select(RECORDS).order_by(RECORDS.c.seq)).mappings()]


def rewrite(database: Database, change: Callable[[Rows], Rows], *, numbered: bool = True) -> None:
    """What somebody does who can write everything and knows how the tree is made: all of it anew, the head too."""
    with maintained(database) as connection:
        rows = change(rows_of(connection))
        frontier = Frontier()
        for number, row in enumerate(rows, 1):
            row["seq"] = number if numbered else row["seq"]
            row["nodes"] = frontier.add(leaf_hash(leaf(row)))
        connection.execute(delete(RECORDS))
        connection.execute(insert(RECORDS), rows)
        connection.execute(update(HEAD).values(size=frontier.size, peaks=frontier.joined))


def maintained(database: Database) -> AbstractContextManager[Connection]:
    """A connection that no fence holds: the tests' role stands above them."""
    return database.engine.begin()


def test_whole_log_is_clean(log: Database) -> None:
    for stamps in (False, True):
        report = verify(stamps=stamps)

        assert (report.records, report.checkpoints, report.findings) == (30, 4, ())


def test_empty_log_is_clean(database: Database) -> None:
    assert verify(stamps=True) == Report(0, 0, ())


@pytest.mark.parametrize(
    "column",
    ["at", "event", "outcome", "actor_id", "actor_role", "auth_level", "auth_method", "decided_on", "target_id", "tenant_id",
     "sealed", "signature", "sign_key", "seal_key", "personal", "request_id", "version"],
)  # fmt: skip
def test_changed_column_is_found(log: Database, column: str) -> None:
    with maintained(log) as connection:
        row = rows_of(connection)[16]
        connection.execute(update(RECORDS).where(RECORDS.c.seq == 17).values({column: other(row[column], column)}))

    assert first(verify()) == (Fault.CHANGED, 17)


def other(value: Any, column: str) -> Any:
    if column == "at":
        return value.replace(year=2020)
    if column in {"actor_id", "tenant_id", "request_id"}:
        return "01990000-0000-7000-8000-00000000dead"
    if isinstance(value, bytes):
        return value[:-1] + bytes((value[-1] ^ 1,))
    if isinstance(value, int):
        return value + 1
    return f"x{value or ''}"[:20]


def test_deleted_record_is_missing(log: Database) -> None:
    with maintained(log) as connection:
        connection.execute(delete(RECORDS).where(RECORDS.c.seq == 9))

    assert first(verify()) == (Fault.MISSING, 9)


def test_cut_end_is_missing(log: Database) -> None:
    with maintained(log) as connection:
        connection.execute(delete(RECORDS).where(RECORDS.c.seq > 27))

    assert first(verify()) == (Fault.MISSING, 28)


def test_two_records_that_changed_places_are_moved(log: Database) -> None:
    with maintained(log) as connection:
        for old, new in ((5, 99), (12, 5), (99, 12)):
            connection.execute(update(RECORDS).where(RECORDS.c.seq == old).values(seq=new))

    report = verify()

    assert first(report) == (Fault.MOVED, 5)
    assert "it was record 12" in str(report.findings[0])


def test_record_behind_the_head_was_added(log: Database) -> None:
    with maintained(log) as connection:
        connection.execute(insert(RECORDS), {**rows_of(connection)[29], "seq": 31})

    assert first(verify()) == (Fault.ADDED, 31)


def test_record_before_the_first_was_added(log: Database) -> None:
    with maintained(log) as connection:
        connection.execute(insert(RECORDS), {**rows_of(connection)[0], "seq": -4})

    assert first(verify()) == (Fault.ADDED, -4)


def test_forged_node_is_found(log: Database) -> None:
    with maintained(log) as connection:
        nodes = rows_of(connection)[15]["nodes"]
        connection.execute(update(RECORDS).where(RECORDS.c.seq == 16).values(nodes=nodes[:-32] + b"\7" * 32))

    assert first(verify()) == (Fault.HASH, 16)


def test_forged_head_is_found(log: Database) -> None:
    with maintained(log) as connection:
        connection.execute(update(HEAD).values(peaks=b"\7" * 32 * 4))

    assert first(verify()) == (Fault.HASH, 0)


def test_record_changed_with_the_whole_tree_made_anew_is_named_by_its_stamp(log: Database) -> None:
    def change(rows: Rows) -> Rows:
        rows[13]["event"] = "account.signed_out"
        return rows

    rewrite(log, change)

    assert first(verify()) == (Fault.CHANGED, 14)


def test_record_taken_out_with_the_rest_renumbered_is_named(log: Database) -> None:
    rewrite(log, lambda rows: rows[:6] + rows[7:])

    assert first(verify()) == (Fault.CHANGED, 7)


def test_record_put_in_with_the_rest_renumbered_is_named(log: Database) -> None:
    rewrite(log, lambda rows: [*rows[:6], dict(rows[2]), *rows[6:]])

    assert first(verify()) == (Fault.CHANGED, 7)


def test_forged_end_after_the_newest_checkpoint_is_found_by_its_stamps(log: Database) -> None:
    """Without a checkpoint over it only the stamps tell; this is why checkpoints are taken every few minutes."""

    def change(rows: Rows) -> Rows:
        rows[24]["outcome"] = "failed"
        return rows

    rewrite(log, change)

    assert verify().findings == ()
    assert first(verify(stamps=True)) == (Fault.STAMP, 25)


def test_end_cut_with_the_head_put_back_is_told_by_the_checkpoint(log: Database) -> None:
    rewrite(log, lambda rows: rows[:15])

    assert first(verify()) == (Fault.CUT, 16)


def test_log_restored_from_yesterday_is_told_by_an_outside_checkpoint(log: Database) -> None:
    kept = outside()
    with maintained(log) as connection:
        connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.size > 10))
    rewrite(log, lambda rows: rows[:14])
    for path in checkpoints.folder().glob("*.txt"):
        path.unlink()

    assert verify().findings == ()
    assert first(verify(kept=kept[1:])) == (Fault.CUT, 15)


def test_checkpoint_of_another_log_is_told(log: Database) -> None:
    kept = outside()
    start_anew(log)
    with maintained(log) as connection:
        connection.execute(delete(CHECKPOINTS))
    write(*(pending() for _ in range(30)))

    assert first(verify(kept=kept)) == (Fault.CHECKPOINT, 0)


def test_checkpoint_signed_with_a_foreign_key_is_told(log: Database) -> None:
    with maintained(log) as connection:
        own = read_note(connection.execute(select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == 20)).scalar_one())
        forged = sign_note(own.checkpoint, Ed25519PrivateKey.generate())
        connection.execute(update(CHECKPOINTS).where(CHECKPOINTS.c.size == 20).values(note=forged))

    assert first(verify(kept=[])) == (Fault.CHECKPOINT, 0)
    assert first(verify(kept=[Outside("mail", forged)])) == (Fault.CHECKPOINT, 0)


def test_altered_stamp_is_found(log: Database) -> None:
    def change(rows: Rows) -> Rows:
        rows[3]["signature"] = rows[4]["signature"]
        return rows

    rewrite(log, change)

    assert first(verify(stamps=True, kept=[])) == (Fault.STAMP, 4)


def test_swapped_signing_key_is_found(log: Database) -> None:
    with maintained(log) as connection:
        sealed = connection.execute(select(KEYS.c.secret_sealed).where(KEYS.c.purpose == "seal")).scalars().first()
        connection.execute(update(KEYS).where(KEYS.c.purpose == "sign").values(secret_sealed=sealed))

    assert first(verify()) == (Fault.KEY, 0)


def test_keys_that_changed_holders_do_not_open(log: Database) -> None:
    with maintained(log) as connection:
        connection.execute(update(KEYS).where(KEYS.c.purpose == "sign").values(holder="somebody"))

    assert first(verify()) == (Fault.KEY, 0)


def test_signed_record_cannot_claim_to_be_from_before_signing(log: Database) -> None:
    def change(rows: Rows) -> Rows:
        rows[7] |= {"version": 0, "sign_key": None, "signature": b"", "outcome": "denied"}
        return rows

    rewrite(log, change)

    assert first(verify(kept=[])) == (Fault.CHANGED, 8)


def test_text_that_is_no_checkpoint_cannot_be_checked(log: Database) -> None:
    with pytest.raises(CannotCheck, match="a letter is not a checkpoint"):
        verify(kept=[Outside("a letter", "dear auditor")])


def test_tree_over_several_chunks_is_joined(log: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.audit.verify import chunks, records

    monkeypatch.setattr(chunks, "CHUNK", 8)
    monkeypatch.setattr(records, "CHUNK", 8)

    assert verify(stamps=True).findings == ()
    with maintained(log) as connection:
        nodes = rows_of(connection)[15]["nodes"]
        connection.execute(update(RECORDS).where(RECORDS.c.seq == 16).values(nodes=nodes[:-32] + b"\7" * 32))
    assert first(verify()) == (Fault.HASH, 16)
