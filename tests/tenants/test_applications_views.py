"""Pages of applications: the province writes, the center decides, everybody else is refused."""

import re
from dataclasses import asdict
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.database import platform_session
from portal.core.ids import new_id
from portal.tenants.applications.models import Application
from portal.tenants.models import Tenant
from tests.sweeps.world import APPLIED
from tests.tenants.conftest import recorded
from tests.world.browser import Browser
from tests.world.cast import Cast, Person
from tests.world.counting import counted_queries

PATH = "/center/applications"
TYPED = {**asdict(APPLIED), "name": "新店(杭州酒店)", "scope": "city"}


def errors_at(page: str, field: str) -> list[str]:
    return re.findall(rf'id="{field}-error[^"]*">.*?<span>(.*?)</span>', page)


def apply(app: Flask, who: Person, **more: Any) -> Application:
    answer = Browser(app, who).post(f"{PATH}/new", {**TYPED, **more})
    assert answer.status_code == 303, answer.text
    return stored(answer.location.rpartition("/")[2])


def stored(application_id: str) -> Application:
    with platform_session() as session:
        return session.get_one(Application, application_id)


@pytest.fixture
def zhejiang(cast: Cast) -> Person:
    return cast.yunqi.province


class TestWriting:
    def test_submitted_at_once_and_listed_for_both_sides(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang, name="新店（杭州酒店）")

        assert (row.state, row.group_name, row.province_code) == ("submitted", "新店(杭州酒店)", "33")
        for who in (zhejiang, cast.reviewer, cast.operator, cast.support):
            page = Browser(app, who).get(PATH).text
            assert re.findall(r'<th class="main" scope="row"><a [^>]*>(.*?)</a>', page) == ["新店(杭州酒店)"]
        assert "13800138000" not in Browser(app, zhejiang).get(f"{PATH}/{row.id}").text

    def test_draft_is_kept_as_it_is_and_seen_by_the_province_alone(
        self, cast: Cast, app: Flask, zhejiang: Person
    ) -> None:
        row = apply(app, zhejiang, name="没写完", draft="1")

        assert (row.state, row.group_name) == ("draft", "没写完")
        assert Browser(app, zhejiang).get(f"{PATH}/{row.id}").status_code == 200
        for stranger in (cast.jiangzhou.province, cast.reviewer):
            assert Browser(app, stranger).get(f"{PATH}/{row.id}").status_code == 404

    def test_each_error_stands_at_its_field_and_nothing_is_lost(self, app: Flask, zhejiang: Person) -> None:
        answer = Browser(app, zhejiang).post(
            f"{PATH}/new", {"name": "新店(北京酒店)", "scope": "city", "contact_phone": "12345"}
        )

        assert answer.status_code == 422
        assert errors_at(answer.text, "name") == ["括号里的地方与所选的客户范围、省公司不一致。"]
        assert errors_at(answer.text, "contact_phone") == ["要 11 位手机号。"]
        assert errors_at(answer.text, "server_address") == ["要 IPv4 或 IPv6 地址。"]
        assert 'value="新店(北京酒店)"' in answer.text
        with platform_session() as session:
            assert session.scalars(select(Application)).all() == []

    def test_stored_draft_that_cannot_be_submitted_leads_to_its_form(self, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang, name="没写完", draft="1")

        answer = Browser(app, zhejiang).post(f"{PATH}/{row.id}/submit", {"version": "1"})

        assert answer.status_code == 422
        assert errors_at(answer.text, "name") != []
        assert 'value="没写完"' in answer.text

    def test_phones_left_empty_are_kept(self, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang, draft="1")
        browser = Browser(app, zhejiang)
        page = browser.get(f"{PATH}/{row.id}/edit").text

        browser.post(
            f"{PATH}/{row.id}/edit",
            {**TYPED, "contact_phone": "", "applicant_phone": "", "server_address": "", "version": "1", "draft": "1"}
            | {"contact_name": "李"},
        )

        changed = stored(row.id)
        assert "138****8000" in page
        assert "13800138000" not in page
        assert (changed.contact_name, changed.contact_phone, changed.server_address) == (
            "李",
            "13800138000",
            "10.0.0.1",
        )

    def test_older_version_shows_both_and_the_next_save_decides(self, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang, draft="1")
        browser = Browser(app, zhejiang)
        path = f"{PATH}/{row.id}/edit"
        browser.post(path, {**TYPED, "contact_name": "同事", "version": "1", "draft": "1"})

        clash = browser.post(path, {**TYPED, "contact_name": "我", "version": "1", "draft": "1"})
        version = re.findall(r'name="version" value="(\d+)"', clash.text)[0]
        answer = browser.post(path, {**TYPED, "contact_name": "我", "version": version, "draft": "1"})

        assert (clash.status_code, answer.status_code) == (409, 303)
        assert "联系人 同事" in clash.text
        assert stored(row.id).contact_name == "我"

    def test_name_is_explained_while_it_is_typed(self, app: Flask, zhejiang: Person) -> None:
        browser = Browser(app, zhejiang)

        good = browser.get(f"{PATH}/name?scope=city&name=新店（杭州酒店）").text
        bad = browser.get(f"{PATH}/name?scope=city&name=新店(南京酒店)").text

        assert "保存为 新店(杭州酒店)" in good
        assert "不一致" in bad

    def test_what_waits_is_not_edited_and_what_is_taken_back_is(self, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        browser = Browser(app, zhejiang)

        assert browser.get(f"{PATH}/{row.id}/edit").status_code == 303
        assert browser.post(f"{PATH}/{row.id}/edit", {**TYPED, "version": "2"}).status_code == 303
        assert browser.post(f"{PATH}/{row.id}/take-back", {"version": "2"}).location.endswith("/edit")
        assert browser.post(f"{PATH}/{row.id}/give-up", {"version": "3"}).status_code == 303
        assert stored(row.id).state == "withdrawn"


class TestDeciding:
    def test_approval_leads_to_the_enterprise_and_its_order(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        reviewer = Browser(app, cast.reviewer)

        answer = reviewer.post(
            f"{PATH}/{row.id}/approve", {"short_name": "新店", "industry_code": "1401001", "version": "2"}
        )

        assert answer.status_code == 303
        with platform_session() as session:
            tenant = session.scalars(select(Tenant).where(Tenant.name == "新店(杭州酒店)")).one()
        number = tenant.enterprise_id
        grouped = f"{number[:4]} {number[4:8]} {number[8:]}"
        province = Browser(app, zhejiang)
        for browser in (province, reviewer):
            assert grouped in browser.get(f"{PATH}/{row.id}").text
        order = province.get(f"/e/{number}/orders/new").text
        assert '<option selected value="7360110000400022">' in order
        assert province.get(f"/e/{number}/groups").status_code == 200

    def test_operator_is_led_on_to_the_order_of_the_product(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        operator = Browser(app, cast.operator)

        answer = operator.post(
            f"{PATH}/{row.id}/approve", {"short_name": "新店", "industry_code": "1401001", "version": "2"}
        )

        assert re.fullmatch(r"/e/\d{12}/orders/new", answer.location)
        page = operator.get(answer.location).text
        assert "接着订购申请的产品" in page
        assert '<option selected value="7360110000400022">' in page
        assert '<option selected value="1401001">' in page

    def test_what_is_missing_is_named_and_typed_words_stay(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        reviewer = Browser(app, cast.reviewer)

        approving = reviewer.post(f"{PATH}/{row.id}/approve", {"short_name": "我的简称", "version": "2"})
        returning = reviewer.post(f"{PATH}/{row.id}/return", {"reason": "", "version": "2"})

        assert (approving.status_code, returning.status_code) == (422, 422)
        assert errors_at(approving.text, "industry_code") == ["请选到第三级的行业编码。"]
        assert 'value="我的简称"' in approving.text
        assert errors_at(returning.text, "reason") != []
        assert stored(row.id).state == "submitted"

    def test_returned_reason_is_read_by_the_province_and_counted_in_its_menu(
        self, cast: Cast, app: Flask, zhejiang: Person
    ) -> None:
        row = apply(app, zhejiang)
        Browser(app, cast.operator).post(f"{PATH}/{row.id}/return", {"reason": "名称与执照不符", "version": "2"})

        province = Browser(app, zhejiang)

        assert "退回：名称与执照不符" in province.get(f"{PATH}/{row.id}").text
        assert "名称与执照不符" in province.get("/notices").text

    def test_second_decider_is_told_and_sees_what_the_first_did(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        Browser(app, cast.operator).post(f"{PATH}/{row.id}/return", {"reason": "名称与执照不符", "version": "2"})

        answer = Browser(app, cast.reviewer).post(
            f"{PATH}/{row.id}/approve", {"short_name": "新店", "industry_code": "1401001", "version": "2"}
        )

        assert answer.status_code == 409
        assert "名称与执照不符" in answer.text
        assert stored(row.id).state == "returned"

    def test_revealed_contacts_are_recorded(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        before = len(recorded("tenant.contact_revealed"))

        page = Browser(app, cast.support).post(f"{PATH}/{row.id}/contacts")
        part = Browser(app, zhejiang).post(f"{PATH}/{row.id}/contacts", headers={"HX-Request": "true"})

        for answer in (page, part):
            assert all(each in answer.text for each in ("13800138000", "13900139000", "10.0.0.1"))
        assert "<html" in page.text
        assert "<html" not in part.text
        assert len(recorded("tenant.contact_revealed")) == before + 2


class TestWho:
    def test_others_are_refused(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        version = {"version": "2"}
        for who in (cast.auditor, cast.app_admin, cast.yunqi.admin):
            browser = Browser(app, who)
            assert browser.get(PATH).status_code == 403
            assert browser.get(f"{PATH}/{row.id}").status_code == 403
        for who in (cast.reviewer, cast.operator, cast.support):
            browser = Browser(app, who)
            assert browser.get(f"{PATH}/new").status_code == 403
            assert browser.post(f"{PATH}/{row.id}/take-back", version).status_code == 403
        for who in (cast.support, zhejiang):
            assert Browser(app, who).post(f"{PATH}/{row.id}/approve", version).status_code == 403
        assert Browser(app, cast.reviewer).post(f"{PATH}/{row.id}/contacts").status_code == 403
        assert stored(row.id).state == "submitted"

    def test_another_province_finds_nothing_to_look_at_or_to_do(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        row = apply(app, zhejiang)
        browser = Browser(app, cast.jiangzhou.province)

        assert row.group_name not in browser.get(PATH).text
        for tail in ("", "/edit"):
            assert browser.get(f"{PATH}/{row.id}{tail}").status_code == 404
        for tail in ("edit", "submit", "take-back", "give-up", "contacts"):
            answer = browser.post(f"{PATH}/{row.id}/{tail}", {"version": "2"})
            made_up = browser.post(f"{PATH}/{new_id()}/{tail}", {"version": "2"})
            assert (answer.status_code, made_up.status_code) == (404, 404)

    def test_list_takes_as_many_queries_for_many_as_for_one(self, cast: Cast, app: Flask, zhejiang: Person) -> None:
        reviewer = Browser(app, cast.reviewer)
        apply(app, zhejiang)
        with counted_queries() as one:
            reviewer.get(PATH)
        for number in range(3):
            apply(app, zhejiang, name=f"新店{number}(杭州酒店)")
        with counted_queries() as many:
            reviewer.get(PATH)

        assert len(many) == len(one)
