"""The installers' incentive: what counts, for whom, in which month, and who may see and carry it out."""

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from portal.access.roles import Role
from portal.boxes.models.bound import Box
from portal.core import clock, unit_of_work
from portal.core import database as databases
from portal.core.context import Context, TenantRef
from portal.core.database import platform_session, system_session, tenant_session
from portal.core.errors import Forbidden, Refused
from portal.core.ids import UserId, new_id
from portal.releases import site
from portal.reports.commands import export_installers
from portal.reports.queries import InstallerLine, Totals, installer_lines, installer_totals
from portal.tenants.installing.commands import open_job
from portal.tenants.installing.rules import Installer, JobTerms
from tests.tenants.conftest import recorded
from tests.world.browser import Browser
from tests.world.building import actor, add_provinces, build_tenant, in_tenant, root_of
from tests.world.cast import Cast
from tests.world.counting import counted_queries

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
WANG, LI = "13800138000", "13900139000"
PATH = "/center/reports/installers"


@pytest.fixture
def hospital(database: databases.Database, tmp_path: Path) -> TenantRef:
    site.configure(tmp_path / "pub")
    add_provinces()
    return build_tenant("江州医院(江苏医院)", province="32")


@pytest.fixture
def hotel(hospital: TenantRef) -> TenantRef:
    return build_tenant("云栖酒店集团(全国酒店)")


def bind(tenant: TenantRef, serial: str, phone: str | None, at: datetime, *, ended: bool = False) -> None:
    """This function will put a box into the tables as a binding at that moment left it."""
    with tenant_session(tenant.id, writes=True) as session:
        row = Box(
            tenant_id=tenant.id, id=new_id(), group_id=root_of(tenant), state="unbound" if ended else "bound",
            serial=serial, model="m", firmware="1", thumbprint="t", bound_at=at, ended_at=at if ended else None,
        )  # fmt: skip
        row.installer_phone = phone
        session.add(row)
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


def lines(month: date = MAY, province: str | None = None, limit: int = 50, offset: int = 0) -> list[InstallerLine]:
    with system_session(reason="test") as session:
        return installer_lines(session, month, province, limit=limit, offset=offset)


def totals(month: date = MAY, province: str | None = None) -> Totals:
    with system_session(reason="test") as session:
        return installer_totals(session, month, province)


def at(day: int, hour: int = 4, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_boxes_count_per_installer_and_province(hospital: TenantRef, hotel: TenantRef) -> None:
    terms = JobTerms(9, clock.today(), (Installer(WANG, "王师傅"),))
    in_tenant(hospital, lambda ctx: open_job(ctx, root_of(hospital), terms))
    for serial in ("A", "B", "C"):
        bind(hospital, serial, WANG, at(5), ended=serial == "C")
    bind(hospital, "D", LI, at(6))
    bind(hotel, "E", WANG, at(7))
    bind(hotel, "F", None, at(7))

    assert lines() == [
        InstallerLine(WANG, "王师傅", "32", 3, 1, 1),
        *sorted(
            [InstallerLine(LI, "", "32", 1, 0, 1), InstallerLine(WANG, "", None, 1, 0, 1)],
            key=lambda line: Box.installer_phone.fingerprint(line.phone),
        ),
    ]
    assert lines(province="32") == [one for one in lines() if one.province_code == "32"]
    assert lines(province="33") == []
    assert totals() == Totals(3, 5, 1)
    assert totals(province="32") == Totals(2, 4, 1)
    assert [*lines(limit=2), *lines(limit=2, offset=2)] == lines()


def test_month_begins_and_ends_at_midnight_in_shanghai(hospital: TenantRef) -> None:
    bind(hospital, "A", WANG, datetime(2026, 4, 30, 15, 59, tzinfo=UTC))
    bind(hospital, "B", WANG, datetime(2026, 4, 30, 16, 0, tzinfo=UTC))
    bind(hospital, "C", WANG, datetime(2026, 5, 31, 15, 59, tzinfo=UTC))
    bind(hospital, "D", WANG, datetime(2026, 5, 31, 16, 0, tzinfo=UTC))

    assert [one.boxes for one in lines(MAY)] == [2]
    assert [one.boxes for one in lines(JUNE)] == [1]


def test_box_that_is_bound_again_counts_once_for_whoever_was_first(hospital: TenantRef, hotel: TenantRef) -> None:
    bind(hospital, "A", WANG, at(5), ended=True)
    bind(hospital, "A", WANG, at(6), ended=True)
    bind(hospital, "A", LI, at(2, month=6))
    bind(hotel, "A", LI, at(3, month=6))

    assert [(one.phone, one.boxes) for one in lines(MAY)] == [(WANG, 1)]
    assert [(one.phone, one.province_code, one.boxes) for one in lines(JUNE)] == [(LI, None, 1)]


def test_many_lines_take_as_many_queries_as_one(hospital: TenantRef) -> None:
    bind(hospital, "A", WANG, at(5))
    with counted_queries() as one:
        lines()
    for number in range(5):
        bind(hospital, f"B{number}", f"1370013700{number}", at(5))
    with counted_queries() as many:
        assert len(lines()) == 6

    assert len(one) == len(many) == 3


def test_export_is_recorded_and_an_empty_month_refused(hospital: TenantRef) -> None:
    bind(hospital, "A", WANG, at(5))
    operator = actor(Role.CENTER_OPERATOR, UserId(new_id()))
    with platform_session(writes=True) as session:
        assert [one.phone for one in export_installers(Context(session, operator), MAY, None)] == [WANG]
        databases.commit(session)
    with platform_session(writes=True) as session, pytest.raises(Refused):
        export_installers(Context(session, operator), JUNE, None)
    for role in (Role.CENTER_SUPPORT, Role.CENTER_REVIEWER, Role.TENANT_ADMIN):
        with platform_session(writes=True) as session, pytest.raises(Forbidden):
            export_installers(Context(session, actor(role, UserId(new_id()))), MAY, None)

    assert recorded("report.exported") == [
        {"report": "installers", "month": "2026-05", "province_code": None, "count": 1}
    ]


class TestPages:
    def test_center_sees_all_and_a_province_its_own(self, cast: Cast, app: Flask) -> None:
        bind(cast.yunqi.tenant, "A", WANG, at(5))
        bind(cast.jiangzhou.tenant, "B", LI, at(5))

        def shown(person: object, query: str = "?month=2026-05") -> set[str]:
            page = Browser(app, person).get(f"{PATH}{query}").text  # type: ignore[arg-type]
            assert WANG not in page
            return {phone for phone in ("138****8000", "139****9000") if phone in page}

        assert shown(cast.operator) == {"138****8000", "139****9000"}
        assert shown(cast.yunqi.province) == shown(cast.yunqi.province, "?month=2026-05&province=32") == {"138****8000"}
        assert shown(cast.operator, "?month=2026-05&province=32") == {"139****9000"}
        assert shown(cast.operator, "?month=2026-06") == shown(cast.operator, "?month=nonsense") == set()

    def test_workbook_has_whole_numbers_as_text(self, cast: Cast, app: Flask) -> None:
        bind(cast.yunqi.tenant, "A", WANG, at(5))
        bind(cast.jiangzhou.tenant, "B", LI, at(5))

        answer = Browser(app, cast.yunqi.province).post(f"{PATH}?month=2026-05&province=32")

        assert answer.headers["Content-Disposition"] == 'attachment; filename="installers-2026-05-33.xlsx"'
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        assert book.get_sheet_by_index(0).to_python() == [
            ["月份", "省公司", "装维人员", "手机号", "绑定台数", "其中已解绑", "企业数"],
            ["2026-05", "浙江", "", WANG, 1.0, 0.0, 1.0],
        ]

    def test_empty_month_says_so(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.operator)

        page = browser.get(f"{PATH}?month=2026-01").text
        answer = browser.post(f"{PATH}?month=2026-01", follow_redirects=True)

        assert "2026-01 没有绑定的机顶盒" in page
        assert "还没有可导出的数据" in answer.text

    @pytest.mark.parametrize("who", ["reviewer", "support", "auditor", "app_admin"])
    def test_others_are_refused(self, cast: Cast, app: Flask, who: str) -> None:
        browser = Browser(app, getattr(cast, who))

        assert (browser.get(PATH).status_code, browser.post(PATH).status_code) == (403, 403)

    def test_member_is_refused(self, cast: Cast, app: Flask) -> None:
        assert Browser(app, cast.yunqi.admin).get(PATH).status_code == 403
