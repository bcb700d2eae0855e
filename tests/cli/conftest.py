"""Fixtures of the command line's tests: an installation's folder, and an empty database on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import needs_service, new_postgresql_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_service("postgresql"))])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'portal.db'}"
        return
    with new_postgresql_database() as url:
        yield url


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installation whose settings stand in the environment."""
    monkeypatch.setenv("PORTAL_INSTANCE_DIR", str(tmp_path))
    return tmp_path
