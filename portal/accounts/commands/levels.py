"""Levels of authentication: what roles, people and tenants need, and raising a session to it."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import LABELS, Role
from portal.accounts import levels, queries
from portal.accounts.certificate_proofs import ProvenCertificate
from portal.accounts.commands.factors import use_factor
from portal.accounts.commands.users import get_to_manage
from portal.accounts.models import Membership, RoleLevel, User, UserSession
from portal.accounts.passkey_proofs import ProvenPasskey
from portal.accounts.states import LEVEL_OF, STRONGEST, TWO_FACTORS, Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound
from portal.core.messages import N_
from portal.core.tokens import new_token, token_hash
from portal.tenants.models import Tenant

_CHOOSE = N_("请选择一个认证级别。")


def raise_level(ctx: Context, factor: ProvenPasskey | ProvenCertificate) -> str:
    """This function will raise the actor's session to level 3 and return the new token under which it goes on.

    Raises `SignInFailed` where the passkey's counter has not grown, or the certificate was revoked meanwhile.
    """
    ask(ctx, Permission.SELF_MANAGE)
    return raise_session(ctx, use_factor(ctx, factor))


def raise_session(ctx: Context, method: Method) -> str:
    """This function will note that the actor's session rests on `method` now, and return its new token; the caller asks.

    What can do more than before goes on under a new token (ASVS 7.2.4); when it ends stays as it was.
    """
    row = ctx.session.get_one(UserSession, ctx.actor.session_id)
    token = new_token()
    row.token_hash, row.auth_method, row.auth_level = token_hash(token), method, LEVEL_OF[method]
    row.authenticated_at = clock.now()
    target = Target("user", str(ctx.actor.user_id), ctx.actor.username)
    record(ctx, Event.LEVEL_RAISED, target, method=method, level=LEVEL_OF[method])
    return token


def set_role_level(ctx: Context, role: Role, level: int) -> None:
    """This function will set the level that a role needs, from everybody's next request on; raises `Invalid` for `level`."""
    ask(ctx, Permission.LEVELS_MANAGE)
    if level not in levels.choices(role):
        raise Invalid({role.value: _CHOOSE})
    row = ctx.session.get(RoleLevel, role)
    if (row.level if row else levels.DEFAULTS[role]) == level:
        return
    if row is None:
        row = RoleLevel(role=role)
        ctx.session.add(row)
    row.level = level
    record(ctx, Event.ROLE_LEVEL_CHANGED, Target("role", role, str(LABELS[role])), role=role, level=level)


def set_staff_level(ctx: Context, user_id: str, level: int | None) -> None:
    """This function will set the level that one account of the staff needs beyond its role, None for the role's own.

    Raises `NotFound` and `Invalid`.
    """
    ask(ctx, Permission.LEVELS_MANAGE)
    user = get_to_manage(ctx, user_id)
    _set(ctx, user, user, level)


def set_member_level(ctx: Context, membership_id: str, level: int | None) -> None:
    """This function will set the level that one member needs in the tenant beyond the role's; raises `NotFound`, `Invalid`."""
    ask(ctx, Permission.MEMBERS_MANAGE)
    membership = ctx.session.get(Membership, (ctx.tenant_id, membership_id))
    if membership is None:
        raise NotFound
    _set(ctx, membership, queries.get_user(ctx.session, membership.user_id), level)


def set_tenant_level(ctx: Context, level: int) -> None:
    """This function will set the level that every member of the context's tenant needs; raises `Invalid` for `level`."""
    ask(ctx, Permission.TENANT_SECURITY)
    if level not in {TWO_FACTORS, STRONGEST}:
        raise Invalid({"level": _CHOOSE})
    tenant = ctx.session.get_one(Tenant, ctx.tenant_id)
    if tenant.required_level == level:
        return
    tenant.required_level = level
    record(ctx, Event.TENANT_LEVEL_CHANGED, Target("tenant", tenant.id, tenant.name), level=level)


def _set(ctx: Context, row: User | Membership, user: User, level: int | None) -> None:
    if level not in {None, STRONGEST}:
        raise Invalid({"level": _CHOOSE})
    if row.required_level == level:
        return
    row.required_level = level
    record(ctx, Event.PERSON_LEVEL_CHANGED, Target("user", user.id, user.username), username=user.username, level=level)
