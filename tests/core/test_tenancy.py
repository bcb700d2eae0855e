"""The fences of tenancy inside a session, tried from both sides."""

import pytest
from sqlalchemy import Engine, Table, delete, exists, func, insert, select, text, union_all, update
from sqlalchemy.orm import aliased

from portal.audit.events import Event
from portal.audit.log import record_apart
from portal.audit.models import AuditRecord
from portal.core import clock, unit_of_work
from portal.core import database as databases
from portal.core.context import SYSTEM, RequestMeta, TenantRef
from portal.core.database import Database, platform_session, system_session, tenant_session
from portal.core.ids import TenantId, new_id
from portal.core.tenancy import TenancyBreach
from portal.core.unit_of_work import UnaskedWrite, UnrecordedWrite
from portal.tenants.models import BoxGroup, Channel, Customer, Tenant


def make_tenant(number: int, engine: Engine | None = None) -> TenantId:
    tenant_id = TenantId(new_id())
    group_id = new_id()
    channel = f"{number:032x}"
    with (engine or databases.database().engine).begin() as connection:
        customer = new_id()
        connection.execute(
            insert(Customer.__table__).values(
                id=customer, name=f"客户{number}", industry_code="1", created_at=clock.now(), version=1
            )
        )
        connection.execute(
            insert(Tenant.__table__).values(
                id=tenant_id, enterprise_id=f"{number:012d}", name="n", short_name="n", pinyin="", customer_id=customer,
                scope="全国", business_type="酒店", created_at=clock.now(), publication_lock=0, version=1,
            )
        )  # fmt: skip
        connection.execute(insert(Channel.__table__).values(channel=channel, tenant_id=tenant_id, group_id=group_id))
        connection.execute(
            insert(BoxGroup.__table__).values(
                tenant_id=tenant_id, id=group_id, name=f"总部{number}", position=0, channel=channel, version=1
            )
        )
    return tenant_id


@pytest.fixture
def two(database: Database) -> tuple[TenantId, TenantId]:
    return make_tenant(1), make_tenant(2)


def names(result: object) -> list[str]:
    return sorted(result)  # type: ignore[call-overload,no-any-return]


STATEMENTS = {
    "entity": lambda: select(BoxGroup.name),
    "alias": lambda: select(aliased(BoxGroup).name),
    "subquery": lambda: select(select(BoxGroup.name).subquery().c.name),
    "scalar subquery": lambda: select(Tenant.id, select(func.min(BoxGroup.name)).scalar_subquery()).with_only_columns(
        select(func.min(BoxGroup.name)).scalar_subquery()
    ).limit(1),
    "cte": lambda: select(select(BoxGroup.name).cte().c.name),
    "union": lambda: union_all(select(BoxGroup.name), select(BoxGroup.name).where(BoxGroup.name == "")),
    "join": lambda: select(BoxGroup.name).join(Tenant, Tenant.id == BoxGroup.tenant_id),
}  # fmt: skip


@pytest.mark.parametrize("shape", STATEMENTS)
def test_select_sees_only_the_own_tenant(two: tuple[TenantId, TenantId], shape: str) -> None:
    with tenant_session(two[1]) as session:
        found = list(session.execute(STATEMENTS[shape]()).scalars())

    assert found == ["总部2"]


def test_exists_does_not_see_the_other_tenant(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[1]) as session:
        found = session.scalar(select(exists().where(BoxGroup.name == "总部1")))

    assert found is False


def test_get_by_key_of_the_other_tenant_needs_its_tenant_id(two: tuple[TenantId, TenantId]) -> None:
    with system_session(reason="test") as session:
        other = session.scalars(select(BoxGroup).where(BoxGroup.tenant_id == two[0])).one()

    with tenant_session(two[1]) as session:
        assert session.get(BoxGroup, (two[1], other.id)) is None
        assert session.get(BoxGroup, (two[0], other.id)) is None


@pytest.mark.parametrize(
    "statement",
    [
        lambda: text("select name from box_groups"),
        lambda: select(BoxGroup.__table__),
        lambda: select(BoxGroup.__table__.c.name),
        lambda: select(BoxGroup.__table__.alias().c.name),
        lambda: update(BoxGroup).values(name="x"),
        lambda: delete(BoxGroup),
        lambda: insert(BoxGroup).values(name="x"),
        lambda: select(Tenant.id).where(Tenant.id.in_(select(BoxGroup.__table__.c.tenant_id))),
        lambda: select(BoxGroup.name, BoxGroup.__table__.alias().c.name),
        lambda: select(BoxGroup.name, select(func.count()).select_from(BoxGroup.__table__).scalar_subquery()),
    ],
    ids=[
        "text",
        "core table",
        "core column",
        "core alias",
        "update",
        "delete",
        "insert",
        "core subquery",
        "core beside",
        "core count",
    ],
)
def test_statement_that_cannot_be_fenced_is_refused(two: tuple[TenantId, TenantId], statement: object) -> None:
    with tenant_session(two[0]) as session, pytest.raises(TenancyBreach):
        session.execute(statement())  # type: ignore[operator]


def test_platform_session_knows_no_tenant_table(two: tuple[TenantId, TenantId]) -> None:
    with platform_session() as session, pytest.raises(TenancyBreach):
        session.execute(select(BoxGroup))


def test_system_session_reads_every_tenant(two: tuple[TenantId, TenantId]) -> None:
    with system_session(reason="test") as session:
        found = names(session.scalars(select(BoxGroup.name)))

    assert found == ["总部1", "总部2"]


def test_system_session_cannot_write_tenant_rows(two: tuple[TenantId, TenantId]) -> None:
    with system_session(reason="test") as session:
        row = session.scalars(select(BoxGroup).limit(1)).one()
        row.name = "x"

        with pytest.raises(TenancyBreach):
            session.flush()


def test_flush_stamps_the_tenant(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session:
        session.add(Channel(channel="c" * 32, tenant_id=two[0], group_id=new_id()))
        session.flush()
        row = BoxGroup(name="门店", channel="c" * 32)
        session.add(row)
        session.flush()

        assert row.tenant_id == two[0]


def test_flush_refuses_a_row_of_another_tenant(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session:
        session.add(BoxGroup(tenant_id=two[1], name="门店", channel="c" * 32))

        with pytest.raises(TenancyBreach):
            session.flush()


def test_tagged_rows_of_another_tenant_are_invisible(two: tuple[TenantId, TenantId]) -> None:
    first = TenantRef(two[0], "000000000001", "n", None)
    record_apart(SYSTEM, RequestMeta(), first, Event.SIGNED_OUT, outcome="failed")

    with tenant_session(two[1]) as session:
        assert session.scalars(select(AuditRecord)).all() == []
    with tenant_session(two[0]) as session:
        assert [row.event for row in session.scalars(select(AuditRecord))] == ["account.signed_out"]


def test_bulk_methods_are_refused(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0]) as session, pytest.raises(TenancyBreach):
        session.bulk_save_objects([])


def test_commit_without_asking_is_refused(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session:
        session.scalars(select(BoxGroup)).one().name = "新名"

        with pytest.raises(UnaskedWrite):
            databases.commit(session)


def test_commit_without_a_record_is_refused(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session:
        session.scalars(select(BoxGroup)).one().name = "新名"
        unit_of_work.work_of(session).asked.add("test")

        with pytest.raises(UnrecordedWrite):
            databases.commit(session)


def test_refused_commit_leaves_nothing(two: tuple[TenantId, TenantId]) -> None:
    with tenant_session(two[0], writes=True) as session:
        session.scalars(select(BoxGroup)).one().name = "新名"
        with pytest.raises(UnaskedWrite):
            databases.commit(session)

    with tenant_session(two[0]) as session:
        assert session.scalars(select(BoxGroup.name)).all() == ["总部1"]


def test_bulk_change_of_a_platform_table_counts_as_a_write(two: tuple[TenantId, TenantId]) -> None:
    with platform_session(writes=True) as session:
        session.execute(update(Tenant).values(short_name="x"))

        with pytest.raises(UnaskedWrite):
            databases.commit(session)


def test_every_tenant_table_has_the_tenant_first_in_its_key() -> None:
    from portal.core.models import Base, TenantOwned

    owned = [mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantOwned)]

    for mapper in owned:
        table = mapper.local_table
        assert isinstance(table, Table)
        assert next(iter(table.primary_key.columns)).name == "tenant_id", table.name
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table.name in {other.local_table.name for other in owned}:  # type: ignore[union-attr]
                assert "tenant_id" in constraint.column_keys, f"{table.name}: {constraint.name}"
