"""Two tenants with their people, a storage of one's own, and videos made once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert

from portal.access.roles import Role
from portal.core import clock
from portal.core import database as databases
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import Database, tenant_session
from portal.core.ids import TenantId, UserId, new_id
from portal.media import storage as storages
from portal.media import workshop
from portal.media.storage import FolderStorage
from portal.tenants.models import Customer, Tenant
from tests.media import videos


@dataclass(frozen=True)
class Space:
    """One tenant as a test uses it."""

    tenant: TenantRef

    @contextmanager
    def work(self, role: Role = Role.TENANT_EDITOR, *, member_of: TenantId | None = None) -> Iterator[Context]:
        """This function will give the context of a request by somebody of `role`, and commit at its end."""
        actor = Actor(UserId(new_id()), "editor", "编辑", role.value, "business", tenant_id=member_of or self.tenant.id)
        with tenant_session(self.tenant.id, writes=True) as session:
            yield Context(session, actor, self.tenant)
            databases.commit(session)


def make_space(number: int) -> Space:
    customer, tenant_id = new_id(), TenantId(new_id())
    with databases.database().engine.begin() as connection:
        connection.execute(
            insert(Customer.__table__).values(
                id=customer, name=f"客户{number}", industry_code="1401001", created_at=clock.now(), version=1
            )
        )
        connection.execute(
            insert(Tenant.__table__).values(
                id=tenant_id, enterprise_id=f"{number:012d}", name=f"企业{number}", short_name=f"企业{number}",
                customer_id=customer, scope="全国", business_type="酒店", created_at=clock.now(), version=1,
            )
        )  # fmt: skip
    return Space(TenantRef(tenant_id, f"{number:012d}", f"企业{number}", None))


@pytest.fixture
def hotel(database: Database) -> Space:
    return make_space(1)


@pytest.fixture
def shop(hotel: Space) -> Space:
    return make_space(2)


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> FolderStorage:
    made = FolderStorage(tmp_path / "media")
    storages.use(made)
    workshop.use(tmp_path / "unfinished")
    return made


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of H.264 and AAC whose index comes last and whose camera wrote a name into it."""
    return videos.make(
        tmp_path_factory.mktemp("video") / "clip.mp4", *videos.H264, "-c:a", "aac", "-metadata", "title=Geheim"
    )
