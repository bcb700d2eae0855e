"""Accounts of the center and the provinces, and what all accounts have in common."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.access.acl import EVERYTHING, ROOT, Place
from portal.access.checks import ask
from portal.access.models import StaffGroupMember
from portal.access.permissions import Permission
from portal.access.roles import LABELS, LAYER_OF, OFFICERS, STAFF, Role
from portal.accounts import queries, rules
from portal.accounts.commands.links import issue_link, void_links
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.models import User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.core.ids import UserId, new_id
from portal.core.messages import N_, Message
from portal.core.pinyin import pinyin_of
from portal.tenants.models import Province

CHOOSE_ROLE = N_("请选择一个角色。")
_TWO_OFFICERS = N_("系统管理员、安全管理员和审计员由两位不同岗位的管理员共同任免，请到「管理员任免」提请。")
_OTHER_LAYER = N_("一个账号只属于一个管理层，不能换到别的层；请另开一个账号。")
_LONGEST_PINYIN = 200


@dataclass(frozen=True)
class Issued:
    """An account and the token of the link that sets it up; the token is shown once and not kept."""

    user_id: UserId
    username: str
    token: str


def add_staff(ctx: Context, username: str, name: str, role: Role, province_code: str | None = None) -> Issued:
    """This function will open an account for somebody of the center or of a province.

    Raises `Invalid` for the fields `username`, `display_name`, `role`, `province_code`. Officers are opened by `officers.confirm`; only the
    command line opens them here, until there is one of each kind.
    """
    ask(ctx, Permission.USERS_MANAGE, about=EVERYTHING)
    errors = _role_errors(ctx, role, province_code)
    if role in OFFICERS and ctx.actor != COMMAND_LINE:
        errors["role"] = _TWO_OFFICERS
    elif role in OFFICERS and _officers_complete(ctx):
        raise Forbidden(Permission.USERS_MANAGE, N_("三名管理员都已设立，命令行不能再设；请在页面上由两位管理员办理。"))
    return open_staff(ctx, username, name, role, province_code, errors)


def open_staff(
    ctx: Context, username: str, name: str, role: Role, province_code: str | None, errors: dict[str, Message]
) -> Issued:
    """This function will open a staff account with its one-time link; the caller asks. Raises `Invalid` with `errors` and its own."""
    user = new_user(ctx, username, name, errors)
    user.staff_role, user.province_code = role, province_code
    ctx.session.add(user)
    ctx.session.flush()
    record(ctx, Event.USER_CREATED, Target("user", user.id, user.username), username=user.username, role=role)
    return Issued(UserId(user.id), user.username, issue_link(ctx, user))


def change_staff(ctx: Context, user_id: str, name: str, role: Role, province_code: str | None, *, version: int) -> None:
    """This function will change the name, role or province of a staff account; a change of role ends its sessions.

    An officer keeps the office and every account its layer. Raises `Invalid`, `NotFound`, `Conflict` where `version` is not the newest,
    and `Refused` for the own role (`own_role`).
    """
    user = get_to_manage(ctx, user_id)
    queries.check_version(user.version, version)
    errors = _role_errors(ctx, role, province_code)
    if role != user.staff_role and "role" not in errors:
        errors |= _stays_in_layer(ctx, user, role)
    tidy = _checked_name(name, errors)
    if errors:
        raise Invalid(errors)
    wanted = {"display_name": tidy, "staff_role": role, "province_code": province_code}
    changed = sorted(key for key, value in wanted.items() if getattr(user, key) != value)
    if not changed:
        return
    if changed != ["display_name"]:
        _may_lose_role(ctx, user)
        end_sessions(ctx, user, "role_changed")
    for key in changed:
        setattr(user, key, wanted[key])
    user.pinyin = pinyin_of(tidy, _LONGEST_PINYIN)
    record(ctx, Event.USER_CHANGED, Target("user", user.id, user.username), fields=changed)


def disable_user(ctx: Context, user_id: str) -> None:
    """This function will disable a staff account and end its sessions and links.

    Raises `NotFound`, and `Refused` for one's own account and the last officer of a kind.
    """
    user = get_to_manage(ctx, user_id)
    if user.disabled_at is not None:
        return
    _may_lose_role(ctx, user)
    user.disabled_at = clock.now()
    void_links(ctx, user)
    record(ctx, Event.USER_DISABLED, Target("user", user.id, user.username), username=user.username)
    end_sessions(ctx, user, "disabled")


def enable_user(ctx: Context, user_id: str) -> None:
    """This function will let a disabled staff account sign in again; raises `NotFound`, and `Refused` for an officer's."""
    user = get_to_manage(ctx, user_id)
    if user.disabled_at is None:
        return
    is_no_officer(user)
    open_again(ctx, user)


def open_again(ctx: Context, user: User) -> None:
    """This function will take back that an account was disabled; the caller asks."""
    user.disabled_at = None
    record(ctx, Event.USER_ENABLED, Target("user", user.id, user.username), username=user.username)


def issue_staff_link(ctx: Context, user_id: str) -> Issued:
    """This function will issue a new one-time link for a staff account and void older ones; raises `NotFound`.

    Nobody issues a link for the own account: a session left open would be enough to take it over. One for an officer would let whoever
    issues it become that officer, so it takes two (`two_officers`).
    """
    user = get_to_manage(ctx, user_id)
    if user.id == ctx.actor.user_id:
        raise Refused("own_link", N_("不能给自己发链接，请另一位管理员办理。"))
    is_no_officer(user)
    return Issued(UserId(user.id), user.username, issue_link(ctx, user))


def get_staff(ctx: Context, user_id: str) -> User:
    """This function will return a staff account; raises `NotFound`, for members' accounts too."""
    user = queries.get_user(ctx.session, user_id)
    if user.staff_role is None:
        raise NotFound
    return user


def get_to_manage(ctx: Context, user_id: str) -> User:
    """This function will return a staff account that the actor may manage, by itself and by each of its groups.

    Raises `Forbidden` and `NotFound`.
    """
    ask(ctx, Permission.USERS_MANAGE)
    user = get_staff(ctx, user_id)
    groups = ctx.session.scalars(select(StaffGroupMember.group_id).where(StaffGroupMember.user_id == user.id))
    about = [(Place("account", user.id), ROOT), *((Place("group", group), ROOT) for group in groups)]
    ask(ctx, Permission.USERS_MANAGE, about=about)
    return user


def new_user(ctx: Context, username: str, name: str, errors: dict[str, Message]) -> User:
    """This function will return an account that is not stored yet; raises `Invalid` with `errors` and its own."""
    folded = rules.username(username)
    if problem := rules.username_problem(folded):
        errors["username"] = problem
    elif queries.find_user(ctx.session, folded) is not None:
        errors["username"] = N_("这个用户名已经有人用了，请换一个。")
    tidy = _checked_name(name, errors)
    if errors:
        raise Invalid(errors)
    return User(
        id=new_id(),
        username=folded,
        display_name=tidy,
        pinyin=pinyin_of(tidy, _LONGEST_PINYIN),
        created_at=clock.now(),
        totp_last_step=0,
    )


def _checked_name(name: str, errors: dict[str, Message]) -> str:
    tidy = rules.display_name(name)
    if problem := rules.display_name_problem(tidy):
        errors["display_name"] = problem
    return tidy


def _role_errors(ctx: Context, role: Role, province_code: str | None) -> dict[str, Message]:
    errors: dict[str, Message] = {}
    if role not in STAFF:
        errors["role"] = CHOOSE_ROLE
    if (role == Role.PROVINCE) != (province_code is not None):
        errors["province_code"] = N_("省公司的账号要选一个省，其他角色不选。")
    elif province_code is not None and ctx.session.get(Province, province_code) is None:
        errors["province_code"] = N_("没有这个省。")
    return errors


def _stays_in_layer(ctx: Context, user: User, role: Role) -> dict[str, Message]:
    if user.id == ctx.actor.user_id:
        return {}  # refused as one's own role, which says more
    if role in OFFICERS or user.staff_role in OFFICERS:
        return {"role": _TWO_OFFICERS}
    return {} if LAYER_OF[role] is LAYER_OF[Role(str(user.staff_role))] else {"role": _OTHER_LAYER}


def is_no_officer(user: User) -> None:
    """This function will raise `Refused` (`two_officers`) for an officer's account."""
    if user.staff_role in OFFICERS:
        raise Refused("two_officers", _TWO_OFFICERS)


def _may_lose_role(ctx: Context, user: User) -> None:
    """Refuse what would take the own role, or leave one of the three offices empty; the rows are locked meanwhile."""
    if user.id == ctx.actor.user_id:
        raise Refused("own_role", N_("不能改动自己的角色，也不能停用自己，请另一位管理员办理。"))
    if user.staff_role not in OFFICERS or user.disabled_at is not None:
        return
    holders = ctx.session.scalars(
        select(User.id)
        .where(User.staff_role == user.staff_role, User.disabled_at.is_(None))
        .order_by(User.id)  # two who lock in the same order never wait for each other
        .with_for_update()
    ).all()
    if holders == [user.id]:
        raise Refused("last_officer", N_("这是最后一名%(role)s，请先设立另一名。", role=LABELS[Role(user.staff_role)]))


def _officers_complete(ctx: Context) -> bool:
    held = ctx.session.scalars(select(User.staff_role).where(User.staff_role.in_(OFFICERS)).distinct()).all()
    return set(held) == OFFICERS
