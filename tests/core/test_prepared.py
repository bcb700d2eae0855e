"""Prepared statements: held to the fences when they are made and when they run, and as true to the types as a session."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, bindparam, delete, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.audit.models import AuditRecord
from portal.boxes.models.limiting import SpentProof
from portal.boxes.models.reported import BoxChannel, BoxStatus, PlayRow
from portal.core import clock
from portal.core.database import Database, database, platform_session, system_session, tenant_session
from portal.core.ids import TenantId, new_id
from portal.core.models import Id
from portal.core.prepared import TENANT, Prepared
from portal.core.tenancy import PlatformScope, TenancyBreach, TenantScope
from portal.tenants.models import BoxGroup, Tenant
from tests.core.test_tenancy import make_tenant

OWN = bindparam(TENANT, type_=Id)


def groups() -> Select[Any]:
    return select(BoxGroup.id, BoxGroup.name, BoxGroup.channel).where(BoxGroup.tenant_id == OWN)


def prepared(make: Callable[[], Any]) -> Prepared:
    return Prepared(lambda _dialect: make())


@pytest.fixture
def two(database: Database) -> tuple[TenantId, TenantId]:
    return make_tenant(1), make_tenant(2)


def test_a_tenant_finds_its_own_rows_and_whatever_it_says_no_other(two: tuple[TenantId, TenantId]) -> None:
    statement = prepared(groups)

    with tenant_session(two[0]) as session:
        found = statement.rows(session, {})
        others = statement.rows(session, {TENANT: two[1]})
        same = session.execute(select(BoxGroup.id, BoxGroup.name, BoxGroup.channel)).one()

    assert [(row.id, row.name, row.channel) for row in found] == [tuple(same)]
    assert found == others


UNTIED = {
    "no tenant at all": lambda: select(BoxGroup.name),
    "another column": lambda: select(BoxGroup.name).where(BoxGroup.id == OWN),
    "one table of two": lambda: (
        select(BoxGroup.name).join(BoxStatus, BoxStatus.channel == BoxGroup.channel).where(BoxGroup.tenant_id == OWN)
    ),
    "a subquery": lambda: groups().where(select(BoxStatus.id).where(BoxStatus.id == BoxGroup.id).exists()),
    "two that are tied to each other alone": lambda: (
        groups()
        .join(BoxStatus, BoxStatus.channel == BoxGroup.channel)
        .join(BoxChannel, BoxChannel.tenant_id == BoxStatus.tenant_id)
    ),
    "a parameter of another name": lambda: select(BoxGroup.name).where(
        BoxGroup.tenant_id == bindparam("box_id", type_=Id)
    ),
    "an update": lambda: update(BoxStatus).where(BoxStatus.id == bindparam("box_id", type_=Id)).values(count=1),
    "another comparison": lambda: select(BoxGroup.name).where(BoxGroup.tenant_id != OWN),
}


@pytest.mark.parametrize("make", UNTIED.values(), ids=UNTIED)
def test_a_statement_that_ties_a_table_to_no_tenant_is_refused(sqlite: Database, make: Callable[[], Any]) -> None:
    with tenant_session(make_tenant(1)) as session, pytest.raises(TenancyBreach):
        prepared(make).rows(session, {"box_id": new_id()})


@pytest.mark.parametrize(
    "make", [lambda: delete(BoxGroup).where(BoxGroup.tenant_id == OWN), lambda: insert(AuditRecord)]
)
def test_nothing_but_telemetry_is_written(sqlite: Database, make: Callable[[], Any]) -> None:
    with tenant_session(make_tenant(1), writes=True) as session, pytest.raises(TenancyBreach):
        prepared(make).changed(session, {})


def test_tenants_rows_do_not_exist_outside_of_a_tenant(sqlite: Database) -> None:
    with platform_session() as session, pytest.raises(TenancyBreach):
        prepared(groups).rows(session, {TENANT: make_tenant(1)})


def test_a_tenant_has_to_be_named_by_parameter(sqlite: Database) -> None:
    """Two tables tied to each other alone are tied to nobody."""
    joined = select(BoxGroup.name).join(BoxStatus, BoxStatus.tenant_id == BoxGroup.tenant_id)

    with tenant_session(make_tenant(1)) as session, pytest.raises(TenancyBreach):
        prepared(lambda: joined).rows(session, {})


def test_nothing_is_written_across_tenants(sqlite: Database) -> None:
    statement = prepared(lambda: delete(SpentProof))

    with system_session(reason="tests") as session, pytest.raises(TenancyBreach):
        statement.changed(session, {})


def test_many_rows_are_written_with_the_types_of_their_columns(two: tuple[TenantId, TenantId]) -> None:
    now = clock.now()
    with platform_session(writes=True) as session:
        prepared(lambda: insert(SpentProof)).each(session, [{"mark": mark, "spent_at": now} for mark in ("one", "two")])
        session.commit()

    with platform_session() as session:
        kept = session.execute(select(SpentProof.mark, SpentProof.spent_at).order_by(SpentProof.mark)).all()
        asked = prepared(lambda: select(SpentProof.spent_at)).rows(session, {})
        gone = prepared(lambda: delete(SpentProof)).changed(session, {})

    assert [tuple(row) for row in kept] == [("one", now), ("two", now)]
    assert [row.spent_at for row in asked] == [now, now]
    assert gone == 2


def test_what_the_session_holds_is_seen(sqlite: Database) -> None:
    with platform_session(writes=True) as session:
        session.add(SpentProof(mark="held", spent_at=clock.now()))

        assert [row.mark for row in prepared(lambda: select(SpentProof.mark)).rows(session, {})] == ["held"]


def test_an_insert_stores_the_scopes_own_tenant(two: tuple[TenantId, TenantId]) -> None:
    row = {
        "id": new_id(), "box_id": new_id(), "list": "ads", "item": "i", "started_at": clock.now(), "seconds": 1, "completed": True,
    }  # fmt: skip

    with tenant_session(two[0], writes=True) as session:
        prepared(lambda: insert(PlayRow)).each(session, [row | {TENANT: two[1]}])
        session.commit()

    with system_session(reason="tests") as session:
        assert session.scalars(select(PlayRow.tenant_id)).all() == [two[0]]


def test_the_platforms_tables_are_read_with_their_types(two: tuple[TenantId, TenantId]) -> None:
    statement = prepared(lambda: select(Tenant.id, Tenant.created_at).order_by(Tenant.id))

    with platform_session() as session:
        found = statement.rows(session, {})
        same = session.execute(select(Tenant.id, Tenant.created_at).order_by(Tenant.id)).all()

    assert [tuple(row) for row in found] == [tuple(row) for row in same]


def test_what_runs_without_a_session_is_held_to_the_same_fences(two: tuple[TenantId, TenantId]) -> None:
    statement, untied = prepared(groups), prepared(lambda: select(BoxGroup.name))
    with tenant_session(two[0]) as session:
        same = session.execute(select(BoxGroup.id, BoxGroup.name, BoxGroup.channel)).one()

    with database().looking(TenantScope(two[0])) as look:
        found = statement.rows(look, {TENANT: two[1]})
        with pytest.raises(TenancyBreach):
            untied.rows(look, {})
    with database().looking(PlatformScope()) as look, pytest.raises(TenancyBreach):
        statement.rows(look, {TENANT: two[0]})

    assert [tuple(row) for row in found] == [tuple(same)]


def test_what_runs_without_a_session_is_heard_and_fails_as_in_one(database: Database) -> None:
    kept = prepared(lambda: insert(SpentProof).returning(SpentProof.mark))
    row, seen = {"mark": "one", "spent_at": clock.now()}, []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        database.run_prepared(PlatformScope(), lambda on: kept.rows(on, row))
        with pytest.raises(IntegrityError):
            database.run_prepared(PlatformScope(), lambda on: kept.rows(on, row))
    finally:
        event.remove(database.engine, "before_cursor_execute", note)

    assert sum("INSERT INTO box_spent_proofs" in one for one in seen) >= 2
    with platform_session() as session:
        assert session.scalars(select(SpentProof.mark)).all() == ["one"]
