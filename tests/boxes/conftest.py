"""Fixtures of the box calls: the application on either database, and a tenant with an open installation job and a box."""

import shutil
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest
from flask import Flask

from portal.core import database as databases
from portal.core import outbox
from portal.core.context import COMMAND_LINE, TenantRef
from portal.media import storage
from portal.releases import publisher, site
from portal.releases.signing.commands import make_root
from tests.conftest import put_in_place
from tests.world.airing import desk_of
from tests.world.building import add_provinces, build_tenant
from tests.world.fleet import BoxClient, bound_box, job_for, tell_box
from tests.world.front import Front
from tests.world.server import Server


@pytest.fixture
def either(_application: Flask, database: databases.Database, tmp_path: Path) -> Flask:
    """The application, once on SQLite and once on PostgreSQL."""
    databases.use(database)
    storage.use(storage.FolderStorage(tmp_path / "media"))
    site.configure(tmp_path / "pub")
    return _application


@pytest.fixture(scope="session")
def _shops_template(
    _application: Flask, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, TenantRef, BoxClient]:
    path = tmp_path_factory.mktemp("shops") / "portal.db"
    shutil.copyfile(sqlite_template, path)
    made = databases.Database(f"sqlite:///{path}")
    databases.use(made)
    site.configure(path.parent / "pub")
    tenant = _tenant()
    box = bound_box(_application, tenant, serial="BOX-1")
    made.dispose()
    return path, tenant, box


@pytest.fixture
def shops(app: Flask, sqlite: databases.Database, _shops_template: tuple[Path, TenantRef, BoxClient]) -> TenantRef:
    """A tenant with ten licences, an open job of ten places, and one box that is bound in it, on SQLite."""
    put_in_place(_shops_template[0], sqlite)
    return _shops_template[1]


@pytest.fixture
def box(shops: TenantRef, _shops_template: tuple[Path, TenantRef, BoxClient]) -> BoxClient:
    """The box of `shops`."""
    return copy(_shops_template[2])


@pytest.fixture
def shops_on_either(either: Flask) -> TenantRef:
    """A tenant like `shops` on either database, without a box."""
    return _tenant()


def _tenant() -> TenantRef:
    add_provinces()
    tenant = build_tenant("步步鞋业(全国零售)")
    job_for(tenant)
    return tenant


@pytest.fixture(scope="module")
def front(
    _application: Flask,
    _shops_template: tuple[Path, TenantRef, BoxClient],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    """The portal as it runs, two processes on a copy of `shops` that is on air: one for every module that asks."""
    folder = tmp_path_factory.mktemp("server")
    template, tenant, bound = _shops_template
    server = Server(folder, template)
    made = databases.Database(f"sqlite:///{folder / 'portal.db'}")
    databases.use(made)
    storage.use(storage.FolderStorage(folder / "media"))
    site.configure(folder / "pub")
    make_root(COMMAND_LINE, lambda _: None)
    desk = desk_of(tenant)
    desk.put_on_air(desk.save("欢迎光临"))
    publisher.rest()
    while outbox.drain():
        pass
    command = tell_box(tenant, "screenshot")
    made.dispose()
    server.start()
    try:
        yield Front(server, tenant, bound, command)
    finally:
        server.stop()
