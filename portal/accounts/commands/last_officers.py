"""An office whose only holder lost every factor: no two officers are left who could answer for it, so it is done on the machine."""

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import LABELS, OFFICERS, Role
from portal.accounts import queries
from portal.accounts.commands.factors import clear_factors
from portal.accounts.commands.links import issue_link, void_links
from portal.accounts.commands.users import Issued
from portal.accounts.models import User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.core.ids import UserId
from portal.core.messages import N_
from portal.notify.commands import tell

_CONFIRMING = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


def recover_last_officer(ctx: Context, username: str, reason: str) -> Issued:
    """This function will clear every factor of an office's only holder, the password too, and return a one-time link.

    Every officer is told. Raises `NotFound` for who is no officer, `Invalid` for `reason`, `Forbidden` for anybody but the command line, and `Refused`
    (`others_can`) where two officers can do it on the page.
    """
    ask(ctx, Permission.USERS_MANAGE)
    if ctx.actor != COMMAND_LINE:
        raise Forbidden(Permission.USERS_MANAGE)
    user = queries.find_user(ctx.session, username)
    if user is None or user.staff_role not in OFFICERS or user.disabled_at is not None:
        raise NotFound
    if not reason.strip():
        raise Invalid({"reason": N_("请写明原因，确认的人和审计员要看。")})
    role = Role(str(user.staff_role))
    if role not in _CONFIRMING or _others(ctx, user):
        raise Refused("others_can", N_("别的管理员还在，请由两位不同岗位的管理员在「管理员任免」里办理。"))
    clear_factors(ctx, user, password_too=True)
    void_links(ctx, user)
    target = Target("user", user.id, user.username)
    record(ctx, Event.OFFICER_RECOVERED, target, username=user.username, role=role, reason=reason.strip())
    told = N_(
        "服务器上清除了%(role)s %(username)s 的登录方式，原因：%(reason)s。",
        role=LABELS[role],
        username=user.username,
        reason=reason.strip(),
    )
    for office in sorted(OFFICERS):
        tell(
            ctx,
            told,
            key=f"recovered:{user.id}:{clock.now():%Y%m%d%H%M%S}:{office}",
            role=office,
            link="/admin/officers",
        )
    return Issued(UserId(user.id), user.username, issue_link(ctx, user))


def _others(ctx: Context, user: User) -> bool:
    """Whether somebody else holds the office and can sign in: that one and another office could do it."""
    holders = ctx.session.scalars(
        select(User).where(User.staff_role == user.staff_role, User.id != user.id, User.disabled_at.is_(None))
    )
    return any(each.password_hash is not None for each in holders)
