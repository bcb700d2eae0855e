"""User groups (用户组): of staff accounts for the security administrator, of members for a tenant's administrator."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from portal.access.acl import Acl
from portal.access.checks import ask
from portal.access.commands import renew
from portal.access.models import (
    AccessEntry,
    InformationEntry,
    MemberGroup,
    MemberGroupMember,
    StaffGroup,
    StaffGroupMember,
)
from portal.access.permissions import Permission
from portal.access.queries import forget
from portal.accounts.models import Membership, User
from portal.accounts.queries import check_version
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound
from portal.core.ids import is_id, new_id
from portal.core.messages import N_

LONGEST_NAME = 60
Group = StaffGroup | MemberGroup


def create_group(ctx: Context, name: str) -> str:
    """This function will create an empty user group where the context stands, and return its id; raises `Invalid` for `name`."""
    _ask(ctx)
    tidy = _checked_name(ctx, name, None)
    table = StaffGroup if ctx.tenant is None else MemberGroup
    row: Group = table(id=new_id(), name=tidy, changed_at=clock.now())
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, Event.USER_GROUP_CREATED, _target(row), name=row.name)
    return row.id


def change_group(ctx: Context, group_id: str, name: str, user_ids: Collection[str], *, version: int) -> None:
    """This function will rename a user group and say who belongs to it; it counts from their next request on.

    Raises `Invalid` for `name` and `members`, `NotFound`, `Conflict`.
    """
    _ask(ctx)
    row = get_group(ctx, group_id)
    check_version(row.version, version)
    tidy, wanted = _checked_name(ctx, name, row), set(user_ids)
    present = members_of(ctx, row)
    if not wanted <= _eligible(ctx):
        raise Invalid({"members": N_("名单里有人不在这里，请重新选择。")})
    if (tidy, wanted) == (row.name, set(present)):
        return
    row.name = tidy
    for user_id in present.keys() - wanted:
        ctx.session.delete(present[user_id])
    ctx.session.add_all(_member(row, user_id) for user_id in sorted(wanted - present.keys()))
    row.changed_at = clock.now()  # so that the version grows: whoever read an older list of members has to look again
    ctx.session.flush()
    forget(ctx.session)
    record(
        ctx,
        Event.USER_GROUP_CHANGED,
        _target(row),
        name=row.name,
        added=len(wanted - present.keys()),
        removed=len(present.keys() - wanted),
    )


def delete_group(ctx: Context, group_id: str) -> None:
    """This function will delete a user group with every entry that names it; raises `NotFound`."""
    _ask(ctx)
    row = get_group(ctx, group_id)
    for member in members_of(ctx, row).values():
        ctx.session.delete(member)
    lists = _drop_entries(ctx, row.id)
    ctx.session.flush()
    ctx.session.delete(row)
    for acl in sorted(lists):
        renew(ctx, acl)
    forget(ctx.session)
    record(ctx, Event.USER_GROUP_DELETED, _target(row), name=row.name)


def get_group(ctx: Context, group_id: str) -> Group:
    """This function will return a user group of where the context stands; raises `NotFound`."""
    table = StaffGroup if ctx.tenant is None else MemberGroup
    found: Any = ctx.session.scalar(select(table).where(table.id == group_id)) if is_id(group_id) else None
    row: Group | None = found
    if row is None:
        raise NotFound
    return row


def members_of(ctx: Context, group: Group) -> dict[str, StaffGroupMember | MemberGroupMember]:
    """This function will return the rows of a group's members by the person's id."""
    table = StaffGroupMember if isinstance(group, StaffGroup) else MemberGroupMember
    rows: Any = ctx.session.scalars(select(table).where(table.group_id == group.id))
    return {row.user_id: row for row in rows}


def _ask(ctx: Context) -> None:
    ask(ctx, Permission.ACLS_MANAGE if ctx.tenant is None else Permission.TENANT_ACL_MANAGE)


def _checked_name(ctx: Context, name: str, row: Group | None) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Invalid({"name": N_("请填写名称，最多 %(n)d 个字。", n=LONGEST_NAME)})
    table = StaffGroup if ctx.tenant is None else MemberGroup
    taken = ctx.session.scalar(select(table.id).where(table.name == tidy))
    if taken is not None and (row is None or taken != row.id):
        raise Invalid({"name": N_("已经有叫这个名称的用户组。")})
    return tidy


def _eligible(ctx: Context) -> set[str]:
    if ctx.tenant is None:
        return set(ctx.session.scalars(select(User.id).where(User.staff_role.is_not(None))))
    return set(ctx.session.scalars(select(Membership.user_id)))


def _member(group: Group, user_id: str) -> StaffGroupMember | MemberGroupMember:
    if isinstance(group, StaffGroup):
        return StaffGroupMember(group_id=group.id, user_id=user_id)
    return MemberGroupMember(group_id=group.id, user_id=user_id)


def _drop_entries(ctx: Context, group_id: str) -> set[Acl]:
    """Entries that name the group as subject, or as the place where they stand."""
    table = AccessEntry if ctx.tenant is None else InformationEntry
    as_subject = (table.subject_type == "group") & (table.subject_id == group_id)
    as_place = (table.place_type == "group") & (table.place_id == group_id)
    found = ctx.session.scalars(select(table).where(as_subject | as_place)).all()
    for entry in found:
        ctx.session.delete(entry)
    return {Acl(entry.acl) if isinstance(entry, AccessEntry) else Acl.INFORMATION for entry in found}


def _target(group: Group) -> Target:
    return Target("user_group", group.id, group.name)
