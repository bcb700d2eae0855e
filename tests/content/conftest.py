"""The cast with one object of each kind in the first house: made once, copied for each test."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from portal.core import database as databases
from portal.media import storage
from tests.conftest import put_in_place
from tests.world.cast import Cast
from tests.world.content import Full, fill


@pytest.fixture(scope="session")
def filled_template(
    cast_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory, _secret: None
) -> tuple[Path, Full]:
    folder = tmp_path_factory.mktemp("filled")
    shutil.copyfile(cast_template[0], folder / "portal.db")
    made = databases.Database(f"sqlite:///{folder / 'portal.db'}")
    databases.use(made)
    storage.use(storage.FolderStorage(folder / "media"))
    full = fill(cast_template[1].yunqi)
    made.dispose()
    return folder, full


@pytest.fixture
def full(
    filled_template: tuple[Path, Full], app: Flask, cast: Cast, sqlite: databases.Database, tmp_path: Path
) -> Full:
    """The first house with one object of each kind, in a database and a media folder of the test's own."""
    folder, full = filled_template
    put_in_place(folder / "portal.db", sqlite)
    shutil.copytree(folder / "media", tmp_path / "media", dirs_exist_ok=True)
    return full
