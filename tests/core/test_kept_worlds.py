from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal.core.context import TenantRef
from portal.core.database import Database, platform_session
from portal.releases import site
from portal.tenants.models import Customer, Tenant
from tests.world.building import add_provinces, build_tenant, build_user
from tests.world.kept import kept

BUILT: list[str] = []


def world() -> TenantRef:
    add_provinces()
    BUILT.append("")
    return build_tenant()


def seen() -> tuple[list[str], list[str]]:
    with platform_session() as session:
        return list(session.scalars(select(Tenant.id))), list(session.scalars(select(Customer.name)))


@pytest.mark.parametrize("_time", [1, 2])
def test_world_is_built_once_and_every_test_finds_it_as_it_was(database: Database, tmp_path: Path, _time: int) -> None:
    site.configure(tmp_path / "pub")
    add_provinces()

    tenant = kept(world)

    assert seen() == ([tenant.id], ["云栖酒店集团"])
    assert len(BUILT) <= 2  # once for each kind of database
    with database.engine.begin() as connection:
        connection.execute(update(Customer.__table__).values(name="另一个"))


def test_world_over_what_is_there_already_is_refused(database: Database, tmp_path: Path) -> None:
    site.configure(tmp_path / "pub")
    build_user("early")

    with pytest.raises(AssertionError, match="build the world first"):
        kept(world)
