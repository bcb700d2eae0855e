"""Tenants made by the commands, on both databases, and reading what they left."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.core import database as databases
from portal.core.context import COMMAND_LINE, Context, TenantRef
from portal.core.database import commit, platform_session
from portal.releases import site
from tests.world.building import add_provinces, build_tenant

Result = TypeVar("Result")


def outside(act: Callable[[Context], Result]) -> Result:
    """This function will run `act` outside of any tenant and commit."""
    with platform_session(writes=True) as session:
        result = act(Context(session, COMMAND_LINE))
        commit(session)
        return result


def recorded(event: str) -> list[dict[str, object]]:
    """This function will return the details of everything that was recorded of an event, oldest first."""
    with databases.system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == event).order_by(AuditRecord.seq))
        return [row.details for row in rows]


@pytest.fixture
def provinces(database: databases.Database, tmp_path: Path) -> None:
    site.configure(tmp_path / "pub")  # a new tenant's world has release keys, whose list is published
    add_provinces()


@pytest.fixture
def tenant(provinces: None) -> TenantRef:
    return build_tenant()


@pytest.fixture
def neighbour(tenant: TenantRef) -> TenantRef:
    return build_tenant("江州医院(江苏医院)", province="32")
