"""What the chart of each first page counts. Every `system` is a session over all tenants."""

from sqlalchemy.orm import Session

from portal.access.policy import own_groups
from portal.audit.events import Event
from portal.audit.log import DONE
from portal.audit.models import AuditRecord
from portal.boxes.models.bound import Box
from portal.boxes.queries.conditions import in_province
from portal.core.context import Context
from portal.core.messages import N_
from portal.core.outbox import OutboxRow
from portal.dashboard.queries.days import Chart, counted_by_day, two_weeks
from portal.orders.models import Grant
from portal.reports.played.queries import Asked, by_day
from portal.review.models import SubmissionItem


def plays(ctx: Context) -> Chart:
    """This function will return how often the tenant's boxes played its content; a group editor's own groups' alone."""
    days = two_weeks()
    found = by_day(ctx.session, Asked(days[0], days[-1], groups=own_groups(ctx.actor)))
    nothing = N_("机顶盒还没有报过播放，装好、联网后这里按天统计。")
    return Chart(N_("近两周的播放"), N_("播放次数"), nothing, found)


def decisions(system: Session) -> Chart:
    """This function will return how many objects were decided."""
    found = counted_by_day(system, SubmissionItem.decided_at)
    return Chart(N_("近两周的审核"), N_("审完的项数"), N_("这两周还没有审过内容。"), found)


def installed(system: Session, province_code: str | None) -> Chart:
    """This function will return how many boxes were bound, in one province's enterprises where it is given."""
    conditions = () if province_code is None else (in_province(Box.tenant_id, province_code),)
    found = counted_by_day(system, Box.bound_at, *conditions)
    return Chart(N_("近两周装好的机顶盒"), N_("绑定台数"), N_("这两周没有新装的机顶盒。"), found)


def grants(system: Session) -> Chart:
    """This function will return how many features were granted beyond packages."""
    found = counted_by_day(system, Grant.granted_at)
    return Chart(N_("近两周的授权"), N_("新的授权"), N_("这两周没有新的授权。"), found)


def refused(system: Session) -> Chart:
    """This function will return how many acts were refused or failed."""
    found = counted_by_day(system, AuditRecord.at, AuditRecord.outcome != DONE)
    return Chart(N_("近两周的拒绝和失败"), N_("拒绝和失败"), N_("这两周没有被拒绝或失败的操作。"), found)


def failed_sign_ins(system: Session) -> Chart:
    """This function will return how many sign-ins failed."""
    found = counted_by_day(system, AuditRecord.at, AuditRecord.event == Event.SIGN_IN_FAILED.value)
    return Chart(N_("近两周的登录失败"), N_("登录失败"), N_("这两周没有登录失败。"), found)


def work_done(system: Session) -> Chart:
    """This function will return how much the worker did."""
    found = counted_by_day(system, OutboxRow.done_at)
    return Chart(N_("近两周的后台工作"), N_("做完的件数"), N_("这两周没有做过后台工作。"), found)
