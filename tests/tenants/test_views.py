"""Pages of customers, new enterprises and box groups: each works, and refuses whom it must."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.database import platform_session, tenant_session
from portal.core.ids import GroupId, new_id
from portal.tenants.commands.groups import create_group
from portal.tenants.models import BoxGroup, Customer, Tenant
from portal.tenants.queries import group_tree
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries

HOTEL = {
    "name": "如家酒店集团",
    "industry_code": "1401001",
    "contact_name": "何佳",
    "contact_phone": "13800138000",
}


def errors_at(page: str, field: str) -> list[str]:
    return re.findall(rf'id="{field}-error[^"]*">.*?<span>(.*?)</span>', page)


def customer(name: str) -> Customer:
    with platform_session() as session:
        return session.scalars(select(Customer).where(Customer.name == name)).one()


def group(house: House, group_id: GroupId) -> BoxGroup | None:
    with tenant_session(house.tenant.id) as session:
        return session.scalars(select(BoxGroup).where(BoxGroup.id == group_id)).one_or_none()


class TestCustomers:
    def test_list_names_customers_with_their_enterprises(self, cast: Cast, app: Flask) -> None:
        page = Browser(app, cast.operator).get("/center/customers?q=yunqi").text

        assert re.findall(r'<th class="main" scope="row"><a [^>]*>(.*?)</a>', page) == ["云栖酒店"]
        assert f'href="/e/{cast.yunqi.tenant.enterprise_id}/profile"' in page

    def test_province_sees_its_own_and_changes_nothing(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.province)

        page = browser.get("/center/customers").text

        assert re.findall(r'<th class="main" scope="row">(.*?)</th>', page) == ["云栖酒店"]
        assert browser.get("/center/customers/new").status_code == 403
        assert browser.get(f"/center/customers/{customer('云栖酒店').id}").status_code == 403

    @pytest.mark.parametrize("who", ["reviewer", "auditor", "app_admin"])
    def test_others_are_refused(self, cast: Cast, app: Flask, who: str) -> None:
        assert Browser(app, getattr(cast, who)).get("/center/customers").status_code == 403

    def test_member_is_refused_the_page_and_the_file(self, cast: Cast, app: Flask) -> None:
        member = Browser(app, cast.yunqi.admin)

        assert member.get("/center/customers").status_code == 403
        assert member.post("/center/customers").status_code == 403

    def test_list_is_not_put(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        assert browser.client.put("/center/customers", data={"csrf_token": browser.form_token}).status_code == 405

    def test_new_customer_leads_to_its_first_enterprise(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        answer = browser.post("/center/customers/new", HOTEL)

        assert (answer.status_code, answer.location) == (
            303,
            f"/center/tenants/new?customer={customer('如家酒店集团').id}",
        )
        assert 'value="如家酒店集团(全国酒店)"' in browser.get(answer.location).text

    def test_wrong_fields_are_named_and_nothing_is_lost(self, cast: Cast, app: Flask) -> None:
        typed = {**HOTEL, "industry_code": "", "contact_phone": "1380013800"}

        answer = Browser(app, cast.operator).post("/center/customers/new", typed)

        assert answer.status_code == 422
        assert errors_at(answer.text, "industry_code") == ["请选到第三级的行业编码。"]
        assert errors_at(answer.text, "contact_phone") == ["要 11 位手机号。"]
        assert 'value="如家酒店集团"' in answer.text

    def test_phone_is_masked_and_kept_unless_typed(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)
        browser.post("/center/customers/new", HOTEL)
        made = customer("如家酒店集团")
        path = f"/center/customers/{made.id}"

        page = browser.get(path).text
        browser.post(path, {**HOTEL, "contact_name": "林晓", "contact_phone": "", "version": made.version})

        changed = customer("如家酒店集团")
        assert "13800138000" not in page
        assert "138****8000" in page
        assert (changed.contact_name, changed.contact_phone) == ("林晓", "13800138000")

    def test_older_version_shows_both_and_the_next_save_decides(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)
        browser.post("/center/customers/new", HOTEL)
        path = f"/center/customers/{customer('如家酒店集团').id}"
        browser.post(path, {**HOTEL, "contact_name": "别人", "version": 1})

        clash = browser.post(path, {**HOTEL, "contact_name": "我", "version": 1})
        version = re.findall(r'name="version" value="(\d+)"', clash.text)[0]
        answer = browser.post(path, {**HOTEL, "contact_name": "我", "version": version})

        assert (clash.status_code, answer.status_code) == (409, 303)
        assert "联系人 别人" in clash.text
        assert customer("如家酒店集团").contact_name == "我"

    def test_made_up_customer_is_not_found(self, cast: Cast, app: Flask) -> None:
        assert Browser(app, cast.operator).get(f"/center/customers/{new_id()}").status_code == 404

    def test_list_takes_as_many_queries_for_many_as_for_one(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        counts = []
        for text in ("云栖", ""):
            with counted_queries() as found:
                browser.get(f"/center/customers?q={text}")
            counts.append(len(found))

        assert counts[0] == counts[1] <= 12


class TestNewEnterprise:
    PATH = "/center/tenants/new"
    FIELDS = {  # noqa: RUF012 - never changed
        "customer": "云栖酒店",
        "scope": "city",
        "province_code": "32",
        "name": "云栖酒店（南京酒店）",
        "short_name": "云栖南京",
    }

    def test_enterprise_id_appears_and_the_root_group_is_there_at_once(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        answer = browser.post(self.PATH, self.FIELDS)

        with platform_session() as session:
            made = session.scalars(select(Tenant).where(Tenant.short_name == "云栖南京")).one()
        with tenant_session(made.id) as session:  # type: ignore[arg-type]
            tree = group_tree(session)
        assert (answer.status_code, answer.location) == (303, f"/e/{made.enterprise_id}/profile")
        assert (made.name, made.scope, made.province_code) == ("云栖酒店(南京酒店)", "city", "32")
        assert len(tree) == 1
        assert f"企业ID 是 {made.enterprise_id}。" in browser.get(answer.location).text

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            ({"customer": "没有的公司"}, "customer", "没有这个客户，请从列表里选，或先新建客户。"),
            ({"name": "云栖酒店"}, "name", "要写成「客户名称(客户范围+业务类型)」，例：如家酒店集团(全国酒店)。"),
            ({"name": "云栖酒店(杭州酒店)"}, "name", "括号里的地方与所选的客户范围、省公司不一致。"),
            (
                {"name": "云栖酒店(火星酒店)"},
                "name",
                "括号里业务类型前面要是全国、省份或地市的名称，例：(江苏酒店)、(南京酒店)。",
            ),
            ({"province_code": ""}, "province_code", "请选择归属的省公司。"),
            ({"short_name": ""}, "short_name", "简称要有 1 到 40 个字。"),
            ({"server_address": "localhost"}, "server_address", "要 IPv4 或 IPv6 地址。"),
        ],
    )
    def test_wrong_field_is_named(
        self, cast: Cast, app: Flask, wrong: dict[str, str], field: str, sentence: str
    ) -> None:
        answer = Browser(app, cast.operator).post(self.PATH, {**self.FIELDS, **wrong})

        assert answer.status_code == 422
        assert errors_at(answer.text, field) == [sentence]

    def test_name_is_explained_while_it_is_typed(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        good = browser.get(f"{self.PATH}/name", query_string={**self.FIELDS, "customer": "别的公司"}).text
        bad = browser.get(f"{self.PATH}/name", query_string={**self.FIELDS, "name": "云栖酒店(南京网吧)"}).text

        assert "客户「云栖酒店」，范围「南京」，业务「酒店」。保存为 云栖酒店(南京酒店)" in good
        assert "括号前面的名称与所选客户不同" in good
        assert "括号里要以业务类型结尾：酒店、教育、" in bad

    @pytest.mark.parametrize("who", ["reviewer", "support", "app_admin"])
    def test_others_are_refused(self, cast: Cast, app: Flask, who: str) -> None:
        browser = Browser(app, getattr(cast, who))

        assert [browser.get(path).status_code for path in (self.PATH, f"{self.PATH}/name")] == [403, 403]

    def test_made_up_customer_is_not_found(self, cast: Cast, app: Flask) -> None:
        assert Browser(app, cast.operator).get(f"{self.PATH}?customer={new_id()}").status_code == 404

    def test_explanation_is_not_posted_to(self, cast: Cast, app: Flask) -> None:
        assert Browser(app, cast.operator).post(f"{self.PATH}/name").status_code == 405


class TestGroups:
    def path(self, house: House, group_id: str = "", act: str = "") -> str:
        return "/".join(part for part in (f"{house.path}/groups", group_id, act) if part)

    def test_tree_shows_masked_channels(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        with tenant_session(house.tenant.id) as session:
            channel = group_tree(session).root.channel

        page = Browser(app, house.editor).get(self.path(house)).text

        assert re.findall(r"tree-line d(\d).*?<span>(.*?)<", page) == [
            ("0", "总部"),
            ("1", "城东区"),
            ("2", "湖滨店"),
            ("1", "城西区"),
        ]
        assert channel not in page
        assert f"/pub/channels/{channel[:4]}…{channel[-4:]}/current.json" in page

    def test_group_is_created_renamed_moved_and_deleted(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.admin)
        browser.post(self.path(house, act="new"), {"name": "城南区", "parent": house.root})
        with tenant_session(house.tenant.id) as session:
            made = GroupId(session.scalars(select(BoxGroup.id).where(BoxGroup.name == "城南区")).one())

        renamed = browser.post(self.path(house, made, "rename"), {"name": "南区", "version": 1})
        moved = browser.post(self.path(house, made, "move"), {"parent": house.region, "version": 2})
        row = group(house, made)
        deleted = browser.post(self.path(house, made, "delete"), {"version": 3})

        assert (renamed.status_code, moved.status_code, deleted.status_code) == (303, 303, 303)
        assert row is not None
        assert (row.name, row.parent_id) == ("南区", house.region)
        assert group(house, made) is None

    def test_move_says_before_what_it_does(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi

        page = Browser(app, house.admin).get(self.path(house, house.region, "move")).text

        assert "它下面的 1 个分组一起移动：城东区 / 湖滨店" in page
        assert "2 个频道约一分钟内换画面，不用审核" in page
        assert house.shop not in re.findall(r'<option [^>]*value="([^"]+)"', page)

    def test_refused_move_stands_on_the_form(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi

        answer = Browser(app, house.admin).post(
            self.path(house, house.region, "move"), {"parent": house.shop, "version": 1}
        )

        assert answer.status_code == 409
        assert "不能把分组移到它自己的下级。" in answer.text

    def test_group_that_is_needed_stays(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.admin)

        browser.post(self.path(house, house.region, "delete"), {"version": 1})

        assert "请先移走或删除它下面的分组。" in browser.get(self.path(house)).text
        assert group(house, house.region) is not None

    def test_channel_is_replaced_once_the_name_is_typed(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.admin)
        before = group(house, house.region)
        path = self.path(house, house.region, "channel")

        wrong = browser.post(path, {"typed": "城西区", "version": 1})
        unchanged = group(house, house.region)
        right = browser.post(path, {"typed": " 城东区 ", "version": 1})
        after = group(house, house.region)

        assert before is not None
        assert unchanged is not None
        assert after is not None
        assert (wrong.status_code, right.status_code) == (422, 303)
        assert errors_at(wrong.text, "typed") == ["请输入「城东区」确认。"]
        assert unchanged.channel == before.channel != after.channel

    def test_rename_of_an_older_version_is_said(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.admin)
        path = self.path(house, house.region, "rename")
        browser.post(path, {"name": "东一区", "version": 1})

        answer = browser.post(path, {"name": "东二区", "version": 1})

        assert answer.status_code == 409
        assert "现在叫「东一区」" in answer.text

    def test_wrong_name_stands_at_its_field(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi

        answer = Browser(app, house.admin).post(self.path(house, act="new"), {"name": "城西区", "parent": house.root})

        assert answer.status_code == 422
        assert errors_at(answer.text, "name") == ["同一级里已经有这个名称。"]

    def test_stranger_finds_nothing(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.jiangzhou.admin)

        answers = [
            browser.get(self.path(house)),
            browser.get(self.path(house, house.region, "rename")),
            browser.post(self.path(house, house.region, "delete"), {"version": 1}),
            browser.get(self.path(cast.jiangzhou, house.region, "rename")),
            browser.get(self.path(cast.jiangzhou, house.region, "move")),
            browser.get(self.path(cast.jiangzhou, house.region, "channel")),
            browser.post(self.path(cast.jiangzhou, house.region, "delete"), {"version": 1}),
        ]

        assert [answer.status_code for answer in answers] == [404] * 7
        assert group(house, house.region) is not None

    def test_editor_may_look_and_not_change(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.editor)

        answers = [
            browser.get(self.path(house)),
            browser.get(self.path(house, act="new")),
            browser.post(self.path(house, house.region, "rename"), {"name": "x", "version": 1}),
            browser.post(self.path(house, house.region, "move"), {"parent": house.root, "version": 1}),
            browser.post(self.path(house, house.region, "delete"), {"version": 1}),
            browser.post(self.path(house, house.region, "channel"), {"typed": "城东区", "version": 1}),
        ]

        assert [answer.status_code for answer in answers] == [200] + [403] * 5

    def test_wrong_methods_are_refused(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.admin)

        assert browser.client.put(self.path(house), data={"csrf_token": browser.form_token}).status_code == 405
        assert browser.get(self.path(house, house.region, "delete")).status_code == 405

    def test_tree_takes_as_many_queries_for_many_as_for_few(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.admin)

        counts = []
        for names in ("甲乙丙", ""):
            with counted_queries() as found:
                browser.get(self.path(house))
            counts.append(len(found))
            for name in names:
                in_tenant(house.tenant, lambda ctx, name=name: create_group(ctx, house.root, name))

        assert counts[0] == counts[1] <= 12
