"""Carrying a report out of the house, recorded."""

from datetime import date

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core.context import Context
from portal.core.database import system_session
from portal.core.errors import Refused
from portal.core.messages import N_
from portal.reports.queries import InstallerLine, installer_lines

MOST_LINES = 50_000


def export_installers(ctx: Context, month: date, province_code: str | None) -> list[InstallerLine]:
    """This function will return a month's lines with whole phone numbers, to pay incentives by, and record that.

    Raises `Refused` for a month without any.
    """
    ask(ctx, Permission.REPORTS_EXPORT)
    with system_session(reason="installers' incentive of a month, to be exported") as session:
        lines = installer_lines(session, month, province_code, limit=MOST_LINES)
    if not lines:
        raise Refused("empty_report", N_("这个月还没有可导出的数据。"), status=409)
    name = f"{month:%Y-%m}"
    record(
        ctx,
        Event.REPORT_EXPORTED,
        Target("report", f"installers:{name}", N_("装维激励")),
        report="installers",
        month=name,
        province_code=province_code,
        count=len(lines),
    )
    return lines
