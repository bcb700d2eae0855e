"""Rotation while the portal runs: everything is sealed anew, nothing is lost, and an old key goes only when nothing needs it."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select, text

from portal.accounts.models import User
from portal.audit.models import AuditRecord
from portal.core import clock, crypto
from portal.core.context import COMMAND_LINE, SYSTEM
from portal.core.crypto import Sealed
from portal.core.database import Database, platform_session, system_session
from portal.core.models import Base
from portal.core.secret_file import KeyFile, read_secret
from portal.keys import canary, commands, jobs
from portal.keys.queries import PAST_THE_FENCES, count_by_key, sealed_columns
from portal.tenants.models import Customer
from tests.world.building import add_provinces, build_tenant

SEALED_TODAY = {
    "customers.contact_name_sealed",
    "customers.contact_phone_sealed",
    "tenants.server_address_sealed",
    "users.totp_secret_sealed",
}
LATER = commands.SETTLING + timedelta(seconds=1)


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    """A file of keys that this process follows."""
    made = read_secret(tmp_path / "keys" / "secret", may_create=True)
    crypto.configure(made)
    return made


@pytest.fixture
def people(database: Database, file: KeyFile) -> list[str]:
    """Customers and users with sealed values, more than one batch of them."""
    add_provinces()
    build_tenant()
    made = []
    with database.engine.begin() as connection:
        for number in range(5):
            row = Customer(name=f"客户{number}", industry_code="1401001", created_at=clock.now())
            row.contact_name, row.contact_phone = f"联系人{number}", f"1380013800{number}"
            connection.execute(_insert(row))
            made.append(row.id)
        user = User(username="a", display_name="甲", created_at=clock.now())
        user.totp_secret = "JBSWY3DPEHPK3PXP"
        connection.execute(_insert(user))
    canary.check(database.engine, crypto.vault())
    return made


def _insert(row: Customer | User) -> object:
    given = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    defaults = {one.name: one.default.arg for one in row.__table__.c if one.default and not callable(one.default.arg)}
    return row.__table__.insert().values({**defaults, **given})


def read(customers: list[str]) -> list[tuple[str | None, str | None]]:
    with platform_session() as session:
        rows = [session.get_one(Customer, customer_id) for customer_id in customers]
        return [(row.contact_name, row.contact_phone) for row in rows]


def counts() -> dict[str, int]:
    """How many values of these people each key has sealed; the log's own keys, which are sealed too, come and go beside them."""
    counted: Counter[str] = Counter()
    with system_session(reason="a test counts") as session:
        for sealed in sealed_columns():
            if sealed.name in SEALED_TODAY:
                statement = select(sealed.key_id).where(sealed.column.is_not(None))
                rows = session.execute(statement, execution_options=PAST_THE_FENCES)
                counted.update(bytes(row[0]).hex() for row in rows)
    return dict(counted)


def needed(key_id: str) -> int:
    with system_session(reason="a test counts") as session:
        return count_by_key(session).get(key_id, 0)


def recorded(event: str) -> list[AuditRecord]:
    with system_session(reason="a test reads what was recorded") as session:
        return list(session.scalars(select(AuditRecord).where(AuditRecord.event == event).order_by(AuditRecord.seq)))


def test_every_sealed_attribute_of_every_model_is_found() -> None:
    assert {one.name for one in sealed_columns()} >= SEALED_TODAY
    declared = {
        (mapper.local_table.name, attribute.column)
        for mapper in Base.registry.mappers
        for attribute in vars(mapper.class_).values()
        if isinstance(attribute, Sealed)
    }
    assert {(one.table.name, one.column.name) for one in sealed_columns()} == declared


def test_rotation_is_recorded_and_the_job_seals_everything_anew(
    people: list[str], file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "BATCH", 2)
    before, values, total = crypto.vault().ring.active.id, read(people), counts()

    active = commands.rotate(COMMAND_LINE, file)
    between = read(people)
    done = jobs.follow_rotation()

    assert before != active == crypto.vault().ring.active.id
    assert values == between == read(people)
    assert total == {before: 11}
    assert counts() == {active: 11}
    assert done >= 11
    assert (needed(before), needed(active)) == (0, done)
    assert [row.details for row in recorded("system.key_rotated")] == [{"former": before}]
    assert sum(row.details["count"] for row in recorded("system.values_resealed")) == done
    assert {row.actor_username for row in recorded("system.values_resealed")} == {"system"}
    assert (jobs.follow_rotation(), jobs.follow_rotation()) == (0, 0)


def test_ring_of_one_key_costs_the_job_nothing(people: list[str]) -> None:
    assert jobs.follow_rotation() == 0
    assert recorded("system.values_resealed") == []


def test_sealing_anew_touches_no_version_and_no_later_change(people: list[str], file: KeyFile) -> None:
    with platform_session() as session:
        versions = [session.get_one(Customer, one).version for one in people]
    commands.rotate(COMMAND_LINE, file)

    commands.reseal(SYSTEM)

    with platform_session() as session:
        assert [session.get_one(Customer, one).version for one in people] == versions


def test_old_key_is_retired_once_nothing_needs_it(people: list[str], file: KeyFile) -> None:
    old = crypto.vault().ring.active.id
    active = commands.rotate(COMMAND_LINE, file)

    with time_machine.travel(clock.now() + LATER, tick=False):
        commands.retire(COMMAND_LINE, file, old)

    assert [one.id for one in file.ring().keys] == [active]
    assert counts() == {active: 11}
    assert read(people)[0] == ("联系人0", "13800138000")
    assert [row.details for row in recorded("system.key_retired")] == [{"key": old}]


def test_key_is_not_retired_while_a_value_needs_it(people: list[str], file: KeyFile, database: Database) -> None:
    old = crypto.vault().ring.active.id
    commands.rotate(COMMAND_LINE, file)
    swap_phones(database, people[0], people[1])

    with (
        time_machine.travel(clock.now() + LATER, tick=False),
        pytest.raises(
            commands.StillNeeded, match=rf"2 values need {old} [\s\S]*customers.contact_phone_sealed of row {people[0]}"
        ),
    ):
        commands.retire(COMMAND_LINE, file, old)

    assert len(file.ring().keys) == 2
    assert counts()[old] == 2


def test_key_is_not_retired_while_requests_may_still_use_it(people: list[str], file: KeyFile) -> None:
    old = crypto.vault().ring.active.id
    commands.rotate(COMMAND_LINE, file)

    with pytest.raises(commands.StillNeeded, match="The last rotation was just now"):
        commands.retire(COMMAND_LINE, file, old)

    assert len(file.ring().keys) == 2


@pytest.mark.parametrize(("which", "why"), [("active", "rotate first"), ("00000000", "no key 00000000")])
def test_key_that_is_active_or_not_there_is_not_retired(people: list[str], file: KeyFile, which: str, why: str) -> None:
    key_id = crypto.vault().ring.active.id if which == "active" else which

    with pytest.raises(commands.StillNeeded, match=why):
        commands.retire(COMMAND_LINE, file, key_id)


def test_value_sealed_by_a_late_request_is_sealed_anew_too(
    people: list[str], file: KeyFile, database: Database
) -> None:
    late = crypto.vault()
    active = commands.rotate(COMMAND_LINE, file)
    commands.reseal(SYSTEM)
    place = crypto.place_of("customers", "contact_phone_sealed", None, people[0])
    with database.engine.begin() as connection:
        table = Customer.__table__
        connection.execute(
            table.update().where(table.c.id == people[0]).values(contact_phone_sealed=late.seal("13900139000", place))
        )

    done = commands.reseal(SYSTEM)

    assert (done.count, counts()) == (1, {active: 11})
    assert read(people)[0] == ("联系人0", "13900139000")


def swap_phones(database: Database, one: str, other: str) -> None:
    """What somebody with the database's password could do: exchange two rows' ciphertext."""
    table = Customer.__table__
    with database.engine.begin() as connection:
        query = select(table.c.contact_phone_sealed).where(table.c.id == one)
        mine = connection.scalar(query)
        theirs = connection.scalar(select(table.c.contact_phone_sealed).where(table.c.id == other))
        connection.execute(table.update().where(table.c.id == one).values(contact_phone_sealed=theirs))
        connection.execute(table.update().where(table.c.id == other).values(contact_phone_sealed=mine))
        assert connection.scalar(text("SELECT count(*) FROM customers")) == 6
