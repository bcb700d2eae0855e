"""Ending the sessions of somebody else, where nothing else about the account is to change: a browser left open, a telephone that is gone."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.commands.members import get_member
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.commands.users import get_to_manage
from portal.accounts.queries import open_sessions
from portal.core.context import Context
from portal.core.errors import NotFound
from portal.core.ids import SessionId, UserId

_REASON = "ended_by_administrator"


def end_staff_sessions(ctx: Context, user_id: str, only: SessionId | None = None) -> None:
    """This function will end the sessions of a staff account, or `only` one; the one that asks for it goes on.

    Raises `NotFound`, also for a session that is another's or over, and `Forbidden`.
    """
    user = get_to_manage(ctx, user_id)
    _check_is_open(ctx, UserId(user.id), only)
    end_sessions(ctx, user, _REASON, keep=ctx.actor.session_id, only=only)


def end_member_sessions(ctx: Context, membership_id: str, only: SessionId | None = None) -> None:
    """This function will end the sessions that a member has in this tenant, or `only` one; the one that asks for it goes on.

    Raises `NotFound`, also for a session that is another's, over, or in another tenant.
    """
    ask(ctx, Permission.MEMBERS_MANAGE)
    _, user = get_member(ctx, membership_id)
    _check_is_open(ctx, UserId(user.id), only)
    end_sessions(ctx, user, _REASON, keep=ctx.actor.session_id, tenant_id=ctx.tenant_id, only=only)


def _check_is_open(ctx: Context, user_id: UserId, only: SessionId | None) -> None:
    if only is None:
        return
    if only not in {each.id for each in open_sessions(ctx.session, user_id, ctx.tenant.id if ctx.tenant else None)}:
        raise NotFound
