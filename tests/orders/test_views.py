"""Pages of enterprises, packages, orders and grants: consequences first, and only for whom they are."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask

from portal.catalog.features import Feature
from portal.catalog.scopes import Scope
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context, TenantRef
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import new_id
from portal.orders.answers import SubscriptionView
from portal.orders.commands.granting import grant_feature
from portal.orders.queries import charges_of, current_subscription, grants_of
from portal.orders.requests import GrantRequest
from portal.orders.states import State
from portal.tenants.commands.customers import CustomerDetails, create_customer
from portal.tenants.commands.enterprises import TenantDetails, create_tenant
from portal.tenants.jobs import make_root_group
from portal.tenants.rules import group_name
from tests.orders.moments import moment
from tests.world.browser import Browser
from tests.world.building import build_tenant, in_tenant
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries

BASIC, PUSH, ALL = "7360110000400020", "7360110000400023", "7360110000400025"
ORDER = {
    "offering_code": PUSH,
    "boxes": "40",
    "terms": "monthly",
    "customer_class": "enterprise",
    "industry_code": "1401001",
}


def subscription(tenant: TenantRef) -> SubscriptionView:
    with tenant_session(tenant.id) as session:
        found = current_subscription(session, tenant.id, clock.now())
    assert found is not None
    return found


def charged(tenant: TenantRef) -> list[Decimal]:
    with tenant_session(tenant.id) as session:
        return [charge.amount for charge in charges_of(session, tenant.id)]


def effects(page: str) -> list[str]:
    found = re.search(r'<ul class="effect">(.*?)</ul>', page, re.DOTALL)
    return re.findall(r"<span>(.*?)</span>", found[1]) if found else []


def errors_at(page: str, field: str) -> list[str]:
    return re.findall(rf'id="{field}-error[^"]*">.*?<span>(.*?)</span>', page)


def rows(page: str) -> list[str]:
    return re.findall(r'<a href="/e/\d+/profile">(.*?)</a>', page)


@pytest.fixture
def bare(cast: Cast) -> TenantRef:
    """A tenant of Zhejiang that cancelled long ago: in the clock's year it may order anew."""

    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        owner = create_customer(ctx, CustomerDetails("新客户", "1404000"))
        made = create_tenant(
            ctx, TenantDetails(group_name("新客户(浙江零售)", Scope.PROVINCE), "新客户", owner.id, "33")
        )
        commit(session)
    make_root_group(made.id)
    return made


@pytest.fixture
def november() -> Iterator[None]:
    """The middle of a month, some days after the cast was made."""
    year = clock.today().year + 1
    with time_machine.travel(moment(f"{year}-11-16 10:00"), tick=True):
        yield


class TestDirectory:
    PATH = "/center/tenants"

    def test_enterprises_are_listed_with_package_and_state(self, cast: Cast, app: Flask) -> None:
        page = Browser(app, cast.operator).get(f"{self.PATH}?sort=name").text

        assert rows(page) == ["江州医院", "陌生人公司", "云栖酒店"]
        assert page.count("天翼高清综合信息月包") >= 3

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("q=yqjd", ["云栖酒店"]),
            ("province=32", ["江州医院"]),
            ("province=center", []),
            ("state=active&q=云栖", ["云栖酒店"]),
            ("state=suspended", []),
            (f"package={BASIC}", []),
            (f"package={ALL}&province=33", ["云栖酒店"]),
            ("province=nonsense&package=nonsense&state=nonsense&q=jzyy&page=-4&size=7&sort=; drop", ["江州医院"]),
        ],
    )
    def test_filters_stand_in_the_address(self, cast: Cast, app: Flask, query: str, expected: list[str]) -> None:
        answer = Browser(app, cast.support).get(f"{self.PATH}?{query}")

        assert (answer.status_code, rows(answer.text)) == (200, expected)

    def test_province_sees_only_its_own(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.province)

        assert rows(browser.get(self.PATH).text) == ["云栖酒店"]
        assert rows(browser.get(f"{self.PATH}?province=32").text) == ["云栖酒店"]

    @pytest.mark.parametrize("who", ["app_admin", "auditor", "security_admin", "system_admin"])
    def test_others_are_refused(self, cast: Cast, app: Flask, who: str) -> None:
        assert Browser(app, getattr(cast, who)).get(self.PATH).status_code == 403

    def test_member_is_refused_and_nothing_is_put(self, cast: Cast, app: Flask) -> None:
        member, operator = Browser(app, cast.yunqi.admin), Browser(app, cast.operator)

        assert [member.get(self.PATH).status_code, member.post(self.PATH).status_code] == [403, 403]
        assert operator.client.put(self.PATH, data={"csrf_token": operator.form_token}).status_code == 405

    def test_list_takes_as_many_queries_for_three_as_for_one(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        counts = []
        for query in ("?q=yqjd", ""):
            with counted_queries() as found:
                browser.get(self.PATH + query)
            counts.append(len(found))

        assert counts[0] == counts[1] <= 12


class TestEnterprise:
    def test_page_says_whose_it_is_and_what_it_has(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi

        page = Browser(app, cast.operator).get(f"{house.path}/profile").text

        for text in (
            house.tenant.enterprise_id,
            "云栖酒店(浙江酒店)",
            "天翼高清综合信息月包",
            "生效中",
            "3 人",
            "4 个",
            "还没有发布过",
        ):
            assert text in page, text

    def test_who_may_see_it(self, cast: Cast, app: Flask) -> None:
        path = f"{cast.yunqi.path}/profile"
        people = [
            (cast.yunqi.admin, 200),
            (cast.yunqi.editor, 200),
            (cast.yunqi.province, 200),
            (cast.reviewer, 200),
            (cast.app_admin, 403),
            (cast.jiangzhou.admin, 404),
            (cast.jiangzhou.province, 404),
            (cast.auditor, 404),
        ]

        answers = {person.username: Browser(app, person).get(path).status_code for person, _ in people}

        assert answers == {person.username: status for person, status in people}

    def test_page_is_not_posted_to_and_takes_few_queries(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        with counted_queries() as found:
            browser.get(f"{cast.yunqi.path}/profile")

        assert len(found) <= 13  # a page of its own kind and no list: package, places, people, boxes, what is on air
        assert browser.post(f"{cast.yunqi.path}/profile").status_code == 405


class TestPackage:
    def test_locked_features_say_which_package_and_what_it_costs(self, cast: Cast, app: Flask) -> None:
        tenant = build_tenant("小店(浙江零售)", package="天翼高清行业专属推荐包", province="33")

        page = Browser(app, cast.operator).get(f"/e/{tenant.enterprise_id}/package").text

        assert "天翼高清信息推送月包：38.00 → 48.00 元/月·台，" in re.sub(r"\s*\n\s*", "", page)
        assert "要换机顶盒：天翼高清酒店基础月包" in page
        assert "本月加收 ¥0.00" in page

    def test_bare_tenant_is_told_what_a_first_order_costs(self, cast: Cast, app: Flask, bare: TenantRef) -> None:
        page = Browser(app, cast.operator).get(f"/e/{bare.enterprise_id}/package").text

        assert "还没有订购" in page
        assert "马上生效，本月按日" in page

    def test_who_may_see_it(self, cast: Cast, app: Flask) -> None:
        path = f"{cast.yunqi.path}/package"

        for person, status in (
            (cast.yunqi.group_editor, 200),
            (cast.support, 200),
            (cast.jiangzhou.admin, 404),
            (cast.app_admin, 403),
        ):
            assert Browser(app, person).get(path).status_code == status, person.username
        admin = Browser(app, cast.yunqi.admin)
        assert admin.client.put(path, data={"csrf_token": admin.form_token}).status_code == 405

    def test_page_takes_few_queries(self, cast: Cast, app: Flask) -> None:
        with counted_queries() as found:
            Browser(app, cast.yunqi.admin)
            before = len(found)
            Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/package")

        assert len(found) - 2 * before <= 12


@pytest.mark.usefixtures("november")
class TestOrders:
    def path(self, tenant: TenantRef, act: str = "") -> str:
        return f"/e/{tenant.enterprise_id}/orders" + (f"/{act}" if act else "")

    def test_order_says_the_first_months_charge_before_it_is_done(
        self, cast: Cast, app: Flask, bare: TenantRef
    ) -> None:
        browser, year = Browser(app, cast.operator), clock.today().year

        told = browser.post(self.path(bare, "new"), ORDER)
        before = charged(bare)
        done = browser.post(self.path(bare, "new"), {**ORDER, "confirmed": "1"})

        assert told.status_code == 200
        assert effects(told.text) == [
            "马上生效",
            f"首月按日计费（{year}-11-16 至 {year}-11-30，15 天）：¥24.00 × 40 台 = ¥960.00",
            "次月起每月 ¥48.00 × 40 台 = ¥1,920.00",
            f"一年一期，{year + 1}-11-16 自动续订，退订才终止",
            "开放：基础视听、企业APP加载、定制logo、专属推荐位、跑马灯消息提醒",
        ]
        assert before == []
        assert (done.status_code, done.location) == (303, self.path(bare))
        assert charged(bare) == [Decimal("960.00")]

    def test_who_goes_back_finds_everything_as_typed(self, cast: Cast, app: Flask, bare: TenantRef) -> None:
        page = Browser(app, cast.operator).post(self.path(bare, "new"), {**ORDER, "edit": "1"}).text

        assert re.findall(r'<input[^>]*name="boxes"[^>]*value="(\d+)"', page) == ["40"]
        assert re.findall(r'<option selected value="(\d+)"', page) == [PUSH, "1401001"]

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            ({"offering_code": ""}, "offering_code", "没有这个销售品。"),
            ({"boxes": "many"}, "boxes", "机顶盒数量应为 1 到 1000000。"),
            ({"boxes": "-3"}, "boxes", "机顶盒数量应为 1 到 1000000。"),
            ({"price": "十块"}, "price", "价格应为 0 到 99999.99 元，最多两位小数。"),
            ({"price": "40.001"}, "price", "价格应为 0 到 99999.99 元，最多两位小数。"),
            ({"price": "20"}, "price_reason", "协议价低于建议最低价 33.00 元，请写明理由。"),
            ({"industry_code": "14"}, "industry_code", "请选择第三级行业编码。"),
            ({"customer_class": ""}, "customer_class", "请选择客户类别。"),
        ],
    )
    def test_wrong_field_is_named(
        self, cast: Cast, app: Flask, bare: TenantRef, wrong: dict[str, str], field: str, sentence: str
    ) -> None:
        answer = Browser(app, cast.operator).post(self.path(bare, "new"), {**ORDER, **wrong})

        assert (answer.status_code, errors_at(answer.text, field)) == (422, [sentence])
        assert charged(bare) == []

    def test_day_that_is_none_is_refused(self, cast: Cast, app: Flask, bare: TenantRef) -> None:
        answer = Browser(app, cast.operator).post(self.path(bare, "new"), {**ORDER, "starts_on": "tomorrow"})

        assert answer.status_code == 422
        assert errors_at(answer.text, "starts_on")[0].startswith("生效日应在今天到")

    def test_province_may_order_and_needs_the_center_for_a_low_price(
        self, cast: Cast, app: Flask, bare: TenantRef
    ) -> None:
        low = {**ORDER, "price": "20", "price_reason": "大客户", "price_approved": "1", "confirmed": "1"}

        province = Browser(app, cast.yunqi.province).post(self.path(bare, "new"), low)
        before = charged(bare)
        center = Browser(app, cast.operator).post(self.path(bare, "new"), low)

        assert (province.status_code, before) == (403, [])
        assert center.status_code == 303

    def test_second_order_is_refused_on_the_form(self, cast: Cast, app: Flask) -> None:
        answer = Browser(app, cast.operator).post(self.path(cast.yunqi.tenant, "new"), ORDER)

        assert answer.status_code == 409
        assert "这个企业已有订购，一个企业ID同时只能有一个。" in answer.text

    def test_change_says_what_closes_and_what_stays(self, cast: Cast, app: Flask) -> None:
        browser, tenant = Browser(app, cast.operator), cast.yunqi.tenant
        year = clock.today().year
        typed = {"offering_code": PUSH, "boxes": "8"}

        told = browser.post(self.path(tenant, "change"), typed)
        before = subscription(tenant).pending
        done = browser.post(self.path(tenant, "change"), {**typed, "confirmed": "1"})

        assert effects(told.text) == [
            f"{year}-12-01 00:00 起生效",
            "本月不变，本月加收 ¥0.00",
            "每月 ¥68.00 × 10 台 = ¥680.00 → ¥48.00 × 8 台 = ¥384.00",
            "少 2 台机顶盒",
            "关闭：开机前导页、专栏/专区、广告联播；从屏幕上撤下",
            "内容、草稿和素材都保留，页面只读；功能恢复时一起回来",
        ]
        assert before is None
        assert done.status_code == 303
        pending = subscription(tenant).pending
        assert pending is not None
        assert pending.effective_on == date(year, 12, 1)

    def test_change_is_withdrawn(self, cast: Cast, app: Flask) -> None:
        browser, tenant = Browser(app, cast.operator), cast.yunqi.tenant
        browser.post(self.path(tenant, "change"), {"offering_code": PUSH, "boxes": "8", "confirmed": "1"})

        browser.post(self.path(tenant, "withdraw"))

        assert subscription(tenant).pending is None
        assert "已撤回，一切照旧。" in browser.get(self.path(tenant)).text

    def test_nothing_to_withdraw_is_said(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        browser.post(self.path(cast.yunqi.tenant, "withdraw"))

        assert "没有待生效的变更。" in browser.get(self.path(cast.yunqi.tenant)).text

    def test_cancellation_says_what_it_means_and_looking_cancels_nothing(self, cast: Cast, app: Flask) -> None:
        browser, tenant = Browser(app, cast.operator), cast.yunqi.tenant

        told = browser.get(self.path(tenant, "cancel"))
        looked = subscription(tenant)
        done = browser.post(self.path(tenant, "cancel"))
        again = browser.get(self.path(tenant, "cancel"))

        assert effects(told.text)[:2] == [f"{clock.today().year}-12-01 00:00 起生效", "本月照常使用和计费"]
        assert (looked.ends_on, looked.requests_left) == (None, 3)
        assert done.status_code == 303
        assert subscription(tenant).ends_on == date(clock.today().year, 12, 1)
        assert again.status_code == 409
        assert "已经申请退订。" in again.text

    def test_suspension_and_resumption(self, cast: Cast, app: Flask) -> None:
        browser, tenant = Browser(app, cast.operator), cast.yunqi.tenant

        told = browser.get(self.path(tenant, "suspend"))
        browser.post(self.path(tenant, "suspend"), {"reason": "violation", "note": "播出违规内容"})
        rests = subscription(tenant)
        page = browser.get(self.path(tenant)).text
        browser.post(self.path(tenant, "resume"))

        assert effects(told.text)[0] == "马上生效，机顶盒约一分钟内换画面"
        assert rests.standing.state is State.SUSPENDED
        assert "已停用：违规" in page
        assert "播出违规内容" in page
        assert subscription(tenant).standing.state is State.ACTIVE

    def test_only_the_center_suspends(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.province)

        answers = [
            browser.get(self.path(cast.yunqi.tenant, "suspend")),
            browser.post(self.path(cast.yunqi.tenant, "resume")),
        ]

        assert [answer.status_code for answer in answers] == [403, 403]

    def test_who_may_look_and_who_may_order(self, cast: Cast, app: Flask) -> None:
        expected = [
            (cast.yunqi.admin, 200, 403),
            (cast.yunqi.editor, 403, 403),
            (cast.yunqi.province, 200, 200),
            (cast.jiangzhou.province, 404, 404),
            (cast.jiangzhou.admin, 404, 404),
            (cast.support, 200, 403),
            (cast.app_admin, 403, 403),
            (cast.reviewer, 403, 403),
            (cast.auditor, 404, 404),
        ]

        for person, look, act in expected:
            browser = Browser(app, person)
            found = [
                browser.get(self.path(cast.yunqi.tenant, each)).status_code for each in ("", "new", "change", "cancel")
            ]
            assert found == [look, act, act, act], person.username

    def test_acts_on_nothing_are_not_found(self, cast: Cast, app: Flask, bare: TenantRef) -> None:
        browser = Browser(app, cast.operator)

        answers = [browser.get(self.path(bare, act)) for act in ("change", "cancel", "suspend")]
        answers += [browser.post(self.path(bare, act)) for act in ("withdraw", "resume")]

        assert [answer.status_code for answer in answers] == [404] * 5

    def test_wrong_methods_are_refused(self, cast: Cast, app: Flask) -> None:
        browser, tenant = Browser(app, cast.operator), cast.yunqi.tenant

        assert browser.client.put(self.path(tenant), data={"csrf_token": browser.form_token}).status_code == 405
        assert [browser.get(self.path(tenant, act)).status_code for act in ("withdraw", "resume")] == [405, 405]


class TestGrants:
    TOMORROW = (clock.today() + timedelta(days=1)).isoformat()
    GRANT = {"feature": "live", "reason": "军营专用频道", "price": "200", "ends_on": TOMORROW}  # noqa: RUF012

    def path(self, house: House, act: str = "") -> str:
        return f"{house.path}/grants" + (f"/{act}" if act else "")

    def test_grant_is_given_and_ended(self, cast: Cast, app: Flask) -> None:
        browser, house = Browser(app, cast.app_admin), cast.yunqi

        given = browser.post(self.path(house, "new"), self.GRANT)
        with tenant_session(house.tenant.id) as session:
            grant = grants_of(session, house.tenant.id, clock.now())[0]
        ended = browser.post(self.path(house, f"{grant.id}/end"))
        browser.post(self.path(house, f"{grant.id}/end"))

        assert (given.status_code, ended.status_code) == (303, 303)
        assert (grant.feature, grant.price, grant.in_force) == (Feature.LIVE, Decimal("200.00"), True)
        page = browser.get(self.path(house, "manage")).text
        assert "提前结束" in page
        assert "这项授权已经结束。" in page

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            ({"feature": ""}, "feature", "没有这项功能。"),
            ({"feature": "base"}, "feature", "每个套餐都含这项功能。"),
            ({"reason": ""}, "reason", "请写明理由。"),
            ({"price": ""}, "price", "价格应为 0 到 99999.99 元，最多两位小数。"),
            ({"ends_on": ""}, "ends_on", "结束日不能早于开始日。"),
            ({"ends_on": "soon"}, "ends_on", "结束日不能早于开始日。"),
            ({"packages": "cn.com.school"}, "packages", "这项功能不能按应用限定。"),
            (
                {"feature": "apps", "packages": "no package"},
                "packages",
                "请填写应用包名，如 cn.com.example.app，最多 50 个。",
            ),
        ],
    )
    def test_wrong_field_is_named(
        self, cast: Cast, app: Flask, wrong: dict[str, str], field: str, sentence: str
    ) -> None:
        answer = Browser(app, cast.app_admin).post(self.path(cast.yunqi, "new"), {**self.GRANT, **wrong})

        assert (answer.status_code, errors_at(answer.text, field)) == (422, [sentence])

    def test_who_may_look_and_who_may_grant(self, cast: Cast, app: Flask) -> None:
        expected = [
            (cast.yunqi.admin, 200, 403),
            (cast.yunqi.editor, 403, 403),
            (cast.operator, 200, 403),
            (cast.app_admin, 403, 200),
            (cast.jiangzhou.admin, 404, 404),
        ]

        for person, look, act in expected:
            browser = Browser(app, person)
            found = [browser.get(self.path(cast.yunqi, each)).status_code for each in ("", "manage", "new")]
            assert found == [look, act, act], person.username

    def test_grant_of_another_tenant_is_not_found(self, cast: Cast, app: Flask) -> None:
        request = GrantRequest("live", "理由", Decimal(1), clock.today() + timedelta(days=9))
        strange = in_tenant(cast.jiangzhou.tenant, lambda ctx: grant_feature(ctx, request))

        browser = Browser(app, cast.app_admin)

        assert browser.post(self.path(cast.yunqi, f"{strange}/end")).status_code == 404
        assert browser.post(self.path(cast.yunqi, f"{new_id()}/end")).status_code == 404
        assert browser.get(self.path(cast.yunqi, f"{strange}/end")).status_code == 405
        with tenant_session(cast.jiangzhou.tenant.id) as session:
            assert grants_of(session, cast.jiangzhou.tenant.id, clock.now())[0].ended_at is None
