"""The filled world of the sweeps, built once and copied for every test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from portal.accounts import certificate_files
from portal.audit import checkpoints
from portal.core import database as databases
from portal.core.database import Database
from portal.core.settings import load_settings
from portal.factory import create_app
from portal.media import storage
from portal.releases import publisher, site
from tests.conftest import SECRET, put_in_place
from tests.sweeps.untouched import log_untouched
from tests.sweeps.world import Filled, fill
from tests.world.authenticator import give_certificate
from tests.world.cast import Cast

WALK_SECONDS = 900  # one test of these visits every address as every person


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """This function will give the sweeps the time that a walk through the whole application may take on a busy machine."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.get_closest_marker("soak") is None:
            item.add_marker(pytest.mark.timeout(WALK_SECONDS))


@dataclass(frozen=True)
class Swept:
    """The application on a world in which every address leads somewhere."""

    app: Flask
    cast: Cast
    yunqi: Filled
    jiangzhou: Filled


@pytest.fixture(scope="session")
def filled_template(
    cast_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Cast, Filled, Filled]:
    """The cast with both tenants filled: the folder with database, media and public files."""
    source, cast = cast_template
    folder = tmp_path_factory.mktemp("filled")
    shutil.copyfile(source, folder / "portal.db")
    made = databases.Database(f"sqlite:///{folder / 'portal.db'}")
    databases.use(made)
    storage.use(storage.FolderStorage(folder / "media"))
    site.configure(folder / "pub")
    certificate_files.configure(folder / "certificates")
    checkpoints.configure(folder / "checkpoints")
    filled = fill(cast.yunqi), fill(cast.jiangzhou)
    staff = give_certificate(cast.support)
    for each in filled:
        each.ids["staff_certificate"] = staff
    publisher.rest()  # whose connection would keep what was written last out of the file that is copied
    made.dispose()
    return folder, cast, *filled


@pytest.fixture
def swept(
    filled_template: tuple[Path, Cast, Filled, Filled], app: Flask, sqlite: databases.Database, tmp_path: Path
) -> Iterator[Swept]:
    """A copy of the filled world with the application on it, whose log nothing changes, whatever the test does there."""
    folder, cast, *filled = filled_template
    yunqi, jiangzhou = (replace(one, ids=dict(one.ids)) for one in filled)  # a test may add to them, for itself
    put_in_place(folder / "portal.db", sqlite)
    shutil.copytree(folder / "media", tmp_path / "media", dirs_exist_ok=True)
    shutil.copytree(folder / "pub", tmp_path / "pub", dirs_exist_ok=True)
    with log_untouched(sqlite.engine):
        yield Swept(app, cast, yunqi, jiangzhou)


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that are answered as ever and whose changes are then taken back, so that no act spoils what a later one is about."""
    taken_back = SimpleNamespace(database=databases.database, commit=lambda session: session.flush())
    monkeypatch.setattr("portal.web.pipeline.databases", taken_back)


@pytest.fixture
def planting(swept: Swept, sqlite: Database, tmp_path: Path) -> Flask:
    """An application of the test's own on the filled world, to which views may still be added."""
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    made = create_app(load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path)}))
    databases.database().dispose()
    databases.use(sqlite)
    return made
