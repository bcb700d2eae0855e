"""Lists as Excel: narrowed like the page, of one's own house alone, masked, bounded, recorded; and columns left out."""

import io
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.roles import Role
from portal.accounts.commands.members import add_member
from portal.accounts.models import Membership, User
from portal.audit.models import AuditRecord
from portal.core import database as databases
from portal.core import unit_of_work
from portal.core.database import platform_session, system_session, tenant_session
from portal.tenants.models import Customer, Tenant
from portal.web import exports, paging
from tests.world.browser import Browser
from tests.world.building import build_tenant, in_tenant
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries

TENANTS, CUSTOMERS = "/center/tenants", "/center/customers"


def rows(answer: TestResponse) -> list[list[Any]]:
    assert answer.status_code == 200, answer.text
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def recorded() -> list[dict[str, Any]]:
    with system_session(reason="test") as session:
        found = session.scalars(select(AuditRecord).where(AuditRecord.event == "report.list_exported")).all()
        return [one.details for one in found]


def members_of(house: House) -> list[str]:
    with tenant_session(house.tenant.id) as session:
        return list(session.scalars(select(Membership.id)))


def test_file_holds_what_the_page_was_narrowed_to(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.operator)

    everything, one = rows(browser.post(TENANTS)), rows(browser.post(f"{TENANTS}?q=yqjd"))

    assert everything[0][:3] == ["企业", "群组名称", "企业ID"]
    assert len(everything) == 4
    assert [row[0] for row in one[1:]] == [cast.yunqi.tenant.name]


def test_file_is_as_long_as_the_list_and_not_as_its_page(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SIZES", (1, 2, 5, 9))

    assert len(rows(Browser(app, cast.operator).post(f"{TENANTS}?page=2&size=1"))) == 4


def test_file_of_a_province_holds_its_own_alone(cast: Cast, app: Flask) -> None:
    found = rows(Browser(app, cast.yunqi.province).post(TENANTS))

    assert {row[2] for row in found[1:]} == {cast.yunqi.tenant.enterprise_id}


def test_chosen_rows_alone_are_handed_out(cast: Cast, app: Flask) -> None:
    with platform_session() as session:
        chosen = session.scalars(
            select(Tenant.id).where(Tenant.enterprise_id == cast.jiangzhou.tenant.enterprise_id)
        ).one()

    found = rows(Browser(app, cast.operator).post(TENANTS, {"chosen": chosen}))

    assert [row[2] for row in found[1:]] == [cast.jiangzhou.tenant.enterprise_id]


def test_rows_of_another_house_cannot_be_chosen(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.yunqi.admin)
    own, foreign = members_of(cast.yunqi), members_of(cast.jiangzhou)

    answer = browser.post(f"{cast.yunqi.path}/members", {"chosen": [own[0], *foreign]})

    assert len(rows(answer)) == 2


def test_without_the_fence_foreign_rows_would_be_handed_out(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault planted: the list is read without its tenant, so that what keeps foreign rows out is seen to be the fence."""
    unfenced = databases.SystemScope(reason="a fault of this test")
    own, foreign = members_of(cast.yunqi), members_of(cast.jiangzhou)
    browser = Browser(app, cast.yunqi.admin)
    real = databases.Database.session

    def planted(self: databases.Database, scope: Any, *, writes: bool = False) -> Any:
        return real(self, scope if writes else unfenced, writes=writes)

    monkeypatch.setattr(databases.Database, "session", planted)

    answer = browser.post(f"{cast.yunqi.path}/members", {"chosen": [own[0], *foreign]})

    assert len(rows(answer)) == 2 + len(foreign)


def test_phone_numbers_are_masked(cast: Cast, app: Flask) -> None:
    with platform_session(writes=True) as session:
        customer = session.scalars(select(Customer).where(Customer.name == "云栖酒店")).one()
        customer.contact_name, customer.contact_phone = "何佳", "13800138000"
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()

    answer = Browser(app, cast.operator).post(f"{CUSTOMERS}?q=yunqi")

    assert rows(answer)[1][3:5] == ["何佳", "138****8000"]
    assert b"13800138000" not in answer.data


def test_what_somebody_typed_is_no_formula(cast: Cast, app: Flask) -> None:
    in_tenant(cast.yunqi.tenant, lambda ctx: add_member(ctx, "evil", "=1+1", Role.TENANT_EDITOR))

    found = rows(Browser(app, cast.yunqi.admin).post(f"{cast.yunqi.path}/members?q=evil"))

    assert found[1][0] == "=1+1"


def test_export_is_recorded_without_what_was_searched(cast: Cast, app: Flask) -> None:
    Browser(app, cast.operator).post(f"{TENANTS}?q=yunqi&state=active&page=1&sort=name")

    assert recorded() == [{"list": "tenants", "count": 1, "filters": ["q", "state"]}]


def test_names_that_somebody_makes_up_are_not_recorded(cast: Cast, app: Flask) -> None:
    made_up = "&".join(f"x{number}y=1" for number in range(200)) + "&" + "a" * 5_000 + "=1&ü=1&q=yqjd"
    many = "&".join(f"{'z' * (number + 1)}=1" for number in range(24))

    Browser(app, cast.operator).post(f"{TENANTS}?{made_up}")
    Browser(app, cast.operator).post(f"{TENANTS}?{many}")

    assert recorded()[0]["filters"] == ["q"]
    assert len(recorded()[1]["filters"]) == 20


def test_export_reads_without_the_lock_of_writers(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read and the file is made in a session that only reads; the record alone is written, and soon."""
    browser = Browser(app, cast.yunqi.admin)
    opened: list[bool] = []
    real = databases.Database.session

    def seen(self: databases.Database, scope: Any, *, writes: bool = False) -> Any:
        opened.append(writes)
        return real(self, scope, writes=writes)

    monkeypatch.setattr(databases.Database, "session", seen)
    browser.post(f"{cast.yunqi.path}/members")

    assert opened == [*[False] * (len(opened) - 1), True]


def test_list_too_long_for_a_file_leads_back(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    browser = Browser(app, cast.operator)

    answer = browser.post(f"{TENANTS}?sort=name")

    assert (answer.status_code, answer.location) == (303, f"{TENANTS}?sort=name")
    assert "一次最多导出 1 行，这里有 3 行" in browser.get(TENANTS).text
    assert recorded() == []


def test_empty_list_leads_back(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.operator)

    assert browser.post(f"{TENANTS}?q=nowhere").status_code == 303
    assert "没有可导出的内容" in browser.get(TENANTS).text


def test_more_rows_take_no_more_queries(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.operator)
    with counted_queries() as few:
        browser.post(TENANTS)
    for number in range(3):
        build_tenant(f"第{number}家(浙江酒店)", province="33")
    with counted_queries() as more:
        browser.post(TENANTS)

    assert len(more) == len(few)


class TestColumns:
    def leave_out(self, browser: Browser, *names: str) -> TestResponse:
        shown = [name for name in ("owner", "package", "boxes") if name not in names]
        data = {"column": ["owner", "package", "boxes"], "shown": shown}
        return browser.post(
            "/preferences/columns/tenants", data, headers={"Referer": f"http://localhost{TENANTS}?q=yqjd"}
        )

    def test_column_left_out_stays_out_for_this_person(self, cast: Cast, app: Flask) -> None:
        browser, other = Browser(app, cast.operator), Browser(app, cast.support)

        answer = self.leave_out(browser, "package")

        assert (answer.status_code, answer.location) == (303, f"{TENANTS}?q=yqjd")
        assert 'class="table no-5"' in browser.get(TENANTS).text  # behind the checkboxes
        assert 'class="table no-5"' in Browser(app, cast.operator).get(TENANTS).text
        assert 'class="table"' in other.get(TENANTS).text

    def test_columns_come_back(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)
        self.leave_out(browser, "package")

        self.leave_out(browser)

        assert 'class="table"' in browser.get(TENANTS).text

    @pytest.mark.parametrize("name", ["Tenants", "a" * 41, "a-b"])
    def test_list_with_an_impossible_name_is_not_kept(self, cast: Cast, app: Flask, name: str) -> None:
        assert Browser(app, cast.operator).post(f"/preferences/columns/{name}").status_code == 404

    def test_no_more_lists_are_kept_than_there_may_be(self, cast: Cast, app: Flask) -> None:
        with platform_session(writes=True) as session:
            user = session.get(User, cast.operator.id)
            assert user is not None
            user.hidden_columns = {chr(97 + n // 26) + chr(97 + n % 26): [] for n in range(100)}
            session.flush()
            unit_of_work.work_of(session).changed.clear()
            session.commit()

        assert self.leave_out(Browser(app, cast.operator), "owner").status_code == 404
