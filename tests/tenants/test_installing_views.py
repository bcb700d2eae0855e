"""Pages of hand-overs and installation jobs: they work, and refuse whom they must."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.core import clock
from portal.core.database import tenant_session
from portal.core.ids import JobId, new_id
from portal.tenants.installing.bound import BoundBox, JobBoxes
from portal.tenants.installing.commands import hand_to_installer, hand_to_manager
from portal.tenants.installing.models import InstallationJob
from portal.tenants.installing.queries import get_job, hand_overs
from portal.tenants.installing.rules import Installer, JobTerms
from portal.tenants.installing.sheet import IN_SHORT, sheet_text
from tests.tenants.conftest import recorded
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries

MANAGER = {"name": "孙经理", "phone": "１３７００１３７０００", "note": "当面"}


WHOLE_PHONE = re.compile(r"\b1[3-9]\d{9}\b")


def installer(**more: str) -> dict[str, str]:
    last_on = (clock.today() + timedelta(days=20)).isoformat()
    return {"name": "王师傅", "phone": "13800138000", "places": "200", "last_on": last_on, **more}


def errors_at(page: str, field: str) -> list[str]:
    return re.findall(rf'id="{field}-error[^"]*">.*?<span>(.*?)</span>', page)


def job_of(house: House, job_id: str) -> InstallationJob:
    with tenant_session(house.tenant.id) as session:
        return get_job(session, JobId(job_id))


def opened(house: House, *others: Installer, places: int = 200) -> str:
    terms = JobTerms(places, clock.today() + timedelta(days=20), others, "先装大堂")
    in_tenant(house.tenant, lambda ctx: hand_to_manager(ctx, Installer("13700137000", "孙经理")))
    return in_tenant(
        house.tenant, lambda ctx: hand_to_installer(ctx, Installer("13800138000", "王师傅"), house.shop, terms)
    )


class TestHandingOver:
    def test_province_hands_over_in_two_steps(self, cast: Cast, app: Flask) -> None:
        house, path = cast.yunqi, f"{cast.yunqi.path}/installation"
        browser = Browser(app, house.province)
        empty = browser.get(path).text

        first = browser.post(f"{path}/manager", MANAGER)
        answer = browser.post(f"{path}/installer", installer(group=house.shop, installers="李师傅 13900139000\n\n"))

        job = job_of(house, answer.location.rpartition("/")[2])
        page = browser.get(path).text
        assert "先记录交给了哪位客户经理" in empty
        assert (first.status_code, first.location, answer.status_code) == (303, path, 303)
        assert (job.places, job.group_id) == (200, house.shop)
        assert [(one.phone, one.name) for one in job.phones] == [("13800138000", "王师傅"), ("13900139000", "李师傅")]
        assert "137****7000" in page
        assert not WHOLE_PHONE.search(page)
        with tenant_session(house.tenant.id) as session:
            assert [row.by_user_id for row in hand_overs(session)] == [house.province.id] * 2

    def test_out_of_order_is_said_and_nothing_typed_is_lost(self, cast: Cast, app: Flask) -> None:
        path = f"{cast.yunqi.path}/installation/installer"

        answer = Browser(app, cast.yunqi.province).post(path, installer(group=cast.yunqi.root))

        assert answer.status_code == 409
        assert "先要把企业ID交给客户经理" in answer.text
        assert 'value="王师傅"' in answer.text

    def test_each_error_stands_at_its_field(self, cast: Cast, app: Flask) -> None:
        path, browser = f"{cast.yunqi.path}/installation", Browser(app, cast.yunqi.province)
        browser.post(f"{path}/manager", MANAGER)

        manager = browser.post(f"{path}/manager", {"name": "", "phone": "123"})
        answer = browser.post(
            f"{path}/installer",
            installer(group=cast.yunqi.root, phone="1", places="x", last_on="2020-01-01", installers="12 李"),
        )

        assert (manager.status_code, answer.status_code) == (422, 422)
        assert [len(errors_at(manager.text, name)) for name in ("name", "phone")] == [1, 1]
        assert [len(errors_at(answer.text, name)) for name in ("phone", "places", "last_on")] == [1, 1, 1]

    def test_receivers_phone_is_shown_on_request_and_recorded(self, cast: Cast, app: Flask) -> None:
        opened(cast.yunqi)
        with tenant_session(cast.yunqi.tenant.id) as session:
            row = hand_overs(session)[-1]
        path = f"{cast.yunqi.path}/installation/hand-overs/{row.id}/phone"

        page = Browser(app, cast.yunqi.admin).post(path)
        part = Browser(app, cast.support).post(path, headers={"HX-Request": "true"})

        assert WHOLE_PHONE.findall(page.text)[-1] == "13700137000"  # so a number that slips out is seen elsewhere too
        assert "<html" not in part.text
        assert recorded("tenant.contact_revealed")[-2:] == [{"fields": ["to_phone"]}] * 2


class TestJob:
    def test_page_shows_state_places_and_masked_installers(self, cast: Cast, app: Flask) -> None:
        job_id = opened(cast.yunqi, Installer("13900139000", "李师傅"))

        page = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/installation/{job_id}").text

        assert "0 / 200 台" in page
        assert "进行中" in page
        assert "139****9000" in page
        assert not WHOLE_PHONE.search(page)
        assert "/edit" not in page  # the tenant's administrator looks on

    def test_terms_change_and_an_installer_goes(self, cast: Cast, app: Flask) -> None:
        house, job_id = cast.yunqi, opened(cast.yunqi, Installer("13900139000", "李师傅"))
        path, browser = f"{house.path}/installation/{job_id}/edit", Browser(app, house.province)
        li = next(one.id for one in job_of(house, job_id).phones if one.name == "李师傅")
        form = browser.get(path).text

        answer = browser.post(
            path, installer(places="300", kept=li, installers="13600136000 赵师傅", note="改", version="1")
        )

        job = job_of(house, job_id)
        assert form.count(" checked") == 2
        assert answer.status_code == 303
        assert (job.places, job.note, {one.name for one in job.phones}) == (300, "改", {"李师傅", "赵师傅"})

    def test_older_version_says_what_stands_and_the_next_save_decides(self, cast: Cast, app: Flask) -> None:
        job_id = opened(cast.yunqi)
        path, browser = f"{cast.yunqi.path}/installation/{job_id}/edit", Browser(app, cast.yunqi.province)
        kept = job_of(cast.yunqi, job_id).phones[0].id
        browser.post(path, installer(places="250", kept=kept, version="1"))

        clash = browser.post(path, installer(places="260", kept=kept, version="1"))
        version = re.findall(r'name="version" value="(\d+)"', clash.text)[0]
        answer = browser.post(path, installer(places="260", kept=kept, version=version))

        assert (clash.status_code, answer.status_code) == (409, 303)
        assert "250 台" in clash.text
        assert job_of(cast.yunqi, job_id).places == 260

    def test_nobody_left_is_refused_at_the_field(self, cast: Cast, app: Flask) -> None:
        job_id = opened(cast.yunqi)

        answer = Browser(app, cast.operator).post(
            f"{cast.yunqi.path}/installation/{job_id}/edit", installer(version="1")
        )

        assert answer.status_code == 422
        assert errors_at(answer.text, "installers") == ["至少要有一个装维人员的手机号。"]

    def test_closed_job_says_so_and_opens_again(self, cast: Cast, app: Flask) -> None:
        path = f"{cast.yunqi.path}/installation/{opened(cast.yunqi)}"
        browser = Browser(app, cast.yunqi.province)

        browser.post(f"{path}/close", {"version": "1"})
        closed = browser.get(path).text
        late = browser.post(f"{path}/close", {"version": "1"}, follow_redirects=True).text
        browser.post(f"{path}/reopen", {"version": "2"})

        assert "工单已关闭" in closed
        assert "刚被别人改过" in late
        assert "进行中" in browser.get(path).text

    def test_installers_phone_is_shown_on_request_and_recorded(self, cast: Cast, app: Flask) -> None:
        one = job_of(cast.yunqi, opened(cast.yunqi)).phones[0]

        page = Browser(app, cast.yunqi.province).post(f"{cast.yunqi.path}/installation/installers/{one.id}/phone")

        assert "13800138000" in page.text
        assert recorded("tenant.contact_revealed")[-1] == {"fields": ["installer_phone"]}

    def test_boxes_of_the_room_above_are_listed(self, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        """A stranger's words are data: the reader hands over what a box said of itself."""
        box = BoundBox("", "SN<b>1", "型号", clock.now(), "13800138000", "/e/1/boxes/2")
        found = JobBoxes((box,), 3, "/all", "/waiting")
        monkeypatch.setattr("portal.tenants.installing.bound._reader", lambda session, job, most: found)

        page = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/installation/{opened(cast.yunqi)}").text

        assert "SN&lt;b&gt;1" in page
        assert "另有 3 台" in page
        assert "138****8000" in page


class TestSheet:
    def test_sheet_has_the_id_in_fours_and_no_whole_phone(self, cast: Cast, app: Flask) -> None:
        path = f"{cast.yunqi.path}/installation/{opened(cast.yunqi)}/sheet"
        number = cast.yunqi.tenant.enterprise_id

        page = Browser(app, cast.yunqi.province).get(path).text

        assert f"{number[:4]} {number[4:8]} {number[8:]}" in page
        assert "data:image/svg+xml" in page
        assert "138****8000" in page
        assert "13800138000" not in page

    def test_what_a_phone_reads_names_no_customer_and_no_phone(self) -> None:
        text = sheet_text("1234 5678 9017", "湖滨店", clock.today(), ("企业ID", "分组", "截止日"), str(IN_SHORT))

        assert text.splitlines() == [
            "企业ID 1234 5678 9017", "分组 湖滨店", f"截止日 {clock.today().isoformat()}", str(IN_SHORT),
        ]  # fmt: skip
        assert "http" not in text
        assert len(text.encode()) < 200


class TestLists:
    def test_filters_stand_in_the_address(self, cast: Cast, app: Flask) -> None:
        house, job_id = cast.yunqi, opened(cast.yunqi)
        path, browser = f"{house.path}/installation", Browser(app, house.admin)
        link = f'href="{path}/{job_id}"'

        shown = {
            query: link in browser.get(f"{path}?{query}").text.partition("交接记录")[0]
            for query in (
                "",
                "state=open",
                f"group={house.shop}",
                "state=closed",
                f"group={house.elsewhere}",
                "state=x",
            )
        }

        assert list(shown.values()) == [True, True, True, False, False, True]

    def test_center_lists_all_and_a_province_its_own(self, cast: Cast, app: Flask) -> None:
        for house in (cast.yunqi, cast.jiangzhou):
            opened(house)

        def numbers(person: object, query: str = "") -> set[str]:
            page = Browser(app, person).get(f"/center/installation{query}").text  # type: ignore[arg-type]
            return set(re.findall(r'href="/e/(\d{12})/installation/', page))

        mine, theirs = cast.yunqi.tenant.enterprise_id, cast.jiangzhou.tenant.enterprise_id
        assert numbers(cast.operator) == numbers(cast.support) == {mine, theirs}
        assert numbers(cast.yunqi.province) == {mine}
        assert numbers(cast.operator, "?q=13800138000&state=open") == {mine, theirs}
        assert numbers(cast.operator, f"?q={mine}") == {mine}
        assert numbers(cast.operator, "?state=full") == set()
        assert numbers(cast.operator, "?province=33") == numbers(cast.yunqi.province, "?province=32") == {mine}

    def test_lists_take_as_many_queries_for_many_as_for_one(self, cast: Cast, app: Flask) -> None:
        opened(cast.yunqi)
        pages = (
            (Browser(app, cast.yunqi.admin), f"{cast.yunqi.path}/installation"),
            (Browser(app, cast.operator), "/center/installation"),
        )
        counts = []
        for _round in range(2):
            for browser, path in pages:
                with counted_queries() as sent:
                    browser.get(path)
                counts.append(len(sent))
            for _more in range(2):
                opened(cast.yunqi)

        assert counts[:2] == counts[2:]


class TestWho:
    def test_members_and_staff_without_the_right_are_refused(self, cast: Cast, app: Flask) -> None:
        job_id = opened(cast.yunqi)
        path = f"{cast.yunqi.path}/installation"
        for who in (cast.yunqi.editor, cast.yunqi.group_editor, cast.reviewer, cast.app_admin):
            browser = Browser(app, who)
            assert browser.get(path).status_code == 403
            assert browser.get(f"{path}/{job_id}").status_code == 403
            assert browser.get("/center/installation").status_code == 403
        for who in (cast.yunqi.admin, cast.support):
            browser = Browser(app, who)
            assert browser.get(f"{path}/{job_id}/sheet").status_code == 200
            assert browser.get(f"{path}/manager").status_code == 403
            assert browser.post(f"{path}/{job_id}/close", {"version": "1"}).status_code == 403
        assert Browser(app, cast.yunqi.admin).get("/center/installation").status_code == 403

    def test_another_tenant_and_another_province_find_nothing(self, cast: Cast, app: Flask) -> None:
        job_id = opened(cast.yunqi)
        for who in (cast.jiangzhou.admin, cast.jiangzhou.province):
            browser = Browser(app, who)
            for tail in ("", f"/{job_id}", f"/{job_id}/sheet"):
                assert browser.get(f"{cast.yunqi.path}/installation{tail}").status_code == 404
                assert browser.get(f"{cast.jiangzhou.path}/installation/{job_id}{tail and '/sheet'}").status_code == 404
        made_up = Browser(app, cast.operator).get(f"{cast.yunqi.path}/installation/{new_id()}")
        assert made_up.status_code == 404
