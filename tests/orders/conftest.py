"""Two tenants with nothing ordered, and a way to act in them at a moment."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import insert

from portal.access.roles import Role
from portal.core import database as databases
from portal.core.context import Actor, Context, TenantRef
from portal.core.ids import TenantId, UserId, new_id
from portal.tenants.models import Customer, Province, Tenant
from tests.orders.moments import moment

JIANGSU = "32"
ENTERED = datetime(2016, 1, 1, tzinfo=UTC)

Doing = Callable[..., AbstractContextManager[Context]]
Travel = Callable[[str], None]


@pytest.fixture
def travel() -> Iterator[Travel]:
    """Sets the one clock to a moment of Asia/Shanghai, where it stands still; it begins on 2026-11-16 at 10:00."""
    with time_machine.travel(moment("2026-11-16 10:00"), tick=False) as traveller:
        yield lambda text: traveller.move_to(moment(text))


def make_tenant(database: databases.Database, number: int, province_code: str | None) -> TenantRef:
    """This function will write a customer and its tenant, past all rules, which are not tested here."""
    customer_id, tenant_id = new_id(), new_id()
    with database.engine.begin() as connection:
        connection.execute(
            insert(Customer),
            {
                "id": customer_id,
                "name": f"客户{number}",
                "industry_code": "1401001",
                "created_at": ENTERED,
                "version": 1,
            },
        )
        connection.execute(
            insert(Tenant),
            {
                "id": tenant_id,
                "enterprise_id": f"10000000000{number}",
                "name": f"客户{number}(江苏酒店)",
                "short_name": f"客户{number}",
                "customer_id": customer_id,
                "scope": "province",
                "business_type": "hotel",
                "province_code": province_code,
                "created_at": ENTERED,
                "version": 1,
            },
        )
    return TenantRef(TenantId(tenant_id), f"10000000000{number}", f"客户{number}", province_code)


@pytest.fixture
def tenant(database: databases.Database, travel: Travel) -> TenantRef:
    """The tenant of the tests, of Jiangsu."""
    with database.engine.begin() as connection:
        connection.execute(insert(Province), {"code": JIANGSU, "name": "江苏"})
    return make_tenant(database, 1, JIANGSU)


@pytest.fixture
def neighbour(database: databases.Database, tenant: TenantRef) -> TenantRef:
    """A second tenant of the same shape, of the center."""
    return make_tenant(database, 2, None)


@contextmanager
def acting(within: TenantRef, role: Role, province_code: str | None = JIANGSU) -> Iterator[Context]:
    """This function will open a unit of work in a tenant, as somebody with a role, and commit it."""
    actor = Actor(
        user_id=UserId(new_id()),
        username=role,
        display_name=role,
        role=role,
        layer="business",
        province_code=province_code if role is Role.PROVINCE else None,
        tenant_id=within.id,
    )
    with databases.tenant_session(within.id, writes=True) as session:
        yield Context(session, actor, within)
        databases.commit(session)


@pytest.fixture
def doing(tenant: TenantRef) -> Doing:
    """Opens a unit of work in the tenant of the tests, or another one."""

    def act(
        role: Role = Role.CENTER_OPERATOR, within: TenantRef = tenant, province_code: str | None = JIANGSU
    ) -> AbstractContextManager[Context]:
        return acting(within, role, province_code)

    return act
