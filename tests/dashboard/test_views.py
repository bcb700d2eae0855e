"""First pages: each role's useful one, empty and full, in few queries."""

import re
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask

from portal.access.roles import Role
from portal.core import clock
from portal.core.database import platform_session
from portal.core.ids import SubscriptionId
from portal.core.unit_of_work import work_of
from portal.orders.commands.granting import grant_feature
from portal.orders.commands.suspending import suspend
from portal.orders.queries import current_subscription
from portal.orders.requests import GrantRequest
from portal.orders.states import SuspensionReason
from portal.review.commands import Decision, Verdict, decide
from portal.tenants.models import Tenant
from tests.sweeps.world import APPLIED
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House, Person
from tests.world.counting import counted_queries
from tests.world.fleet import put_box
from tests.world.reviewing import acting, approve, hand_in, put_on_air, write


def heading(page: str) -> str:
    return re.findall(r"<h1>(.*?)</h1>", page)[0]


def counts(page: str) -> list[int]:
    """The numbers above the columns of what waits."""
    return [int(number) for number in re.findall(r"<h2>[^<]*</h2><b>(\d+)</b></header>", page)]


def send_back(cast: Cast, house: House, text: str, reason: str) -> None:
    handed_in = hand_in(house, text)
    decision = Decision(handed_in.saved[0].revision_id, handed_in.saved[0].sha256, Verdict.RETURN, reason)
    in_tenant(house.tenant, lambda ctx: decide(ctx, handed_in.id, [decision]), acting(cast.reviewer))


class TestTenant:
    def test_new_tenant_is_told_that_nothing_waits(self, cast: Cast, app: Flask) -> None:
        page = Browser(app, cast.yunqi.editor).get(cast.yunqi.path).text

        assert (heading(page), counts(page)) == ("今天没有要处理的事", [0, 0, 0])
        assert "还没有发布过" in page

    def test_what_waits_is_counted_by_whom_it_waits_for(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        put_on_air(cast, house, "在屏幕上")
        send_back(cast, house, "退回的", "请改成入住提示")
        write(house, "草稿")
        hand_in(house, "送审中")
        hand_in(cast.jiangzhou, "别人的")

        page = Browser(app, house.editor).get(house.path).text

        assert (heading(page), counts(page)) == ("今天有 2 件事等您处理", [2, 1, 0])
        assert "请改成入住提示" in page
        assert "别人的" not in page

    def test_menu_counts_submissions_and_not_their_parts(self, cast: Cast, app: Flask) -> None:
        hand_in(cast.yunqi, "早餐", "晚餐", "泳池")
        hand_in(cast.yunqi, "年夜饭")

        page = Browser(app, cast.yunqi.editor).get(cast.yunqi.path).text

        assert re.findall(r'<span class="label grow">我的送审</span><span class="n">(\d+)</span>', page) == ["2"]

    def test_television_shows_what_is_on_air(self, cast: Cast, app: Flask) -> None:
        release = put_on_air(cast, cast.yunqi, "今天有雨")

        page = Browser(app, cast.yunqi.editor).get(cast.yunqi.path).text

        assert f"正在播出 版本 {release.number}" in page
        assert "今天有雨" in page

    def test_next_acts_are_those_of_the_package(self, cast: Cast, app: Flask) -> None:
        editor = Browser(app, cast.yunqi.editor).get(cast.yunqi.path).text
        reviewer = Browser(app, cast.reviewer).get(cast.yunqi.path).text

        assert re.findall(r'<ul class="next-acts">.*?</ul>', editor, re.DOTALL)[0].count("<li>") == 8
        assert "next-acts" not in reviewer

    def test_suspended_tenant_is_told(self, cast: Cast, app: Flask) -> None:
        def act(ctx: object) -> None:
            found = current_subscription(ctx.session, ctx.tenant_id, clock.now())  # type: ignore[attr-defined]
            assert found is not None
            suspend(ctx, SubscriptionId(found.id), SuspensionReason.ARREARS)  # type: ignore[arg-type]

        in_tenant(cast.yunqi.tenant, act)

        page = Browser(app, cast.yunqi.admin).get(cast.yunqi.path).text

        assert "订购已停用，机顶盒上只有基础视听" in page

    def test_renewal_is_named_three_months_ahead(self, cast: Cast, app: Flask) -> None:
        with time_machine.travel(clock.now() + timedelta(days=300)):
            page = Browser(app, cast.yunqi.admin).get(cast.yunqi.path).text

        assert (heading(page), counts(page)) == ("今天有 1 件事等您处理", [0, 0, 1])

    def test_those_who_see_no_content_see_the_rest(self, cast: Cast, app: Flask) -> None:
        hand_in(cast.yunqi, "送审中")

        page = Browser(app, cast.yunqi.province).get(cast.yunqi.path).text

        assert "送审中" not in page
        assert "天翼高清综合信息月包" in page

    def test_who_may_see_it(self, cast: Cast, app: Flask) -> None:
        for person, status in (
            (cast.yunqi.group_editor, 200),
            (cast.operator, 200),
            (cast.support, 200),
            (cast.app_admin, 403),
            (cast.jiangzhou.admin, 404),
            (cast.jiangzhou.province, 404),
            (cast.auditor, 404),
        ):
            assert Browser(app, person).get(cast.yunqi.path).status_code == status, person.username
        assert Browser(app, cast.yunqi.admin).post(cast.yunqi.path).status_code == 405

    def test_page_takes_at_most_twelve_queries_however_much_waits(self, cast: Cast, app: Flask) -> None:
        browser, found_each = Browser(app, cast.yunqi.editor), []
        for texts in (("一",), ("二", "三")):
            write(cast.yunqi, *texts)
            put_on_air(cast, cast.yunqi, *texts)
            with counted_queries() as found:
                browser.get(cast.yunqi.path)
            found_each.append(len(found))

        assert found_each[0] == found_each[1] <= 12


class TestStaff:
    PATH = "/center"

    def test_member_is_led_home(self, cast: Cast, app: Flask) -> None:
        answer = Browser(app, cast.yunqi.editor).get(self.PATH)

        assert (answer.status_code, answer.location) == (302, cast.yunqi.path)

    def test_visitor_signs_in_and_nothing_is_posted(self, cast: Cast, app: Flask) -> None:
        assert app.test_client().get(self.PATH).status_code == 302
        assert Browser(app, cast.operator).post(self.PATH).status_code == 405

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("reviewer", "没有等审核的送审"),
            ("operator", "没有等发布的内容"),
            ("support", "企业"),
            ("app_admin", "30 天内没有到期的授权"),
            ("auditor", "近一天没有被拒绝的操作"),
            ("security_admin", "账号"),
            ("system_admin", "有 0 件后台工作出过错"),
        ],
    )
    def test_every_role_has_a_first_page(self, cast: Cast, app: Flask, who: str, expected: str) -> None:
        answer = Browser(app, getattr(cast, who)).get(self.PATH)

        wanted = "后台工作都正常" if who == "system_admin" else expected
        assert (answer.status_code, heading(answer.text)) == (200, wanted)

    def test_reviewer_sees_the_queue_with_its_ages(self, cast: Cast, app: Flask) -> None:
        first, second = hand_in(cast.yunqi, "一", title="早餐"), hand_in(cast.jiangzhou, "二", title="门诊")

        page = Browser(app, cast.reviewer).get(self.PATH).text

        assert heading(page) == "2 件送审等您审核"
        links = re.findall(r'<a class="cut" href="(/center/review/[^"]+)">(.*?)</a>', page)
        assert links == [
            (f"/center/review/{cast.yunqi.tenant.enterprise_id}/{first.id}", "云栖酒店 · 早餐"),
            (f"/center/review/{cast.jiangzhou.tenant.enterprise_id}/{second.id}", "江州医院 · 门诊"),
        ]

    def test_operator_sees_what_waits_to_be_published(self, cast: Cast, app: Flask) -> None:
        approve(cast, hand_in(cast.yunqi, "一"))

        page = Browser(app, cast.operator).get(self.PATH).text

        assert (heading(page), counts(page)) == ("1 家企业等发布", [1, 0, 0])

    def test_operator_and_province_see_renewals_that_are_near(self, cast: Cast, app: Flask) -> None:
        with time_machine.travel(clock.now() + timedelta(days=300)):
            operator = Browser(app, cast.operator).get(self.PATH).text
            province = Browser(app, cast.yunqi.province).get(self.PATH).text

        assert counts(operator)[-1] == 3
        assert counts(province) == [1]

    def test_province_sees_its_enterprises(self, cast: Cast, app: Flask) -> None:
        page = Browser(app, cast.yunqi.province).get(self.PATH).text

        assert heading(page) == "浙江的企业"
        assert re.findall(r'<th class="main" scope="row"><a [^>]*>(.*?)</a>', page) == ["云栖酒店"]

    def test_module_administrator_sees_grants_that_end_and_finds_enterprises(self, cast: Cast, app: Flask) -> None:
        for days in (10, 40):
            request = GrantRequest("live", f"{days} 天", Decimal(1), clock.today() + timedelta(days=days))
            in_tenant(cast.yunqi.tenant, lambda ctx, request=request: grant_feature(ctx, request))
        browser = Browser(app, cast.app_admin)

        page, found = browser.get(self.PATH).text, browser.get(f"{self.PATH}?q=jzyy").text

        assert (heading(page), counts(page)) == ("1 项授权 30 天内到期", [1])
        assert re.findall(r'href="(/e/\d+/grants/manage)"', found) == [f"{cast.jiangzhou.path}/grants/manage"]

    def test_auditor_sees_how_many_were_refused(self, cast: Cast, app: Flask) -> None:
        Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/orders")

        page = Browser(app, cast.auditor).get(self.PATH).text

        assert heading(page) == "近一天有 1 次操作被拒绝或失败"

    @pytest.mark.parametrize("who", ["reviewer", "operator", "support", "app_admin"])
    def test_page_takes_at_most_twelve_queries(self, cast: Cast, app: Flask, who: str) -> None:
        browser = Browser(app, getattr(cast, who))
        approve(cast, hand_in(cast.yunqi, "一", "二"))
        hand_in(cast.jiangzhou, "三")

        with counted_queries() as found:
            browser.get(self.PATH)

        assert len(found) <= 12


def test_roles_of_the_staff_all_have_a_page() -> None:
    from portal.access.roles import STAFF
    from portal.dashboard.staff import _BOARDS

    assert set(_BOARDS) == STAFF
    assert Role.TENANT_ADMIN not in _BOARDS


class TestApplications:
    def test_what_waits_is_said_to_the_center_and_what_came_back_to_its_province(self, cast: Cast, app: Flask) -> None:
        typed = {**asdict(APPLIED), "name": "新店(杭州酒店)", "scope": "city"}
        made = Browser(app, cast.yunqi.province).post("/center/applications/new", typed).location
        waiting = {who.username: "1 份企业ID申请等" in Browser(app, who).get("/center").text for who in _decide(cast)}
        Browser(app, cast.reviewer).post(f"{made}/return", {"reason": "名称不符", "version": "2"})

        back = {who: "1 份企业ID申请被退回" in Browser(app, who.province).get("/center").text for who in _houses(cast)}

        assert set(waiting.values()) == {True}
        assert list(back.values()) == [True, False]
        assert "份企业ID申请等" not in Browser(app, cast.reviewer).get("/center").text


def _decide(cast: Cast) -> list[Person]:
    return [cast.reviewer, cast.operator]


def _houses(cast: Cast) -> list[House]:
    return [cast.yunqi, cast.jiangzhou]


class TestCharts:
    @pytest.mark.parametrize(
        ("who", "sentence"),
        [
            ("reviewer", "这两周还没有审过内容"),
            ("support", "这两周没有新装的机顶盒"),
            ("app_admin", "这两周没有新的授权"),
            ("auditor", "这两周没有被拒绝或失败的操作"),
            ("security_admin", "这两周没有登录失败"),
        ],
    )
    def test_empty_chart_says_so_in_a_sentence(self, cast: Cast, app: Flask, who: str, sentence: str) -> None:
        assert sentence in Browser(app, getattr(cast, who)).get("/center").text

    def test_review_of_today_stands_in_chart_and_table(self, cast: Cast, app: Flask) -> None:
        put_on_air(cast, cast.yunqi, "您好")

        page = Browser(app, cast.reviewer).get("/center").text

        today = clock.today().strftime("%m-%d")
        assert f'<th scope="row">{today}</th><td class="num">1</td>' in page

    def test_province_counts_the_boxes_of_its_own_enterprises(self, cast: Cast, app: Flask) -> None:
        put_box(cast.yunqi.tenant, cast.yunqi.root, "SN-1")
        put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "SN-2")
        put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "SN-3")
        bar = f'<th scope="row">{clock.today():%m-%d}</th><td class="num">'

        assert f"{bar}1<" in Browser(app, cast.yunqi.province).get("/center").text
        assert f"{bar}2<" in Browser(app, cast.jiangzhou.province).get("/center").text
        assert f"{bar}3<" in Browser(app, cast.support).get("/center").text

    def test_province_counts_the_boxes_of_enterprises_that_it_applied_for(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        put_box(house.tenant, house.root, "SN-1")
        with platform_session(writes=True) as session:
            row = session.get_one(Tenant, house.tenant.id)
            row.province_code, row.applied_by = None, row.province_code
            session.flush()
            work_of(session).changed.clear()
            session.commit()

        page = Browser(app, house.province).get("/center").text

        assert f'<th scope="row">{clock.today():%m-%d}</th><td class="num">1<' in page

    def test_group_editor_is_told_of_the_own_groups_boxes(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        put_box(house.tenant, house.shop, "SN-1")
        put_box(house.tenant, house.elsewhere, "SN-2")

        assert "离线 1" in Browser(app, house.group_editor).get(house.path).text
        assert "离线 2" in Browser(app, house.admin).get(house.path).text
