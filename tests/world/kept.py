"""A world that a process builds once for each kind of database, and that later tests find in theirs as it was built.

Building goes through the portal's commands and takes longer than most of what is then tested; copying takes milliseconds. What was built
must lie in the database alone, and what `build` returns must be frozen, since tests share it.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import exists, select

from portal.accounts.models import User
from portal.audit.models import AuditRecord
from portal.core.database import Database, database
from portal.core.models import Base
from portal.releases import publisher
from portal.tenants.models import Tenant
from tests.conftest import put_in_place

World = TypeVar("World")


@dataclass(frozen=True)
class _Kept:
    world: Any
    file: Path | None
    tables: dict[str, bytes]


_kept: dict[tuple[Callable[[], Any], str], _Kept] = {}


def kept(build: Callable[[], World]) -> World:
    """This function will return what `build` returned, and leave in the empty database of the test what it left in the first one."""
    _see_that_nothing_is_lost(database())
    key = (build, database().engine.dialect.name)
    if key not in _kept:
        _kept[key] = _keep(build(), database())
        return _kept[key].world
    _bring_back(_kept[key], database())
    return _kept[key].world


def _see_that_nothing_is_lost(opened: Database) -> None:
    """Provinces may be there already; anything else that a fixture wrote before would be gone."""
    with opened.engine.connect() as connection:
        for table in (User, Tenant, AuditRecord):
            assert connection.scalar(select(exists().select_from(table))) is False, "build the world first"


def _keep(world: Any, opened: Database) -> _Kept:
    if opened.engine.dialect.name == "sqlite":
        folder = Path(tempfile.mkdtemp(prefix="portal-tests-kept-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        publisher.rest()
        opened.dispose()  # the last connection puts what was written into the one file
        shutil.copyfile(str(opened.url.database), folder / "portal.db")
        return _Kept(world, folder / "portal.db", {})
    return _Kept(world, None, rows_of(opened))


def rows_of(opened: Database) -> dict[str, bytes]:
    """This function will return what stands in the tables of a PostgreSQL database, for `refill`."""
    with opened.engine.connect() as connection, connection.connection.driver_connection.cursor() as cursor:
        tables = {}
        for table in Base.metadata.sorted_tables:
            with cursor.copy(f'COPY "{table.name}" TO STDOUT') as rows:
                tables[table.name] = b"".join(rows)
    return {name: rows for name, rows in tables.items() if rows}


def _bring_back(one: _Kept, opened: Database) -> None:
    if one.file is not None:
        put_in_place(one.file, opened)
        return
    refill(opened, one.tables)


def refill(opened: Database, tables: Mapping[str, bytes]) -> None:
    """This function will put rows of `rows_of` in the place of what these tables of a PostgreSQL database hold."""
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        with connection.connection.driver_connection.cursor() as cursor:
            for name, rows in tables.items():
                # A fixture before this one may have filled in what never changes.
                cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 - our own names
                with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                    copy.write(rows)
