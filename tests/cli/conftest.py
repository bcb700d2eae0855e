"""Fixtures of the command line's tests: an installation's folder, and an empty database on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from portal.cli import migrations
from tests.services import needs_service, new_postgresql_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_service("postgresql"))])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'portal.db'}"
        return
    with new_postgresql_database() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database that went through every migration, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "portal.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql() -> Iterator[str]:
    """The name of a PostgreSQL database that went through every migration, to be copied."""
    with new_postgresql_database() as url:
        migrations.upgrade(url)
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_service("postgresql"))])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the test's own that holds nothing but every table; how it got there is tested elsewhere."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), tmp_path / "portal.db")
        yield f"sqlite:///{tmp_path / 'portal.db'}"
        return
    with new_postgresql_database(request.getfixturevalue("migrated_postgresql")) as url:
        yield url


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installation whose settings stand in the environment."""
    monkeypatch.setenv("PORTAL_INSTANCE_DIR", str(tmp_path))
    return tmp_path
