"""The append: numbers without gaps, one order for all, nothing written where it cannot be; on both databases."""

import gc
import threading
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.append import decided_on
from portal.audit.events import Event
from portal.audit.keys import KeyDestroyed, Ring, SealKey, destroy_key
from portal.audit.leaf import HASHED, SIGNED, leaf, statement
from portal.audit.log import Target, record
from portal.audit.models import AuditKey, AuditRecord
from portal.audit.verify.run import verify_log
from portal.core import clock
from portal.core.canonical import canonical
from portal.core.context import COMMAND_LINE, Context, TenantRef
from portal.core.database import Database, commit, platform_session, system_session, tenant_session
from portal.core.messages import N_
from portal.tenants.models import Customer
from tests.world import building
from tests.world.log import pending, write

SHA = "ab" * 32


def records() -> list[AuditRecord]:
    with system_session(reason="test") as session:
        return list(session.scalars(select(AuditRecord).order_by(AuditRecord.seq)))


def columns(row: AuditRecord) -> dict[str, Any]:
    return {name: getattr(row, name) for name in HASHED}


def test_leaf_is_canonical_json_of_every_column_behind_a_version_byte(database: Database) -> None:
    write(pending(target=Target("x", "1", '引号"与\n换行\u2028')))
    row = columns(records()[0])
    plain = {**row, "at": f"{row['at']:%Y-%m-%dT%H:%M:%S.%f}Z"}
    plain |= {name: b64encode(row[name]).decode() for name in ("sealed", "signature")}

    assert leaf(row) == b"\1" + canonical(plain)
    assert statement(row) == canonical({name: plain[name] for name in SIGNED})
    assert set(HASHED) == {column.name for column in AuditRecord.__table__.columns} - {"nodes"}


def test_nothing_personal_stands_in_the_database_in_plain(database: Database) -> None:
    write(pending(target=Target("x", "1", "赵敏"), actor=pending().actor, name="13800138000"))

    with database.engine.begin() as connection:
        row = connection.execute(select(AuditRecord.__table__)).one()  # type: ignore[arg-type]

    said = repr(tuple(row)) + "".join(
        bytes(value).decode("utf-8", "replace") for value in row if isinstance(value, bytes)
    )
    for word in ("赵敏", "13800138000", "alice", "林晓", "203.0.113.7"):
        assert word not in said


def test_half_a_character_does_not_stop_the_log(database: Database) -> None:
    write(pending(Event.ACCESS_DENIED, path="/\ud800", method="GET", outcome="denied"))

    assert records()[0].details["path"] == "/?"


def test_sentence_of_ours_is_kept_as_words_and_to_be_told(database: Database) -> None:
    frame = N_("第 %(n)d 帧", n=2)
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        record(ctx, Event.APPROVED, Target("content_object", "1", frame), title=frame, sha256=SHA)
        commit(session)

    kept = records()[0]

    assert (kept.target_title, kept.details["title"]) == ("第 2 帧", "第 2 帧")
    assert (kept.told_title, kept.told_details["title"], kept.told_details["sha256"]) == (frame, frame, SHA)


@pytest.mark.parametrize(
    ("details", "expected"),
    [({"sha256": SHA, "kind": "slot", "title": "甲"}, SHA), ({"sha256": None, "kind": "slot", "title": "甲"}, None)],
)
def test_decision_is_on_the_contents_hash_where_it_has_one(details: dict[str, Any], expected: str | None) -> None:
    opened = {"details": details, "target_title": "甲", "salt": "s"}

    found = decided_on("revision", "1", opened)

    made = {"target": {"type": "revision", "id": "1", "title": "甲"}, "details": details, "salt": "s"}
    assert found == (expected or sha256(canonical(made)).hexdigest())


def test_decision_is_on_what_the_command_says(database: Database) -> None:
    with platform_session(writes=True) as session:
        record(Context(session, COMMAND_LINE), Event.SIGNED_OUT, decided_on=SHA)
        commit(session)

    assert records()[0].decided_on == SHA


def test_writers_at_once_get_numbers_without_gap_and_one_tree(database: Database) -> None:
    write(pending())  # the key is there
    threads = [threading.Thread(target=lambda: [write(pending(), pending()) for _ in range(8)]) for _ in range(5)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [row.seq for row in records()] == list(range(1, 82))
    assert verify_log(stamps=True).findings == ()


def test_first_writers_at_once_make_one_key(database: Database) -> None:
    gate = threading.Barrier(3)

    def begin() -> None:
        gate.wait()
        write(pending())

    threads = [threading.Thread(target=begin) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with platform_session() as session:
        keys = session.execute(select(AuditKey.purpose, func.count()).group_by(AuditKey.purpose)).all()
    assert sorted(tuple(key) for key in keys) == [("seal", 1), ("sign", 1)]
    assert verify_log(stamps=True).findings == ()


def test_transaction_that_rolls_back_leaves_no_gap(database: Database) -> None:
    write(pending())
    with platform_session(writes=True) as session:
        record(Context(session, COMMAND_LINE), Event.SIGNED_OUT)
        session.flush()
        session.rollback()
    write(pending())

    assert [row.seq for row in records()] == [1, 2]


def test_nothing_is_written_where_the_log_cannot_be(database: Database) -> None:
    """The planted fault: the log's table refuses every row. What the command changed is gone with its record."""
    write(pending())
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_head RENAME TO audit_head_gone"))
    try:
        with platform_session(writes=True) as session:
            ctx = Context(session, COMMAND_LINE)
            ask(ctx, Permission.CUSTOMERS_MANAGE)
            session.add(Customer(name="甲", industry_code="1401001", contact_name="", created_at=clock.now()))
            record(ctx, Event.CUSTOMER_CREATED, name="甲", industry_code="1401001")
            with pytest.raises(DBAPIError, match="audit_head"):
                commit(session)
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE audit_head_gone RENAME TO audit_head"))

    with platform_session() as session:
        assert session.scalars(select(Customer.name)).all() == []
    assert len(records()) == 1


def test_destroyed_key_leaves_every_hash_and_stamp_valid(database: Database) -> None:
    building.add_provinces()
    hotel = building.build_tenant()
    write(pending(tenant=hotel))
    with tenant_session(hotel.id, writes=True) as session:
        destroy_key(session, hotel.id)
        session.connection().commit()

    found = [row for row in records() if row.tenant_id == hotel.id]

    assert verify_log(stamps=True).findings == ()
    assert {row.opened.is_readable for row in found} == {False}
    assert {row.opened.is_readable for row in records() if row.tenant_id is None} == {True}


def held_keys() -> set[str]:
    """The ids of all keys of data that live somewhere in this process."""
    gc.collect()
    return {one.id for one in gc.get_objects() if type(one) is SealKey}


def destroyed_elsewhere(database: Database, tenant: TenantRef) -> str:
    """Destroy a tenant's key as another process does, which this one hears nothing of, and return the key's id."""
    table = AuditKey.__table__
    with database.engine.begin() as connection:
        mine = (table.c.holder == tenant.id) & (table.c.purpose == "seal")
        connection.execute(update(table).where(mine).values(secret_sealed=None, destroyed_at=clock.now()))
        return str(connection.scalar(select(table.c.id).where(mine)))


def test_destroyed_key_is_gone_from_a_process_that_has_sealed_with_it(database: Database) -> None:
    building.add_provinces()
    hotel = building.build_tenant()
    write(pending(tenant=hotel))
    write(pending(tenant=hotel))

    gone = destroyed_elsewhere(database, hotel)

    assert gone not in held_keys()
    with pytest.raises(KeyDestroyed):
        write(pending(tenant=hotel))
    write(pending())


def test_key_that_a_process_keeps_would_be_seen(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: every key is kept until the process ends."""
    monkeypatch.setattr(Ring, "kept", property(lambda ring: ring))
    building.add_provinces()
    hotel = building.build_tenant()
    write(pending(tenant=hotel))

    gone = destroyed_elsewhere(database, hotel)

    assert gone in held_keys()
    write(pending(tenant=hotel))
