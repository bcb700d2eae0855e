"""Finding enterprises and customers, by sound too."""

import pytest

from portal.core.context import TenantRef
from portal.core.database import platform_session
from portal.tenants.queries import customers, enterprises_of, find_tenant, of_the_center, tenants


def found(text: str, province: str | None = None) -> list[str]:
    with platform_session() as session:
        return sorted(row.short_name for row in session.scalars(tenants(text, province)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["云栖酒店集团", "江州医院"]),
        ("云栖", ["云栖酒店集团"]),
        ("全国酒店", ["云栖酒店集团"]),
        ("yunqi", ["云栖酒店集团"]),
        ("yun qi jiu dian", ["云栖酒店集团"]),
        ("YQJD", ["云栖酒店集团"]),
        ("jzyy", ["江州医院"]),
        ("%", []),
        ("_", []),
        ("没有", []),
    ],
)
def test_enterprise_is_found_by_name_and_sound(
    tenant: TenantRef, neighbour: TenantRef, text: str, expected: list[str]
) -> None:
    assert found(text) == expected


def test_enterprise_is_found_by_the_beginning_of_its_id(tenant: TenantRef, neighbour: TenantRef) -> None:
    assert found(tenant.enterprise_id[:8]) == ["云栖酒店集团"]
    assert found(tenant.enterprise_id[1:]) == []


def test_province_finds_its_own(tenant: TenantRef, neighbour: TenantRef) -> None:
    assert found("", "32") == ["江州医院"]
    assert found("云栖", "32") == []


def test_center_owns_those_without_a_province(tenant: TenantRef, neighbour: TenantRef) -> None:
    with platform_session() as session:
        rows = session.scalars(of_the_center(tenants())).all()

    assert [row.id for row in rows] == [tenant.id]


def test_customer_is_found_by_an_enterprise_of_it(tenant: TenantRef, neighbour: TenantRef) -> None:
    with platform_session() as session:
        by_sound = [row.name for row in session.scalars(customers("yqjd"))]
        of_province = [row.name for row in session.scalars(customers("", "32"))]

    assert by_sound == ["云栖酒店集团"]
    assert of_province == ["江州医院"]


def test_enterprises_stand_with_their_customer(tenant: TenantRef, neighbour: TenantRef) -> None:
    with platform_session() as session:
        rows = session.scalars(customers("江州")).all()
        owned = enterprises_of(session, [row.id for row in rows])

    assert [[one.id for one in each] for each in owned.values()] == [[neighbour.id]]


def test_made_up_id_finds_nobody(tenant: TenantRef) -> None:
    with platform_session() as session:
        assert find_tenant(session, "100000000000") is None
        assert find_tenant(session, tenant.enterprise_id) == tenant
