"""Rotating the key that signs the log: what it signed stays good, what it signs afterwards is found."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal.access.roles import Role
from portal.audit import checkpoints
from portal.audit.key_list import key_list
from portal.audit.keys import PLATFORM, SIGN, Ring, find_key, keep_ring, kept_ring, sign_key_of
from portal.audit.models import AuditHead, AuditKey, AuditRecord
from portal.audit.notes import Checkpoint, origin_of, read_note, sign_note
from portal.audit.verify.findings import Fault
from portal.audit.verify.opening import Outside
from portal.audit.verify.run import verify_log
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.errors import Forbidden
from portal.keys.commands import rotate_audit_key
from tests.world import building
from tests.world.log import pending, write


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    checkpoints.configure(tmp_path / "checkpoints")


def rotate() -> str:
    with platform_session(writes=True) as session:
        made = rotate_audit_key(Context(session, COMMAND_LINE))
        commit(session)
    return made


def signers() -> list[str | None]:
    with system_session(reason="test") as session:
        return list(session.scalars(select(AuditRecord.sign_key).order_by(AuditRecord.seq)))


def ring_of(database: Database) -> Ring:
    with platform_session() as session:
        found = kept_ring(session.connection())
    assert found is not None
    return found


def test_stamps_and_checkpoints_of_the_former_key_stay_good(database: Database) -> None:
    write(pending(), pending())
    old = checkpoints.take_checkpoint()
    former = signers()[0]

    made = rotate()
    write(pending())
    new = checkpoints.take_checkpoint()

    assert old is not None
    assert new is not None
    assert signers() == [former, former, made, made]  # the record of the rotation is the first of the new key
    report = verify_log(stamps=True, outside=[Outside("old", old.note), Outside("new", new.note)])
    assert (report.findings, report.checkpoints) == ((), 4)
    with platform_session() as session:
        listed = key_list(session)
    assert [(key.id, key.last_seq) for key in listed.signing] == [(made, None), (former, 2)]


def test_process_that_kept_the_former_key_hears_of_the_rotation(database: Database) -> None:
    write(pending())
    kept = ring_of(database)
    made = rotate()
    keep_ring(database.engine.pool, kept)  # as another process, in which nothing happened meanwhile

    write(pending())

    assert signers()[-1] == made
    assert verify_log(stamps=True).findings == ()


def test_stamp_of_a_retired_key_is_found(database: Database) -> None:
    """Planted: somebody who kept the former key, and writes the database, goes on signing with it."""
    write(pending())
    kept = ring_of(database)
    rotate()
    with database.engine.begin() as connection:
        connection.execute(update(AuditHead).values(sign_key=None))
    keep_ring(database.engine.pool, kept)

    write(pending())

    found = verify_log(stamps=True).findings
    assert [(one.fault, one.seq) for one in found] == [(Fault.KEY, 3)]


def test_later_checkpoint_of_a_retired_key_is_not_believed(database: Database) -> None:
    write(pending())
    with platform_session() as session:
        key = find_key(session.connection(), SIGN, PLATFORM)
    assert key is not None
    rotate()
    taken = checkpoints.take_checkpoint()
    assert taken is not None
    said = read_note(taken.note).checkpoint
    forged = sign_note(Checkpoint(said.origin, said.size, said.root), sign_key_of(key).private)

    found = verify_log(outside=[Outside("forged", forged)]).findings

    assert [one.fault for one in found] == [Fault.KEY]
    with platform_session() as session:
        assert said.origin == origin_of(str(session.scalar(select(AuditHead.log_id))))


def test_rotation_is_recorded_with_both_keys(database: Database) -> None:
    write(pending())
    former = signers()[0]

    made = rotate()

    with system_session(reason="test") as session:
        record = session.scalars(select(AuditRecord).order_by(AuditRecord.seq.desc())).first()
    assert record is not None
    assert (record.event, record.details) == ("system.audit_key_rotated", {"key": made, "former": former})


def test_log_without_a_record_gets_its_first_key(database: Database) -> None:
    made = rotate()

    assert signers() == [made]
    assert verify_log(stamps=True).findings == ()


def test_only_the_system_administrator_rotates(database: Database) -> None:
    who = building.actor(Role.SECURITY_ADMIN, building.build_user("officer"))

    with platform_session(writes=True) as session, pytest.raises(Forbidden):
        rotate_audit_key(Context(session, who))
    with platform_session() as session:
        assert session.scalars(select(AuditKey).where(AuditKey.retired_at.is_not(None))).all() == []
