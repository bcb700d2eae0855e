"""What the request pipeline asks of this room: who stands behind a token, that a session is in use, preferences.

Each function works in short sessions of its own and is over when it returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, CursorResult, ScalarSelect, Select, and_, bindparam, func, select, update
from sqlalchemy.orm import aliased

from portal.access.checks import ask
from portal.access.models import SupportSession
from portal.access.permissions import Permission
from portal.access.roles import LAYER_OF, STAFF, Role
from portal.accounts import levels, profile
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.gate.models import RolePolicy
from portal.accounts.models import Membership, RoleLevel, SessionActivity, User, UserSession
from portal.accounts.rules import may_rest
from portal.accounts.states import Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock, database
from portal.core.context import SYSTEM, Actor, Context, Support, TenantRef
from portal.core.ids import GroupId, SessionId, TenantId, UserId
from portal.tenants.models import Tenant
from portal.tenants.queries import group_tree, reference
from portal.web.hooks import SignedIn

_PREFERENCES = frozenset({"theme", "density", "language", "hidden_columns"})
_Supported = aliased(Tenant)
_Found = tuple[
    UserSession, SessionActivity, User, Membership | None, Tenant | None, int, int | None, int | None,
    SupportSession | None, Tenant | None, bool,
]  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How long a session lives unused, and how long in any case."""

    idle: timedelta
    absolute: timedelta

    @classmethod
    def of(cls, idle_minutes: int, absolute_hours: int) -> "Limits":
        """This function will return the limits that an installation's settings name."""
        return cls(timedelta(minutes=idle_minutes), timedelta(hours=absolute_hours))

    def load_session(self, hashed: str) -> SignedIn | None:
        """This function will do what `load_session` of the module does, under these limits."""
        return load_session(hashed, idle=self.idle)


def load_session(hashed: str, *, idle: timedelta) -> SignedIn | None:
    """This function will return the live session with this token hash, with role and tenant as they are now, or None.

    A session that was not used for `idle`, or for as long as its role may rest, ends here, and that is recorded once. One that is half signed in has an actor of
    level 0 without a role.
    """
    found = _find(hashed)
    if found is None:
        return None
    row, activity, user, membership, tenant, tenants, idle_minutes, role_level, support, supported, holds_key = found
    if row.ended_at is not None or user.disabled_at is not None:
        return None
    unused = may_rest(idle_minutes, idle)
    ends_at = row.expires_at if row.auth_level == 0 else min(row.expires_at, activity.seen_at + unused)
    if ends_at <= clock.now():
        if row.auth_level > 0:
            _run_out(row, user, tenant, "idle" if ends_at < row.expires_at else "absolute")
        return None
    actor = _actor(row, user, membership, tenant)
    if actor is None:
        return None
    actor = replace(actor, holds_key=bool(holds_key))
    if support is not None and supported is not None:
        actor = replace(actor, support=Support(support.id, reference(supported), support.expires_at))
    return SignedIn(
        SessionId(row.id),
        actor,
        reference(tenant) if tenant else None,
        activity.seen_at,
        ends_at,
        user.language,
        user.theme,
        user.density,
        activity.data,
        tenants,
        int(unused.total_seconds() // 60),
        levels.required(actor.role, role_level, user, membership, tenant) if actor.role else 0,
        row.auth_method != Method.PASSKEY and profile.is_due(user.password_changed_at, row.authenticated_at),
        user.hidden_columns,
    )


def touch_session(session_id: SessionId, data: Mapping[str, Any] | None, active: bool) -> None:
    """This function will note that a session was used, if `active`, and keep `data` where there is any.

    Of two requests at once the later one's data stays; nothing in it matters for long.
    """
    values: dict[str, Any] = {}
    if active:
        values["seen_at"] = clock.now()
    if data is not None:
        values["data"] = dict(data)
    if not values:
        return
    with database.platform_session(writes=True) as session:
        session.execute(update(SessionActivity).where(SessionActivity.session_id == session_id).values(values))
        database.commit(session)


def save_preferences(actor: Actor, chosen: Mapping[str, Any]) -> None:
    """This function will keep a person's theme, density, language or hidden columns; other keys are passed over."""
    wanted = {key: value for key, value in chosen.items() if key in _PREFERENCES}
    with database.platform_session(writes=True) as session:
        ctx = Context(session, actor)
        user = session.get(User, actor.user_id)
        changed = sorted(key for key, value in wanted.items() if user and getattr(user, key) != value)
        if not changed:
            return
        ask(ctx, Permission.SELF_MANAGE)
        for key in changed:
            setattr(user, key, wanted[key])
        record(ctx, Event.PREFERENCES_CHANGED, Target("user", str(actor.user_id), actor.username), fields=changed)
        database.commit(session)


def _find(hashed: str) -> _Found | None:
    asked = {"hashed": hashed, "now": clock.now()}
    with database.system_session(reason="the role of a session in its tenant, before the tenant is known") as session:
        found = session.execute(_finding(), asked).one_or_none()
        return (
            None if found is None else cast(_Found, tuple(found))
        )  # an outer join may find nothing, which types do not say


@cache
def _finding() -> Select[Any]:
    """The statement, made once: making it takes longer than running it, and every request runs it."""
    each = aliased(Membership)
    now: BindParameter[datetime] = bindparam("now")
    tenants = select(func.count()).select_from(each).where(each.user_id == UserSession.user_id).scalar_subquery()
    return (
        select(
            UserSession,
            SessionActivity,
            User,
            Membership,
            Tenant,
            tenants,
            RolePolicy.idle_minutes,
            RoleLevel.level,
            SupportSession,
            _Supported,
            levels.holds_key(UserSession, now),
        )
        .join(SessionActivity, SessionActivity.session_id == UserSession.id)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(
            Membership, and_(Membership.tenant_id == UserSession.tenant_id, Membership.user_id == UserSession.user_id)
        )
        .outerjoin(Tenant, Tenant.id == UserSession.tenant_id)
        .outerjoin(RolePolicy, RolePolicy.role == func.coalesce(Membership.role, User.staff_role))
        .outerjoin(RoleLevel, RoleLevel.role == func.coalesce(Membership.role, User.staff_role))
        .outerjoin(SupportSession, SupportSession.id == _newest_support(now))
        .outerjoin(_Supported, _Supported.id == SupportSession.tenant_id)
        .where(UserSession.token_hash == bindparam("hashed"))
    )


def _newest_support(now: BindParameter[Any]) -> ScalarSelect[str]:
    """The support session that is open in the session, should two have been opened at once the later one."""
    each = aliased(SupportSession)
    is_open = (each.ended_at.is_(None)) & (each.expires_at > now)
    wanted = select(each.id).where(each.session_id == UserSession.id, is_open)
    return wanted.order_by(each.id.desc()).limit(1).scalar_subquery()


def _actor(row: UserSession, user: User, membership: Membership | None, tenant: Tenant | None) -> Actor | None:
    """The person as the session stands now; None where the role it was opened for is gone."""
    if row.auth_level == 0:
        return _person(row, user, "")
    if tenant is None:
        return _person(row, user, user.staff_role) if user.staff_role in STAFF else None
    if membership is None or user.staff_role is not None:
        return None
    group = GroupId(membership.group_id) if membership.group_id else None
    return _person(row, user, membership.role, tenant=reference(tenant), group=group)


def _person(
    row: UserSession, user: User, role: str, *, tenant: TenantRef | None = None, group: GroupId | None = None
) -> Actor:
    return Actor(
        user_id=UserId(user.id),
        username=user.username,
        display_name=user.display_name,
        role=role,
        layer=LAYER_OF[Role(role)] if role else "",
        province_code=user.province_code if tenant is None else None,
        tenant_id=tenant.id if tenant else None,
        group_id=group,
        groups=_subtree(tenant.id, group) if tenant and group else frozenset(),
        session_id=SessionId(row.id),
        auth_level=row.auth_level,
        auth_method=row.auth_method,
        authenticated_at=row.authenticated_at,
    )


def _subtree(tenant_id: TenantId, group: GroupId) -> frozenset[GroupId]:
    with database.tenant_session(tenant_id) as session:
        return group_tree(session).subtree(group)


def _run_out(row: UserSession, user: User, tenant: Tenant | None, reason: str) -> None:
    with database.platform_session(writes=True) as session:
        ctx = Context(session, SYSTEM, reference(tenant) if tenant else None)
        if _end_once(ctx, row.id, clock.now(), reason):
            ask_as_portal(ctx)
            record(ctx, Event.SESSION_ENDED, Target("user", user.id, user.username), reason=reason)
            database.commit(session)


def _end_once(ctx: Context, session_id: str, now: datetime, reason: str) -> bool:
    statement = update(UserSession).where(UserSession.id == session_id, UserSession.ended_at.is_(None))
    result = ctx.session.execute(statement.values(ended_at=now, end_reason=reason))
    assert isinstance(result, CursorResult)  # noqa: S101 - an UPDATE has no other
    return result.rowcount == 1
