"""After how many minutes of silence a tenant is told of its boxes, and who is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.models.alerting import BoxAlerts
from portal.boxes.rules import offline_after
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid
from portal.core.ids import TenantId
from portal.core.messages import N_

MOST_MINUTES = 24 * 60
TOLD_ROLES = (Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.PROVINCE, Role.CENTER_OPERATOR)


@dataclass(frozen=True)
class Alerts:
    """What holds for a tenant: after how long of silence, and which roles are told; `version` is 0 before anybody chose."""

    after: timedelta
    roles: tuple[str, ...]
    version: int = 0

    @property
    def minutes(self) -> int:
        """The same as a number of minutes."""
        return int(self.after.total_seconds()) // 60


def alerts_of(session: Session, tenant_id: TenantId) -> Alerts:
    """This function will return what holds for the session's tenant: its own choice, or that administrators are told at once."""
    row = session.get(BoxAlerts, (tenant_id, tenant_id))
    if row is None:
        return Alerts(offline_after(), (Role.TENANT_ADMIN.value,))
    return Alerts(max(timedelta(minutes=row.after_minutes), offline_after()), tuple(row.roles), row.version)


def set_alerts(ctx: Context, version: int, after_minutes: int, roles: Collection[str]) -> None:
    """This function will set when and whom the tenant wants to be told; raises `Invalid`, `Conflict`.

    What was told stays told: a box that is silent now is told of again only after it came back.
    """
    ask(ctx, Permission.BOXES_MANAGE)
    least = int(offline_after().total_seconds()) // 60
    if not least <= after_minutes <= MOST_MINUTES:
        raise Invalid({"after_minutes": N_("请填 %(least)d 到 %(most)d 分钟。", least=least, most=MOST_MINUTES)})
    known = [role.value for role in TOLD_ROLES if role.value in roles]
    if len(known) != len(set(roles)):
        raise Invalid({"roles": N_("没有这个角色。")})
    row = ctx.session.get(BoxAlerts, (ctx.tenant_id, ctx.tenant_id))
    if (row.version if row else 0) != version:
        raise Conflict(N_("别人刚改过离线提醒，请看过再保存。"), code="newer_version")
    if row is None:
        row = BoxAlerts(id=ctx.tenant_id)
        ctx.session.add(row)
    row.after_minutes, row.roles = after_minutes, known
    target = Target("tenant", ctx.tenant_id, ctx.tenant.name if ctx.tenant else "")
    record(ctx, Event.BOX_ALERTS_SET, target, after_minutes=after_minutes, roles=known)
