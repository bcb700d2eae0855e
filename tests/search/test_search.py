"""Finding things: by name, pinyin and number, in both languages, and never what somebody may not see."""

import re

import pytest
from flask import Flask

from portal.access.acl import ROOT, Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.boxes.commands.managing import name_box
from portal.content.kinds import Kind
from portal.core import database as databases
from portal.core.database import SystemScope
from portal.media.states import Purpose
from portal.search import views
from portal.tenants.commands.groups import create_group, rename_group
from tests.world import building, content
from tests.world.browser import Browser
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries
from tests.world.fleet import put_box
from tests.world.reviewing import acting, hand_in


def found(browser: Browser, path: str, text: str) -> list[str]:
    """What the dialog would show, in order."""
    answer = browser.get(f"{path}/search", query_string={"q": text}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return re.findall(r'<span class="grow cut">(.*?)</span>', answer.text)


def in_tenant(app: Flask, house: House, text: str) -> list[str]:
    return found(Browser(app, house.editor), house.path, text)


class TestInATenant:
    @pytest.mark.parametrize("text", ["湖畔", "hupan", "hpzc", "HuPan"])
    def test_content_is_found_by_name_and_pinyin(self, cast: Cast, app: Flask, text: str) -> None:
        content.a_slot(cast.yunqi.tenant)

        assert in_tenant(app, cast.yunqi, text) == ["湖畔早餐"]

    def test_object_with_a_draft_beside_what_is_on_air_is_found_once(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        saved = content.a_slot(house.tenant)
        content.view_of(house.tenant, saved.object_id)

        assert in_tenant(app, house, "早餐") == ["湖畔早餐"]

    def test_what_bears_no_typed_name_is_found_by_its_word_in_either_language(self, cast: Cast, app: Flask) -> None:
        content.a_frame(cast.yunqi.tenant, 2)

        assert in_tenant(app, cast.yunqi, "第 2 帧") == ["第 2 帧"]
        assert "第 2 帧" in in_tenant(app, cast.yunqi, "splash")

    def test_media_boxes_and_members_are_found(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        building.add_picture(house.tenant, Purpose.FRAME)
        put_box(house.tenant, house.root, "SN-0815")
        admin = Browser(app, house.admin)

        assert found(admin, house.path, "0815") == ["SN-0815"]
        assert found(admin, house.path, "图")[-1:] != []
        assert found(admin, house.path, house.editor.username) != []

    @pytest.mark.parametrize("text", ["大堂", "datang", "dtds"])
    def test_boxes_groups_and_submissions_are_found_by_pinyin(self, cast: Cast, app: Flask, text: str) -> None:
        house = cast.yunqi
        box = put_box(house.tenant, house.root, "SN-0815")
        building.in_tenant(house.tenant, lambda ctx: name_box(ctx, box, 1, "大堂电视"), acting(house.admin))
        building.in_tenant(house.tenant, lambda ctx: create_group(ctx, house.root, "大堂东隅"), acting(house.admin))
        hand_in(house, "欢迎光临", title="大堂短讯")
        admin = Browser(app, house.admin)

        everything = found(admin, house.path, text)

        named = ["大堂短讯", "大堂电视", "大堂东隅"]
        assert everything == (named if text != "dtds" else ["大堂电视"])
        assert found(Browser(app, cast.jiangzhou.admin), cast.jiangzhou.path, text) == []

    def test_renamed_ones_are_found_by_their_new_names(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        box = put_box(house.tenant, house.root, "SN-0815")
        building.in_tenant(house.tenant, lambda ctx: name_box(ctx, box, 1, "茶室"), acting(house.admin))
        building.in_tenant(
            house.tenant, lambda ctx: rename_group(ctx, house.elsewhere, 1, "茶园店"), acting(house.admin)
        )
        admin = Browser(app, house.admin)

        assert [found(admin, house.path, text) for text in ("chashi", "chayuan")] == [["茶室"], ["茶园店"]]

    def test_pages_are_found_in_both_languages(self, cast: Cast, app: Flask) -> None:
        assert in_tenant(app, cast.yunqi, "跑马") == ["跑马灯"]
        assert in_tenant(app, cast.yunqi, "pmd") == ["跑马灯"]
        assert in_tenant(app, cast.yunqi, "marquee") == ["跑马灯"]

    def test_group_editor_finds_boxes_of_the_own_groups_alone(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        put_box(house.tenant, house.shop, "BOX-OWN")
        put_box(house.tenant, house.elsewhere, "BOX-ELSEWHERE")

        assert found(Browser(app, house.group_editor), house.path, "BOX-") == ["BOX-OWN"]

    def test_things_of_another_tenant_are_never_found(self, cast: Cast, app: Flask) -> None:
        other = cast.jiangzhou
        content.a_slot(other.tenant)
        put_box(other.tenant, other.root, "BOX-FOREIGN")
        building.add_picture(other.tenant, Purpose.FRAME)

        assert in_tenant(app, cast.yunqi, "湖畔") == []
        assert in_tenant(app, cast.yunqi, "FOREIGN") == []
        assert Browser(app, cast.yunqi.editor).get(f"{other.path}/search?q=湖畔").status_code == 404

    def test_without_the_fence_they_would_be(self, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        """A fault planted: the search reads without its tenant."""
        content.a_slot(cast.jiangzhou.tenant)
        browser = Browser(app, cast.yunqi.editor)
        real = databases.Database.session
        monkeypatch.setattr(
            databases.Database,
            "session",
            lambda self, scope, *, writes=False: real(
                self, scope if writes else SystemScope("a fault of this test"), writes=writes
            ),
        )

        assert found(browser, cast.yunqi.path, "湖畔") == ["湖畔早餐"]

    def test_content_that_a_list_hides_is_not_found(self, cast: Cast, app: Flask) -> None:
        house = cast.yunqi
        content.a_slot(house.tenant)
        hidden = NewEntry(
            Place("kind", Kind.SLOT.value), "content:view", Effect.DENY, Subject("role", Role.TENANT_EDITOR)
        )
        building.in_tenant(
            house.tenant,
            lambda ctx: add_entry(ctx, Acl.INFORMATION, hidden),
            building.actor(Role.TENANT_ADMIN, house.admin.id, house.tenant),
        )

        assert in_tenant(app, house, "湖畔") == []
        assert found(Browser(app, house.admin), house.path, "湖畔") == ["湖畔早餐"]


class TestEverywhere:
    def test_center_finds_enterprises_customers_and_boxes(self, cast: Cast, app: Flask) -> None:
        put_box(cast.yunqi.tenant, cast.yunqi.root, "SN-4711")
        browser = Browser(app, cast.operator)

        assert found(browser, "/center", "yqjd") == ["云栖酒店(浙江酒店)", "云栖酒店"]
        assert found(browser, "/center", cast.yunqi.tenant.enterprise_id[:6]) != []
        assert found(browser, "/center", "4711") == ["SN-4711"]

    def test_province_finds_its_own_alone(self, cast: Cast, app: Flask) -> None:
        put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "SN-4711")
        browser = Browser(app, cast.yunqi.province)

        assert found(browser, "/center", "江州") == []
        assert found(browser, "/center", "4711") == []

    @pytest.mark.parametrize("who", ["auditor", "system_admin", "security_admin"])
    def test_officers_find_no_enterprise(self, cast: Cast, app: Flask, who: str) -> None:
        assert found(Browser(app, getattr(cast, who)), "/center", "云栖") == []

    def test_accounts_are_for_the_security_administrator(self, cast: Cast, app: Flask) -> None:
        assert found(Browser(app, cast.security_admin), "/center", "appadmin") != []
        assert found(Browser(app, cast.operator), "/center", "appadmin") == []

    def test_reviewer_finds_what_waits_but_nothing_that_a_list_keeps_back(self, cast: Cast, app: Flask) -> None:
        hand_in(cast.yunqi, "早餐七点")
        hand_in(cast.jiangzhou, "早餐八点")
        denied = NewEntry(ROOT, "content:view", Effect.DENY, Subject("role", Role.CENTER_REVIEWER))
        building.in_tenant(
            cast.yunqi.tenant,
            lambda ctx: add_entry(ctx, Acl.INFORMATION, denied),
            building.actor(Role.TENANT_ADMIN, cast.yunqi.admin.id, cast.yunqi.tenant),
        )

        assert found(Browser(app, cast.reviewer), "/center", "早餐") == ["早餐八点"]

    def test_member_finds_nothing_there(self, cast: Cast, app: Flask) -> None:
        assert found(Browser(app, cast.yunqi.editor), "/center", "江州") == []


@pytest.mark.parametrize("text", ["", "%", "_", "\\", "'", "<b>", "x" * 500, "\x1e", "🀄"])
def test_anything_may_be_typed(cast: Cast, app: Flask, text: str) -> None:
    for person, path in ((cast.operator, "/center"), (cast.yunqi.admin, cast.yunqi.path)):
        answer = Browser(app, person).get(f"{path}/search", query_string={"q": text})

        assert answer.status_code == 200
        assert "<b></span>" not in answer.text


def test_dialog_and_page_are_bounded_and_lead_on(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_ON_PAGE", 7)
    for number in range(9):
        put_box(cast.yunqi.tenant, cast.yunqi.root, f"MANY-{number:02d}")
    browser = Browser(app, cast.yunqi.admin)

    dialog = browser.get(f"{cast.yunqi.path}/search?q=MANY", headers={"HX-Request": "true"})
    page = browser.get(f"{cast.yunqi.path}/search?q=MANY")

    assert (dialog.text.count("MANY-"), page.text.count("MANY-")) == (5, 7)
    assert f'href="{cast.yunqi.path}/boxes?q=MANY"' in dialog.text
    assert "HX-Request" in page.headers["Vary"]


def test_search_asks_as_often_for_many_as_for_none(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.yunqi.admin)
    counts: list[int] = []
    for _ in range(2):
        with counted_queries() as statements:
            browser.get(f"{cast.yunqi.path}/search?q=MANY", headers={"HX-Request": "true"})
        counts.append(len(statements))
        for number in range(5):
            put_box(cast.yunqi.tenant, cast.yunqi.root, f"MANY-{len(counts)}{number}")
            building.add_marquee(cast.yunqi.tenant, f"MANY {number}")

    assert counts[0] == counts[1]
    assert counts[0] <= 16
