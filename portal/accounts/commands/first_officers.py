"""The first start: one account for each of the three officers, and a one-time link that sets it up."""

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import LABELS, Role
from portal.accounts.commands.links import issue_link
from portal.accounts.commands.users import Issued, add_staff
from portal.accounts.models import User
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import UserId
from portal.core.messages import N_

# The order in which they are told; the names are no secret and can be changed by nobody but a new account.
_FIRST = {
    Role.SYSTEM_ADMIN: "system-admin",
    Role.SECURITY_ADMIN: "security-admin",
    Role.AUDITOR: "auditor",
}


def appoint_first_officers(ctx: Context) -> list[tuple[Role, Issued]]:
    """This function will open an account for each office that is vacant, and return its link, and a new link for each that was
    opened and never set up.

    An office whose holder has set up the account is left alone. Raises `Refused` (`already_appointed`) where all three are held.
    """
    ask(ctx, Permission.USERS_MANAGE)
    appointed = [(role, issued) for role in _FIRST if (issued := _appoint(ctx, role)) is not None]
    if not appointed:
        raise Refused("already_appointed", N_("三名管理员都已启用，不能再从命令行发链接；请由安全管理员在页面上办理。"))
    return appointed


def _appoint(ctx: Context, role: Role) -> Issued | None:
    holders = ctx.session.scalars(select(User).where(User.staff_role == role)).all()
    if not holders:
        return add_staff(ctx, _FIRST[role], str(LABELS[role]), role)
    if any(holder.password_hash is not None for holder in holders):
        return None
    waiting = holders[0]
    return Issued(UserId(waiting.id), waiting.username, issue_link(ctx, waiting))
