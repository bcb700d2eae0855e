"""Support sessions: somebody of the center looks into a tenant, for a reason, for half an hour, and the tenant sees it."""

from datetime import timedelta

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.models import SupportSession
from portal.access.permissions import Permission
from portal.access.roles import MEMBERS, PORTAL_ITSELF, Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import is_id, new_id
from portal.core.messages import N_
from portal.notify.commands import tell

LASTS = timedelta(minutes=30)
FRESH = timedelta(minutes=15)
LONGEST_REASON = 300


def open_support(ctx: Context, reason: str) -> str:
    """This function will open a support session in the context's tenant, for half an hour, and return its id.

    The tenant's administrators are told. Raises `Invalid` for `reason`, `Refused` where one is open already (`open_already`) and
    where who asks has not proven who it is just now (`not_fresh`).
    """
    ask(ctx, Permission.SUPPORT_OPEN)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid({"reason": N_("请写明原因，最多 %(n)d 个字；企业的管理员会看到。", n=LONGEST_REASON)})
    if ctx.actor.support is not None:
        name = ctx.actor.support.tenant.name
        raise Refused("open_already", N_("您在「%(name)s」的支持会话还没有结束。", name=name), status=409)
    at = clock.now()
    if ctx.actor.authenticated_at is None or ctx.actor.authenticated_at < at - FRESH:
        raise Refused("not_fresh", N_("请重新登录，再打开支持会话。"), status=403)
    row = SupportSession(
        id=new_id(),
        user_id=str(ctx.actor.user_id),
        session_id=str(ctx.actor.session_id),
        reason=reason.strip(),
        opened_at=at,
        expires_at=at + LASTS,
    )
    ctx.session.add(row)
    ctx.session.flush()
    until = row.expires_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    record(ctx, Event.SUPPORT_OPENED, _target(row), reason=row.reason, until=until)
    message = N_(
        "运营中心 %(name)s 打开了支持会话，到 %(until)s：%(reason)s",
        name=ctx.actor.display_name,
        until=until,
        reason=row.reason,
    )
    link = f"/e/{ctx.tenant.enterprise_id}/support" if ctx.tenant else ""
    tell(ctx, message, key=f"support:{row.id}", role=Role.TENANT_ADMIN, link=link)
    return row.id


def end_support(ctx: Context, support_id: str) -> None:
    """This function will end a support session now: one's own, or, for the tenant's administrator and the clock, anybody's.

    One that is over stays as it is. Raises `NotFound`, for a colleague's too.
    """
    ask(ctx, Permission.SUPPORT_END)
    wanted = select(SupportSession).where(SupportSession.id == support_id).with_for_update()
    row = ctx.session.scalar(wanted) if is_id(support_id) else None
    of_tenant = ctx.actor.role in MEMBERS
    by_clock = ctx.actor.role in PORTAL_ITSELF
    if row is None or not (of_tenant or by_clock or row.user_id == ctx.actor.user_id):
        raise NotFound
    if row.ended_at is not None:
        return
    row.ended_at, row.ended_by = min(clock.now(), row.expires_at), ctx.actor.user_id
    row.end_reason = "expired" if by_clock else "by_tenant" if of_tenant else "by_staff"
    record(ctx, Event.SUPPORT_ENDED, _target(row), reason=row.end_reason)


def _target(row: SupportSession) -> Target:
    return Target("support_session", row.id, row.reason[:80])
