"""Customers and enterprises: who they are, whose they are, what they are called."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.catalog.scopes import Scope
from portal.core import outbox
from portal.core.context import Context, TenantRef
from portal.core.database import platform_session, tenant_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.core.ids import TenantId, new_id
from portal.tenants.commands.customers import CustomerDetails, change_customer, create_customer
from portal.tenants.commands.enterprises import TenantDetails, create_tenant
from portal.tenants.jobs import ROOT_NAME, make_root_group
from portal.tenants.models import Customer, Tenant
from portal.tenants.queries import group_tree
from portal.tenants.rules import group_name, is_enterprise_id
from tests.tenants.conftest import outside, recorded
from tests.world.building import actor, build_user

pytestmark = pytest.mark.usefixtures("provinces")

HOTEL = CustomerDetails("云栖酒店集团", "1401001", "何佳", "13800138000")


def customer() -> Customer:
    with platform_session() as session:
        return session.scalars(select(Customer)).one()


def tenant_row() -> Tenant:
    with platform_session() as session:
        return session.scalars(select(Tenant)).one()


def enterprise(text: str = "云栖酒店集团(江苏酒店)", province: str | None = "32", **more: str) -> TenantDetails:
    scope = Scope.PROVINCE if province else Scope.NATIONAL
    return TenantDetails(group_name(text, scope), more.pop("short_name", "云栖"), customer().id, province, **more)


class TestCustomer:
    def test_created_with_folded_name_and_sealed_phone(self) -> None:
        outside(lambda ctx: create_customer(ctx, replace(HOTEL, name=" 云栖酒店（集团） ")))

        row = customer()
        assert (row.name, row.industry_code, row.contact_name) == ("云栖酒店(集团)", "1401001", "何佳")
        assert row.contact_phone == "13800138000"
        assert b"13800138000" not in (row.contact_phone_sealed or b"")
        assert recorded("tenant.customer_created") == [{"name": "云栖酒店(集团)", "industry_code": "1401001"}]

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            ({"name": " "}, "name", "客户名称要有 1 到 120 个字。"),
            ({"name": "云" * 121}, "name", "客户名称要有 1 到 120 个字。"),
            ({"industry_code": "1401"}, "industry_code", "请选到第三级的行业编码。"),
            ({"industry_code": "nonsense"}, "industry_code", "请选到第三级的行业编码。"),
            ({"contact_name": "何" * 61}, "contact_name", "联系人最多 60 个字。"),
            ({"contact_phone": "1380013800"}, "contact_phone", "要 11 位手机号。"),
        ],
    )
    def test_wrong_field_is_named(self, wrong: dict[str, str], field: str, sentence: str) -> None:
        with pytest.raises(Invalid) as refusal:
            outside(lambda ctx: create_customer(ctx, replace(HOTEL, **wrong)))

        assert {name: [str(one) for one in found] for name, found in refusal.value.errors.items()} == {
            field: [sentence]
        }

    def test_name_is_taken_once(self) -> None:
        outside(lambda ctx: create_customer(ctx, HOTEL))

        with pytest.raises(Invalid) as refusal:
            outside(lambda ctx: create_customer(ctx, replace(HOTEL, contact_name="别人")))

        assert list(refusal.value.errors) == ["name"]

    def test_change_names_what_changed(self) -> None:
        made = outside(lambda ctx: create_customer(ctx, HOTEL))

        outside(lambda ctx: change_customer(ctx, made.id, 1, replace(HOTEL, contact_phone="13900139000")))

        assert customer().contact_phone == "13900139000"
        assert recorded("tenant.customer_changed") == [{"fields": ["contact_phone"]}]

    def test_change_of_an_older_version_is_a_conflict(self) -> None:
        made = outside(lambda ctx: create_customer(ctx, HOTEL))
        outside(lambda ctx: change_customer(ctx, made.id, 1, replace(HOTEL, contact_name="甲")))

        with pytest.raises(Conflict):
            outside(lambda ctx: change_customer(ctx, made.id, 1, replace(HOTEL, contact_name="乙")))

        assert customer().contact_name == "甲"

    def test_change_of_nobody_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            outside(lambda ctx: change_customer(ctx, new_id(), 1, HOTEL))


class TestEnterprise:
    @pytest.fixture(autouse=True)
    def _owner(self, provinces: None) -> None:
        outside(lambda ctx: create_customer(ctx, HOTEL))

    def test_created_with_an_id_of_its_own(self) -> None:
        made = outside(lambda ctx: create_tenant(ctx, enterprise(short_name=" 云栖江苏 ")))

        row = tenant_row()
        assert is_enterprise_id(made.enterprise_id)
        assert made == TenantRef(TenantId(row.id), row.enterprise_id, "云栖江苏", "32")
        assert (row.name, row.scope, row.business_type) == ("云栖酒店集团(江苏酒店)", "province", "hotel")
        assert recorded("tenant.created") == [{"enterprise_id": made.enterprise_id, "name": row.name}]

    def test_server_address_is_sealed_and_canonical(self) -> None:
        outside(lambda ctx: create_tenant(ctx, enterprise(server_address="2001:DB8:0:0::1")))

        row = tenant_row()
        assert row.server_address == "2001:db8::1"
        assert b"2001:db8::1" not in (row.server_address_sealed or b"")

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            ({"customer_id": new_id()}, "customer", "请选择客户。"),
            ({"customer_id": ""}, "customer", "请选择客户。"),
            ({"short_name": " "}, "short_name", "简称要有 1 到 40 个字。"),
            ({"short_name": "云" * 41}, "short_name", "简称要有 1 到 40 个字。"),
            ({"server_address": "localhost"}, "server_address", "要 IPv4 或 IPv6 地址。"),
            ({"province_code": None}, "province_code", "请选择归属的省公司。"),
            ({"province_code": "99"}, "province_code", "请选择归属的省公司。"),
        ],
    )
    def test_wrong_field_is_named(self, wrong: dict[str, str], field: str, sentence: str) -> None:
        details = replace(enterprise(), **wrong)

        with pytest.raises(Invalid) as refusal:
            outside(lambda ctx: create_tenant(ctx, details))

        assert {name: [str(one) for one in found] for name, found in refusal.value.errors.items()} == {
            field: [sentence]
        }

    def test_national_one_belongs_to_no_province(self) -> None:
        details = replace(enterprise("云栖酒店集团(全国酒店)", None), province_code="32")

        with pytest.raises(Invalid) as refusal:
            outside(lambda ctx: create_tenant(ctx, details))

        assert list(refusal.value.errors) == ["province_code"]

    def test_too_long_a_name_is_refused(self) -> None:
        with pytest.raises(Invalid) as refusal:
            outside(lambda ctx: create_tenant(ctx, enterprise("云" * 115 + "(江苏酒店)")))

        assert list(refusal.value.errors) == ["name"]

    def test_group_name_is_taken_once(self) -> None:
        outside(lambda ctx: create_tenant(ctx, enterprise()))

        with pytest.raises(Invalid) as refusal:
            outside(lambda ctx: create_tenant(ctx, enterprise()))

        assert list(refusal.value.errors) == ["name"]

    def test_province_may_not_create(self) -> None:
        who = actor(Role.PROVINCE, build_user("province"), province_code="32")

        with platform_session(writes=True) as session, pytest.raises(Forbidden):
            create_tenant(Context(session, who), enterprise())

    def test_outbox_gives_it_a_root_group_once(self) -> None:
        made = outside(lambda ctx: create_tenant(ctx, enterprise()))

        make_root_group(made.id)
        done = outbox.drain()

        with tenant_session(made.id) as session:
            tree = group_tree(session)
        assert (len(tree), tree.root.name) == (1, ROOT_NAME)
        assert done >= 1
