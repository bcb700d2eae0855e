"""An installation's folders for tests that publish."""

from pathlib import Path

import pytest

from portal.core.database import Database
from portal.media import storage, workshop
from portal.releases import site
from tests.world.building import add_provinces


@pytest.fixture
def installation(database: Database, tmp_path: Path) -> Path:
    """A database on SQLite and on PostgreSQL with its provinces, and empty media and public folders."""
    storage.use(storage.FolderStorage(tmp_path / "media"))
    workshop.use(tmp_path / "unfinished")
    site.configure(tmp_path / "pub")
    add_provinces()
    return tmp_path
