"""Databases of a test's own, copied from a template: for whoever keeps one longer than a test, or hands it to other processes."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.core import database as databases
from portal.core.database import Database
from portal.media import storage
from portal.releases import site
from tests.world.databases import postgresql_url


def prefixed(name: str) -> str:
    """This function will return a database name that no other test process uses."""
    return f"portal_test_{os.getpid()}_{name}"


@contextmanager
def postgresql_copy(name: str, template: str) -> Iterator[str]:
    """This function will copy the PostgreSQL database `template`, which nobody may be connected to, and drop the copy at the end."""
    _run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield postgresql_url(name)
    finally:
        _run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def end_connections(name: str) -> None:
    """This function will end whatever still stands open to the PostgreSQL database `name`, such as those of processes that were killed."""
    _run(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 - our own name


@contextmanager
def own_installation(kind: str, request: pytest.FixtureRequest, folder: Path, name: str) -> Iterator[Database]:
    """This function will open an empty database with every table, and empty media and public folders below `folder`."""
    storage.use(storage.FolderStorage(folder / "media"))
    site.configure(folder / "pub")
    with _own_url(kind, request, folder, name) as url:
        opened = Database(url)
        databases.use(opened)
        yield opened
        opened.dispose()


@contextmanager
def _own_url(kind: str, request: pytest.FixtureRequest, folder: Path, name: str) -> Iterator[str]:
    if kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "portal.db")
        yield f"sqlite:///{folder / 'portal.db'}"
        return
    template: Database = request.getfixturevalue("postgresql_template")
    template.dispose()
    with postgresql_copy(prefixed(name), str(template.url.database)) as url:
        yield url


def _run(*statements: str) -> None:
    admin = create_engine(postgresql_url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    admin.dispose()
