"""Reads of user groups, for their pages."""

from dataclasses import dataclass

from sqlalchemy import func, select

from portal.access.models import MemberGroup, MemberGroupMember, StaffGroup, StaffGroupMember
from portal.accounts.models import Membership, User
from portal.core.context import Context


@dataclass(frozen=True)
class Listed:
    """A user group and how many belong to it."""

    id: str
    name: str
    members: int


def listed(ctx: Context) -> list[Listed]:
    """This function will return the user groups of where the context stands, by name."""
    group, member = (StaffGroup, StaffGroupMember) if ctx.tenant is None else (MemberGroup, MemberGroupMember)
    counted = select(func.count()).select_from(member).where(member.group_id == group.id).scalar_subquery()
    rows = ctx.session.execute(select(group.id, group.name, counted).order_by(group.name))
    return [Listed(one, name, count) for one, name, count in rows]


def people(ctx: Context) -> list[tuple[str, str]]:
    """This function will return whom a group may hold, as (id, words), by name."""
    wanted = select(User.id, User.display_name, User.username).order_by(User.pinyin, User.username)
    if ctx.tenant is None:
        wanted = wanted.where(User.staff_role.is_not(None))
    else:
        wanted = wanted.join(Membership, Membership.user_id == User.id)
    return [(one, f"{name} ({username})") for one, name, username in ctx.session.execute(wanted)]
