"""Row-level security: what PostgreSQL itself refuses when every fence above it has been passed by."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.cli import migrations
from portal.cli.metadata import load_metadata
from portal.core import database as databases
from portal.core import row_security
from portal.core.database import Database, PortalSession, platform_session, system_session, tenant_session
from portal.core.ids import TenantId, new_id
from portal.core.tenancy import fenced_tables
from tests.core.test_tenancy import make_tenant
from tests.services import needs_service, new_postgresql_database, ordinary_owner

THEIRS = "SELECT name FROM box_groups WHERE tenant_id = :tenant"
RENAMED = "UPDATE box_groups SET name = '改名' WHERE tenant_id = :tenant"
DELETED = "DELETE FROM box_groups WHERE tenant_id = :tenant"
ADDED = (
    "INSERT INTO box_groups (tenant_id, id, name, position, channel, version)"
    " SELECT :tenant, :id, '新', 0, channel, 1 FROM channels WHERE tenant_id = :tenant"
)


@pytest.fixture
def two(postgresql: Database) -> tuple[TenantId, TenantId]:
    return make_tenant(1), make_tenant(2)


@pytest.fixture
def owned(postgresql: Database) -> Iterator[Database]:
    """A migrated database that its own ordinary role opened, as an installation should."""
    with new_postgresql_database() as url, ordinary_owner(url) as as_owner:
        migrations.upgrade(as_owner)
        opened = Database(as_owner)
        databases.use(opened)
        yield opened
        opened.dispose()


def raw(session: PortalSession, statement: str, tenant_id: TenantId) -> list[str]:
    """Run a statement that no fence of the session sees, and return the first column."""
    return list(session.connection().execute(text(statement), {"tenant": tenant_id}).scalars())


def touched(session: PortalSession, statement: str, tenant_id: TenantId) -> int:
    return session.connection().execute(text(statement), {"tenant": tenant_id}).rowcount


def test_raw_statement_reads_nothing_of_another_tenant(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0]) as session:
        assert raw(session, THEIRS, two[0]) == ["总部1"]
        assert raw(session, THEIRS, two[1]) == []


@pytest.mark.parametrize("statement", [RENAMED, DELETED], ids=["update", "delete"])
def test_raw_statement_changes_nothing_of_another_tenant(two: tuple[TenantId, TenantId], statement: str) -> None:
    with tenant_session(two[0], writes=True) as session:
        assert touched(session, statement, two[1]) == 0
        assert touched(session, statement, two[0]) == 1


def test_raw_statement_adds_nothing_to_another_tenant(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session, pytest.raises(ProgrammingError, match="row-level security"):
        session.connection().execute(text(ADDED), {"tenant": two[1], "id": new_id()})


def test_row_cannot_be_moved_to_another_tenant(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session, pytest.raises(ProgrammingError, match="row-level security"):
        raw(session, "UPDATE box_groups SET tenant_id = :tenant RETURNING name", two[1])


def test_platform_session_sees_no_tenants_rows(two: tuple[TenantId, TenantId]) -> None:
    with platform_session() as session:
        assert raw(session, THEIRS, two[0]) == []


def test_system_session_reads_every_tenant_and_changes_none(two: tuple[TenantId, TenantId]) -> None:
    with system_session(reason="test") as session:
        assert [raw(session, THEIRS, tenant) for tenant in two] == [["总部1"], ["总部2"]]
        assert touched(session, RENAMED, two[0]) == 0


def test_connection_forgets_the_tenant_with_its_transaction(two: tuple[TenantId, TenantId]) -> None:
    said = text("SELECT current_setting('portal.tenant', true), current_setting('portal.scope', true), current_user")
    single = Database(databases.database().url.render_as_string(hide_password=False), pool_size=1)
    databases.use(single)
    with single.engine.connect() as connection:
        before = connection.execute(said).one()

    with tenant_session(two[0]) as session:
        within = session.connection().execute(said).one()
    with single.engine.connect() as connection:
        after = connection.execute(said).one()
    single.dispose()

    assert tuple(within) == (two[0], "tenant", row_security.FENCED_ROLE)
    assert [value or None for value in after[:2]] == [None, None]
    assert after[2] == before[2]


def test_savepoint_that_is_rolled_back_leaves_the_fence_up(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session:
        with session.begin_nested() as savepoint:
            savepoint.rollback()

        assert raw(session, THEIRS, two[1]) == []
        assert raw(session, THEIRS, two[0]) == ["总部1"]


def test_transaction_that_says_nothing_sees_nothing(two: tuple[TenantId, TenantId]) -> None:
    with databases.database().engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {row_security.FENCED_ROLE}")

        assert connection.scalar(text("SELECT count(*) FROM box_groups")) == 0


def test_owner_who_is_no_superuser_is_fenced_in_his_own_role(owned: Database) -> None:
    unfenced = migrations.migration_engine(owned.url.render_as_string(hide_password=False))
    first, second = make_tenant(1, unfenced), make_tenant(2, unfenced)

    with tenant_session(first) as session:
        seen = [raw(session, THEIRS, tenant) for tenant in (first, second)]
        role = session.connection().scalar(text("SELECT current_user"))

    assert seen == [["总部1"], []]
    assert role == owned.url.username


def test_every_tenant_table_is_fenced_where_the_metadata_made_it(postgresql: Database) -> None:
    with postgresql.engine.connect() as connection:
        assert row_security.unfenced_tables(connection) == []


@needs_service("postgresql")
def test_every_tenant_table_is_fenced_where_migrations_made_it() -> None:
    load_metadata()
    with new_postgresql_database() as url:
        migrations.upgrade(url)

        with migrations.migration_engine(url).connect() as connection:
            fenced = connection.scalars(text("SELECT relname FROM pg_class WHERE relforcerowsecurity")).all()
            unfenced = row_security.unfenced_tables(connection)

    assert unfenced == []
    assert sorted(fenced) == sorted(table.name for table in fenced_tables())


FAULTS = {
    "policy dropped": "DROP POLICY tenant_reads ON box_groups",
    "switched off": "ALTER TABLE box_groups DISABLE ROW LEVEL SECURITY",
    "owner let through": "ALTER TABLE box_groups NO FORCE ROW LEVEL SECURITY",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_hole_in_the_fence_is_named(two: tuple[TenantId, TenantId], fault: str) -> None:
    with databases.database().engine.connect() as connection:
        connection.execute(text(FAULTS[fault]))

        assert row_security.unfenced_tables(connection) == ["box_groups"]


def test_planted_fault_without_the_fence_the_raw_statement_reads_the_other_tenant(
    two: tuple[TenantId, TenantId],
) -> None:
    """What the first test of this file would see if nothing but the six other fences stood there."""
    engine = databases.database().engine
    with engine.begin() as connection:
        connection.execute(text(FAULTS["switched off"]))
    try:
        with tenant_session(two[0]) as session:
            assert raw(session, THEIRS, two[1]) == ["总部2"]
    finally:
        with engine.begin() as connection:
            row_security.fence_tables(connection)
