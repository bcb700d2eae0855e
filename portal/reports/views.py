"""Pages of reports, and their files."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.access.policy import own_province
from portal.catalog.catalogue import catalogue
from portal.catalog.months import add_months, first_of_month
from portal.core import clock
from portal.core.database import system_session
from portal.core.errors import Refused
from portal.core.sheets import Cell, temporary_book
from portal.reports.commands import export_installers
from portal.reports.queries import InstallerLine, installer_lines, installer_totals
from portal.web.access import needs
from portal.web.i18n import language, translate
from portal.web.paging import Page, Paging, list_address
from portal.web.state import ctx, state

blueprint = Blueprint("reports", __name__, url_prefix="/center/reports")

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OFFERED_MONTHS = 24
_YEAR_AND_MONTH = 7


@blueprint.get("/installers")
@needs(Permission.REPORTS_VIEW)
def installers() -> str:
    """This function will show which installers bound how many boxes in a month; a province sees its own enterprises."""
    month, province, paging = _month(), _province(), Paging.from_request(["boxes"], default="boxes", descending=True)
    with system_session(reason="installers' incentive of a month") as session:
        totals = installer_totals(session, month, province)
        offset = (paging.number - 1) * paging.size
        lines = installer_lines(session, month, province, limit=paging.size, offset=offset)
    return render_template(
        "reports/installers.html",
        page=Page(lines, totals.lines, paging),
        totals=totals,
        month=f"{month:%Y-%m}",
        province=province,
        book=catalogue(),
        chips=_chips(f"{month:%Y-%m}", province),
        link=_link,
    )


@blueprint.post("/installers")
@needs(Permission.REPORTS_EXPORT)
def export() -> Any:
    """This function will hand the month out as Excel, with whole phone numbers."""
    month, province = _month(), _province()
    try:
        lines = export_installers(ctx(), month, province)
    except Refused as refused:
        flash(translate(refused.message), "error")
        return redirect(
            url_for("reports.installers", month=f"{month:%Y-%m}", province=request.args.get("province")), 303
        )
    name = quote(f"installers-{month:%Y-%m}{'-' + province if province else ''}.xlsx")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_workbook(f"{month:%Y-%m}", lines), content_type=_WORKBOOK, headers=headers)


def _workbook(month: str, lines: Iterable[InstallerLine]) -> bytes:
    columns = [
        (_("月份"), 10), (_("省公司"), 14), (_("装维人员"), 14), (_("手机号"), 16),
        (_("绑定台数"), 12), (_("其中已解绑"), 12), (_("企业数"), 10),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [month, _named(one.province_code), one.name, one.phone, one.boxes, one.ended, one.enterprises] for one in lines
    ]
    with temporary_book() as (book, path):
        book.sheet(_("装维激励"), columns, rows)
        book.close()
        return path.read_bytes()


def _named(province_code: str | None) -> str:
    entry = catalogue().provinces.get(province_code or "")
    return entry.name.in_language(language()) if entry else _("运营中心（全国）")


def _month() -> date:
    """The month of the address, this month where it names none."""
    try:
        asked = request.args.get("month", "")
        return date.fromisoformat(f"{asked}-01") if len(asked) == _YEAR_AND_MONTH else first_of_month(clock.today())
    except ValueError:
        return first_of_month(clock.today())


def _province() -> str | None:
    own = own_province(state().actor)
    if own is not None:
        return own
    asked = request.args.get("province", "")
    return asked if asked in catalogue().provinces else None


def _link(**changes: str | int | None) -> str:
    return list_address("reports.installers", changes)


def _chips(month: str, province: str | None) -> list[dict[str, Any]]:
    first = first_of_month(clock.today())
    months = {f"{add_months(first, -n):%Y-%m}": f"{add_months(first, -n):%Y-%m}" for n in range(_OFFERED_MONTHS)}
    provinces = {code: entry.name.in_language(language()) for code, entry in catalogue().provinces.items()}
    shown = [(_("月份"), "month", month, months | {month: month})]
    if own_province(state().actor) is None:
        shown.append((_("省公司"), "province", province or "", provinces))
    return [
        {
            "label": label,
            "value": words.get(value, ""),
            "clear": _link(**{name: None}),
            "options": [(text, _link(**{name: code}), code == value) for code, text in words.items()],
        }
        for label, name, value, words in shown
    ]
