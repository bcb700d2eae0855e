"""The world of the page benchmarks: the reference tenant, beside it lists of 10,000 rows of everything that has a list."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import insert

from bench.boxes.world import bind_boxes
from bench.harness import SECRET
from bench.rows import made, people
from portal.audit.events import Event
from portal.content.states import RevisionState
from portal.core import crypto, installation
from portal.core import database as databases
from portal.core.database import tenant_session
from portal.core.models import Base
from portal.core.settings import load_settings
from portal.factory import create_app
from portal.tenants.queries import group_tree
from tests.world.cast import Cast, House, build_cast
from tests.world.log import pending, write

ROWS = 10_000
_BATCH = 2_000
_LOGGED = (Event.DRAFT_SAVED, Event.GROUP_DELETED, Event.SIGNED_IN, Event.RELEASE_PUBLISHED)


@dataclass(frozen=True)
class BenchWorld:
    """The application on its database, and who lives there."""

    app: Flask
    database: databases.Database
    cast: Cast


def build_world(folder: Path) -> BenchWorld:
    """This function will fill a new SQLite database in `folder` and return the application on it."""
    world = open_world(folder)
    _fill(world.database, world.cast)
    _log(world.cast)
    return world


def open_world(folder: Path) -> BenchWorld:
    """This function will make a new SQLite database in `folder` with the cast and nothing else, and the application on it."""
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(folder)})
    crypto.configure(SECRET)
    database = databases.Database(settings.database_url)
    databases.use(database)
    app = create_app(settings)
    database = databases.database()
    Base.metadata.create_all(database.engine)
    assert installation.InstallationFact.__tablename__ in Base.metadata.tables
    return BenchWorld(app, database, build_cast())


def _fill(database: databases.Database, cast: Cast) -> None:
    """Of one enterprise all submissions are closed, of the other all wait, so that either list is long."""
    house, rows = cast.yunqi, made.Rows()
    made.add_content(rows, house)
    made.add_submissions(rows, house, ROWS, RevisionState.RETURNED)
    made.add_submissions(rows, cast.jiangzhou, ROWS, RevisionState.SUBMITTED)
    made.add_media(rows, house, ROWS)
    made.add_releases(rows, house, _channel(house), ROWS)
    people.add_tenants(rows, ROWS)
    people.add_staff(rows, ROWS)
    people.add_members(rows, house, ROWS)
    people.add_applications(rows, ROWS)
    people.add_jobs(rows, house, ROWS)
    people.add_notices(rows, house, ROWS)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for model, values in rows.items():
            connection.execute(insert(model), values)
    bind_boxes(database.engine, house.tenant.id, ROWS)


def _channel(house: House) -> str:
    with tenant_session(house.tenant.id) as session:
        return group_tree(session)[house.root].channel


def _log(cast: Cast) -> None:
    """Records of the tenant's people, appended by the log itself: their signatures and places in the tree are real."""
    for start in range(0, ROWS, _BATCH):
        write(
            *(
                pending(_LOGGED[number % len(_LOGGED)], tenant=cast.yunqi.tenant)
                for number in range(start, start + _BATCH)
            )
        )
