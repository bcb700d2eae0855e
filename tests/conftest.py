"""Fixtures of every test: the installation's secret, and a database on SQLite and on PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text

from portal.accounts import passwords
from portal.cli.metadata import load_metadata
from portal.core import crypto
from portal.core import database as databases
from portal.core.counting import LocalCounts
from portal.core.models import Base
from portal.core.settings import load_settings
from portal.factory import create_app
from portal.media import storage, workshop
from portal.releases import site
from portal.web.hooks import COUNTS
from tests.world.cast import QUICK_HASHES, Cast, build_cast
from tests.world.ceph import Store, ceph
from tests.world.databases import postgresql_url

SECRET = b"a secret of the tests, 32 bytes long"


def load_models() -> None:
    """This function will import the tables of every room."""
    load_metadata()


@pytest.fixture(scope="session", autouse=True)
def _secret() -> None:
    crypto.configure(SECRET)


@pytest.fixture(scope="session", autouse=True)
def _somewhere_to_publish(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every enterprise has release keys, which are published as soon as they are made."""
    site.configure(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An S3-compatible store that checks signatures; whoever sends it away brings it back."""
    with ceph(tmp_path_factory.mktemp("ceph")) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def portals_own_hasher() -> PasswordHasher:
    """What hashes passwords in the portal; only the tests of that pay its price, the others hash quickly."""
    own, passwords._hasher = passwords._hasher, QUICK_HASHES  # noqa: SLF001 - nobody else may choose other parameters
    return own


@pytest.fixture(autouse=True)
def _keys_of_its_own() -> Iterator[None]:
    """A test that runs a command in this process leaves the command's keys behind: the next test has its own again."""
    with crypto.other_keys():
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    load_models()
    path = tmp_path_factory.mktemp("template") / "portal.db"
    made = databases.Database(f"sqlite:///{path}")
    Base.metadata.create_all(made.engine)
    made.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[databases.Database]:
    load_models()
    name = f"portal_test_{os.getpid()}"
    admin = create_engine(postgresql_url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    made = databases.Database(postgresql_url(name))
    Base.metadata.create_all(made.engine)
    yield made
    made.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> databases.Database:
    """The one SQLite database of this process, whose file each test gets anew: an engine of its own would compile every statement anew.

    Its commits do not wait for the disk, which no test could see.
    """
    made = databases.Database(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'portal.db'}")
    event.listen(made.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return made


def put_in_place(template: Path, opened: databases.Database) -> None:
    """This function will make the database a copy of a closed one; whoever still has the old file open keeps that to themselves."""
    opened.dispose()
    path = str(opened.url.database)
    for name in (path, f"{path}-wal", f"{path}-shm"):
        Path(name).unlink(missing_ok=True)
    shutil.copyfile(template, path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_service("postgresql"))])
def database(request: pytest.FixtureRequest) -> Iterator[databases.Database]:
    """An empty database with every table, once on SQLite and once on PostgreSQL."""
    yield from _open(request.param, request)


@pytest.fixture
def sqlite(request: pytest.FixtureRequest) -> Iterator[databases.Database]:
    """An empty SQLite database with every table, for what does not depend on the database."""
    yield from _open("sqlite", request)


@pytest.fixture(params=[pytest.param("postgresql", marks=pytest.mark.needs_service("postgresql"))])
def postgresql(request: pytest.FixtureRequest) -> Iterator[databases.Database]:
    """An empty PostgreSQL database with every table, for what SQLite does not have."""
    yield from _open(request.param, request)


def _open(kind: str, request: pytest.FixtureRequest) -> Iterator[databases.Database]:
    if kind == "sqlite":
        opened = request.getfixturevalue("sqlite_database")
        put_in_place(request.getfixturevalue("sqlite_template"), opened)
        databases.use(opened)
        yield opened
        opened.dispose()
        return
    opened = request.getfixturevalue("postgresql_template")
    databases.use(opened)
    yield opened
    take_all_rows(opened)


def take_all_rows(opened: databases.Database) -> None:
    """This function will empty every table of a PostgreSQL database."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(";".join(f'DELETE FROM "{name}"' for name in tables))  # noqa: S608 - our own names


@pytest.fixture(scope="session")
def cast_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, _secret: None) -> tuple[Path, Cast]:
    path = tmp_path_factory.mktemp("cast") / "portal.db"
    shutil.copyfile(sqlite_template, path)
    made = databases.Database(f"sqlite:///{path}")
    databases.use(made)
    site.configure(path.parent / "pub")
    cast = build_cast()
    made.dispose()
    return path, cast


@pytest.fixture
def cast(cast_template: tuple[Path, Cast], sqlite: databases.Database) -> Cast:
    """The cast, in a SQLite database of the test's own."""
    path, cast = cast_template
    put_in_place(path, sqlite)
    return cast


@pytest.fixture(scope="session")
def _instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("instance")
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    return folder


@pytest.fixture(scope="session")
def _application(_instance: Path, _secret: None) -> Flask:
    made = create_app(load_settings({"PORTAL_INSTANCE_DIR": str(_instance)}))
    databases.database().dispose()
    return made


@pytest.fixture
def app(_application: Flask, _instance: Path, sqlite: databases.Database, tmp_path: Path) -> Iterator[Flask]:
    """The application as the server runs it, on the test's own database and folders."""
    databases.use(sqlite)
    storage.use(storage.FolderStorage(tmp_path / "media"))
    workshop.use(tmp_path / "unfinished")
    site.configure(tmp_path / "pub")
    _application.extensions[COUNTS] = LocalCounts()
    yield _application
    if (_instance / "secret").read_bytes() != SECRET:  # keys were rotated, with which this process would go on
        (_instance / "secret").write_bytes(SECRET)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not signed in."""
    return app.test_client()
