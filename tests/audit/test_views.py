"""The pages of the log."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as events

from portal.audit import queries
from portal.core import database as databases
from tests.world.browser import Browser
from tests.world.cast import Cast


def titles(page: str) -> list[str]:
    return re.findall(r'class="log-title"[^>]*><b>(.*?)</b>', page)


def people(page: str) -> set[str]:
    return set(re.findall(r'<span class="by">(.*?)</span>', page))


def test_auditor_reads_all_tenants(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.auditor).get("/admin/audit?group=tenant").text

    assert {"开通企业", "新建分组"} <= set(titles(page))
    assert {"云栖酒店", "江州医院"} <= set(re.findall(r'<span class="tag">(.*?)</span>', page))


def test_administrator_reads_the_own_tenant(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/audit").text

    assert "alice" in page
    assert "bob" not in page
    assert "江州医院" not in page


def test_what_the_machine_did_is_said_in_the_language_of_the_reader(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.yunqi.admin)
    browser.post("/preferences", {"lang": "en"})

    assert people(browser.get(f"{cast.yunqi.path}/audit").text) & {"命令行", "系统", "Command line"} == {"Command line"}


def test_denial_is_in_the_log_of_whose_door_it_was(cast: Cast, app: Flask) -> None:
    Browser(app, cast.jiangzhou.admin).get(f"{cast.yunqi.path}/members")
    Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/members")

    platform = Browser(app, cast.auditor).get("/admin/audit?outcome=denied").text
    own = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/audit?outcome=denied").text

    assert people(platform) == {"Bob", "Editor@Alice"}
    assert people(own) == {"Editor@Alice"}


def test_record_is_shown_with_all_its_fields(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.auditor)
    listed = browser.get("/admin/audit?actor=auditor").text
    number = re.findall(r"record=(\d+)", listed)[0]

    page = browser.get(f"/admin/audit?actor=auditor&record={number}").text

    slip = page[page.index('class="slip"') : page.index("</aside>")]
    assert re.findall(r"<dt>(.*?)</dt>", slip) == [
        "内容", "对象", "认证级别", "方式", "账号", "三层", "地址", "请求编号", "事件",
        "经办人", "经办时间", "认证", "内容指纹", "签名",
    ]  # fmt: skip
    assert "account.signed_in" in slip


def test_record_of_another_tenant_is_not_found(cast: Cast, app: Flask) -> None:
    listed = Browser(app, cast.auditor).get(f"/admin/audit?enterprise={cast.jiangzhou.tenant.enterprise_id}").text
    number = re.findall(r"record=(\d+)", listed)[0]

    answer = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/audit?record={number}")

    assert answer.status_code == 404


def test_older_page_is_reached_by_the_link(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.auditor)
    first = browser.get("/admin/audit").text
    href = re.search(r'href="([^"]*before=\d+[^"]*)" rel="next"', first)
    assert href is not None

    second = browser.get(href[1].replace("&amp;", "&")).text

    first_ids, second_ids = (set(re.findall(r"record=(\d+)", page)) for page in (first, second))
    assert len(first_ids) == 50
    assert first_ids.isdisjoint(second_ids)


def test_search_says_how_far_it_went_and_leads_on(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without a hit is not the end: the reader is told so, and goes on with the same words."""
    monkeypatch.setattr(queries, "SEARCHED", 20)
    browser = Browser(app, cast.auditor)

    first = browser.get("/admin/audit?q=nowhere-to-be-found").text
    href = re.search(r'href="([^"]*)" rel="next"', first)
    assert href is not None
    second = browser.get(href[1].replace("&amp;", "&")).text

    assert "这一页打开看了 20 条记录" in first
    assert re.fullmatch(r"/admin/audit\?q=nowhere-to-be-found&amp;before=\d+", href[1])
    assert titles(first) == titles(second) == []
    assert "回到最新" in second


@pytest.mark.parametrize(
    "query",
    [
        "group=x&outcome=x&layer=x",
        "since=yesterday&until=2026-13-01",
        "since=0001-01-01&until=9999-12-31",
        "before=-1&record=abc",
        "before=99999999999999999999",
        "q=" + "%25" * 200,
        "actor=%00",
        "target='%20or%201=1",
    ],
)
def test_nonsense_in_the_address_is_passed_over(cast: Cast, app: Flask, query: str) -> None:
    assert Browser(app, cast.auditor).get(f"/admin/audit?{query}").status_code == 200


def test_filter_stands_in_every_link(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.auditor).get("/admin/audit?group=account&outcome=done").text

    record = re.findall(r'class="log-title" href="([^"]+)"', page)[0]
    assert record.startswith("/admin/audit?group=account&amp;outcome=done&amp;record=")


def test_pages_refuse_everybody_else(cast: Cast, app: Flask, client: FlaskClient) -> None:
    own = f"{cast.yunqi.path}/audit"

    for person in (cast.system_admin, cast.security_admin, cast.app_admin, cast.operator, cast.yunqi.admin):
        assert Browser(app, person).get("/admin/audit").status_code == 403, person.username
    for person in (cast.yunqi.editor, cast.yunqi.group_editor, cast.reviewer, cast.support, cast.yunqi.province):
        assert Browser(app, person).get(own).status_code == 403, person.username
    for person in (cast.jiangzhou.admin, cast.stranger, cast.auditor, cast.jiangzhou.province):
        assert Browser(app, person).get(own).status_code == 404, person.username
    assert client.get("/admin/audit").status_code == 302
    assert Browser(app, cast.auditor).post("/admin/audit").status_code == 405
    assert Browser(app, cast.yunqi.admin).post(own).status_code == 405


def test_pages_take_at_most_twelve_queries(cast: Cast, app: Flask) -> None:
    engine = databases.database().engine
    for person, path in ((cast.auditor, "/admin/audit?record=5"), (cast.yunqi.admin, f"{cast.yunqi.path}/audit")):
        browser = Browser(app, person)
        browser.get(path)
        statements: list[str] = []

        def note(_c: object, _cur: object, statement: str, *_: object, seen: list[str] = statements) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        events.listen(engine, "before_cursor_execute", note)
        browser.get(path)
        events.remove(engine, "before_cursor_execute", note)

        assert len(statements) <= 12, "\n".join(statements)
