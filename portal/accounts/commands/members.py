"""The members of a tenant: who belongs to it, in which role, and their first way in."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.commands import forget_member
from portal.access.permissions import Permission
from portal.access.roles import MEMBERS, Role
from portal.accounts import queries, rules
from portal.accounts.commands.links import issue_link, void_links
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.commands.users import CHOOSE_ROLE, Issued, new_user
from portal.accounts.models import Membership, User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import GroupId, MembershipId, UserId, is_id
from portal.core.messages import N_, Message
from portal.tenants.models import BoxGroup


@dataclass(frozen=True)
class Added:
    """A new member; `issued` is the one-time link of an account that was opened for it."""

    id: MembershipId
    username: str
    issued: Issued | None


def add_member(ctx: Context, username: str, name: str, role: Role, group_id: GroupId | None = None) -> Added:
    """This function will make somebody a member of the context's tenant, opening an account where there is none.

    Raises `Invalid` for the fields `username`, `display_name`, `role`, `group_id`.
    """
    ask(ctx, Permission.MEMBERS_MANAGE)
    errors = _role_errors(ctx, role, group_id)
    user = queries.find_user(ctx.session, rules.username(username))
    is_new = user is None
    if user is None:
        user = new_user(ctx, username, name, errors)
        ctx.session.add(user)
        ctx.session.flush()
        record(ctx, Event.USER_CREATED, Target("user", user.id, user.username), username=user.username, role=role)
    else:
        _check_joins(ctx, user, errors)
    membership = Membership(tenant_id=ctx.tenant_id, user_id=user.id, role=role, group_id=group_id)
    ctx.session.add(membership)
    ctx.session.flush()
    _record(ctx, Event.MEMBER_ADDED, membership, user)
    issued = Issued(UserId(user.id), user.username, issue_link(ctx, user)) if is_new else None
    return Added(MembershipId(membership.id), user.username, issued)


def change_member(ctx: Context, membership_id: str, role: Role, group_id: GroupId | None, *, version: int) -> None:
    """This function will change a member's role or, for a group editor, the group.

    The member's sessions in the tenant end, so that nobody goes on in the middle of work with rights that are others. Raises `Invalid`, `NotFound`, `Conflict`, and `Refused` for the own role
    (`own_role`) and the last administrator (`last_admin`).
    """
    ask(ctx, Permission.MEMBERS_MANAGE)
    membership, user = get_member(ctx, membership_id)
    queries.check_version(membership.version, version)
    errors = _role_errors(ctx, role, group_id)
    if errors:
        raise Invalid(errors)
    if (membership.role, membership.group_id) == (role, group_id):
        return
    _may_lose_role(ctx, membership, role)
    membership.role, membership.group_id = role, group_id
    _record(ctx, Event.MEMBER_CHANGED, membership, user)
    end_sessions(ctx, user, "role_changed", tenant_id=ctx.tenant_id)


def remove_member(ctx: Context, membership_id: str) -> None:
    """This function will take somebody out of the tenant, its user groups and its access list, and end the sessions there.

    The account itself stays.

    Raises `NotFound`, and `Refused` as `change_member` does.
    """
    ask(ctx, Permission.MEMBERS_MANAGE)
    membership, user = get_member(ctx, membership_id)
    _may_lose_role(ctx, membership, None)
    if _is_ours(user):
        void_links(ctx, user)
    forget_member(ctx, user.id)
    ctx.session.delete(membership)
    record(ctx, Event.MEMBER_REMOVED, Target("membership", membership.id, user.username), username=user.username)
    end_sessions(ctx, user, "member_removed", tenant_id=ctx.tenant_id)


def issue_member_link(ctx: Context, membership_id: str) -> Issued:
    """This function will issue a new one-time link for a member, for whoever lost it, the password or the phone.

    Raises `NotFound`, and `Refused` for the own account (`own_link`) and for somebody who belongs to other tenants too
    (`shared_account`): the link opens every tenant of the account.
    """
    ask(ctx, Permission.MEMBERS_MANAGE)
    _, user = get_member(ctx, membership_id)
    if user.id == ctx.actor.user_id:
        raise Refused("own_link", N_("不能给自己发链接，请另一位管理员办理。"))
    if not _is_ours(user):
        raise Refused("shared_account", N_("这位用户还属于别的企业，请他联系运营中心重设。"))
    return Issued(UserId(user.id), user.username, issue_link(ctx, user))


def get_own_member(ctx: Context, membership_id: str) -> User:
    """This function will return the account of a member who belongs to this tenant alone.

    Raises `NotFound`, and `Refused` (`shared_account`) for somebody who belongs to other tenants too.
    """
    _, user = get_member(ctx, membership_id)
    if not _is_ours(user):
        raise Refused("shared_account", N_("这位用户还属于别的企业，请他联系运营中心重设。"))
    return user


def void_member_link(ctx: Context, membership_id: str) -> None:
    """This function will make a member's open one-time link worthless; raises `NotFound`, also where there is none."""
    ask(ctx, Permission.MEMBERS_MANAGE)
    _, user = get_member(ctx, membership_id)
    if not _is_ours(user) or not void_links(ctx, user):
        raise NotFound


def get_member(ctx: Context, membership_id: str) -> tuple[Membership, User]:
    """This function will return a member of the context's tenant and the account; raises `NotFound`. The caller asks."""
    membership = ctx.session.get(Membership, (ctx.tenant_id, membership_id))
    if membership is None:
        raise NotFound
    return membership, queries.get_user(ctx.session, membership.user_id)


def _role_errors(ctx: Context, role: Role, group_id: GroupId | None) -> dict[str, Message]:
    errors: dict[str, Message] = {}
    if role not in MEMBERS:
        errors["role"] = CHOOSE_ROLE
    if (role == Role.GROUP_EDITOR) != (group_id is not None):
        errors["group_id"] = N_("分组编辑要选一个分组，其他角色不选。")
    elif group_id is not None and not (is_id(group_id) and _has_group(ctx, group_id)):
        errors["group_id"] = N_("没有这个分组。")
    return errors


def _has_group(ctx: Context, group_id: GroupId) -> bool:
    return ctx.session.get(BoxGroup, (ctx.tenant_id, group_id)) is not None


def _check_joins(ctx: Context, user: User, errors: dict[str, Message]) -> None:
    """Somebody else's account joins only when its owner has set it up, and then no open link may lead into it."""
    if user.staff_role is not None or user.disabled_at is not None:
        errors["username"] = N_("这个账号不能加入企业，请换一个用户名。")
    elif ctx.session.scalar(select(Membership.id).where(Membership.user_id == user.id)) is not None:
        errors["username"] = N_("这位用户已经是成员了。")
    elif user.password_hash is None:
        errors["username"] = N_("这个账号还没有启用，等他第一次登录后再加入，或换一个用户名。")
    if errors:
        raise Invalid(errors)
    void_links(ctx, user)


def _may_lose_role(ctx: Context, membership: Membership, new_role: Role | None) -> None:
    if membership.user_id == ctx.actor.user_id:
        raise Refused("own_role", N_("不能改动自己的角色，也不能移除自己，请另一位管理员办理。"))
    if membership.role != Role.TENANT_ADMIN or new_role == Role.TENANT_ADMIN:
        return
    admins = ctx.session.scalars(
        select(Membership.id).where(Membership.role == Role.TENANT_ADMIN).with_for_update()
    ).all()
    if admins == [membership.id]:
        raise Refused("last_admin", N_("这是最后一名企业管理员，请先设立另一名。"))


def _is_ours(user: User) -> bool:
    """Whether the account opens this tenant alone."""
    return user.staff_role is None and len(queries.seats_of(user.id)) <= 1


def _record(ctx: Context, event: Event, membership: Membership, user: User) -> None:
    group = ctx.session.get(BoxGroup, (ctx.tenant_id, membership.group_id)) if membership.group_id else None
    record(
        ctx,
        event,
        Target("membership", membership.id, user.username),
        username=user.username,
        role=membership.role,
        group=group.name if group else None,
    )
