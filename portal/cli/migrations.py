"""The database's schema, moved by Alembic in one transaction: a migration that fails, or is killed, changes nothing.

Two processes that migrate at once queue up: on SQLite by `BEGIN IMMEDIATE`, on PostgreSQL by an advisory lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, select, text

from portal.cli.metadata import load_metadata
from portal.core import row_security
from portal.core.installation import InstallationFact
from portal.core.settings import PROJECT_ROOT
from portal.core.settings_values import SettingsError

SCRIPTS = PROJECT_ROOT / "migrations"
HEAD = "head"

_BUSY_SECONDS = 30
_LOCK = 0x706F7274616C  # "portal"; any number that nothing else in the database uses
_BOOKKEEPING = frozenset({"provinces", "alembic_version", InstallationFact.__tablename__})


class BrokenReferences(Exception):
    """After a migration rows refer to rows that do not exist; the migration was rolled back."""


def migration_config(scripts: Path = SCRIPTS) -> Config:
    """This function will return Alembic's configuration, which the project keeps in code."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def upgrade(url: str, revision: str = HEAD, *, scripts: Path = SCRIPTS) -> None:
    """This function will bring the database up to `revision`, creating it where it is a SQLite file that does not exist."""
    load_metadata()  # it tells which tables are tenants'
    _move(url, scripts, lambda config: command.upgrade(config, revision), then=row_security.fence_tables)


def downgrade(url: str, revision: str) -> None:
    """This function will take the database down to `revision`; `base` is a database without tables."""
    _move(url, SCRIPTS, lambda config: command.downgrade(config, revision))


def current_revision(url: str) -> str | None:
    """This function will return the revision the database is at, None for a database without one."""
    with migration_engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """This function will return the newest revision that this version knows."""
    return ScriptDirectory.from_config(migration_config()).get_current_head()


def knows(revision: str) -> bool:
    """This function will tell whether `revision` is one of this version's, or one that it can migrate from."""
    return revision in {script.revision for script in ScriptDirectory.from_config(migration_config()).walk_revisions()}


def require_current(url: str) -> None:
    """This function will raise `SettingsError` where the database is not at the newest revision."""
    current, head = current_revision(url), head_revision()
    if current != head:
        raise SettingsError(
            f"The database is at revision {current or 'none'}, this version needs {head}: run `portal db upgrade`."
        )


def is_empty(url: str) -> bool:
    """This function will tell whether no table of the database, bookkeeping apart, holds a row."""
    with migration_engine(url).connect() as connection:
        tables = set(inspect(connection).get_table_names()) - _BOOKKEEPING
        return not any(_has_rows(connection, name) for name in sorted(tables))


def _has_rows(connection: Connection, table: str) -> bool:
    quoted = connection.dialect.identifier_preparer.quote(table)
    return connection.scalar(select(text("1")).select_from(text(quoted)).limit(1)) is not None


def migration_engine(url: str) -> Engine:
    """This function will return an engine without a pool whose SQLite transactions hold DDL too and begin with the write lock."""
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        event.listen(engine, "begin", row_security.enter_maintenance)
    return engine


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    # Foreign keys stay unenforced, as they are by default: a batch migration replaces tables that others refer to.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    with migration_engine(url).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(1)
            if broken:
                raise BrokenReferences(f"{broken[0][0]} refers to a row of {broken[0][2]} that does not exist")


def _move(
    url: str,
    scripts: Path,
    step: Callable[[Config], None],
    then: Callable[[Connection], None] = lambda connection: None,
) -> None:
    config = migration_config(scripts)
    with _locked(url) as connection:
        config.attributes["connection"] = connection
        step(config)
        then(connection)
