"""The level of authentication that somebody needs: by role, by person, by tenant; the highest counts.

Level 1 is a password alone, level 2 two factors, level 3 a passkey with its person verified, or a certificate. Module doors
may ask for more on top (`gate`).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.access.roles import MEMBERS, OFFICERS, STAFF, Role
from portal.accounts.gate.models import GIVEN_AWAY, SessionProof
from portal.accounts.models import ClientCertificate, Membership, Passkey, RoleLevel, User, UserSession
from portal.accounts.states import ONE_FACTOR, STRONGEST, TWO_FACTORS
from portal.core import clock
from portal.core.context import Context
from portal.core.database import system_session
from portal.core.errors import Refused
from portal.core.messages import N_
from portal.tenants.models import Tenant

_Seat = tuple[User, Membership | None, Tenant | None]

# A password alone is for nobody who edits, publishes or orders anything.
MAY_USE_PASSWORD_ALONE = frozenset({Role.CENTER_SUPPORT})


def choices(role: Role) -> tuple[int, ...]:
    """This function will return the levels that a role can be given, the default first."""
    if role in OFFICERS:
        return (STRONGEST,)
    if role in MAY_USE_PASSWORD_ALONE:
        return (TWO_FACTORS, STRONGEST, ONE_FACTOR)
    return (TWO_FACTORS, STRONGEST)


DEFAULTS: Mapping[Role, int] = MappingProxyType({role: choices(role)[0] for role in Role if role in STAFF | MEMBERS})


def required(
    role: str, role_level: int | None, user: User, membership: Membership | None, tenant: Tenant | None
) -> int:
    """This function will return the level that a person needs in a role; what is set for one can only raise it."""
    by_role = role_level if role_level in choices(Role(role)) else DEFAULTS[Role(role)]
    own = membership.required_level if membership else user.required_level
    return max(by_role, own or 0, tenant.required_level if tenant else 0)


def role_levels(session: Session) -> Mapping[Role, int]:
    """This function will return the level of every role, as it stands now."""
    changed = {row.role: row.level for row in session.scalars(select(RoleLevel))}
    return {role: changed.get(role, default) for role, default in DEFAULTS.items()}


def highest_required(user_id: str) -> int:
    """This function will return the highest level that a person needs in any seat."""
    seats = (
        select(User, Membership, Tenant)
        .outerjoin(Membership, Membership.user_id == User.id)
        .outerjoin(Tenant, Tenant.id == Membership.tenant_id)
        .where(User.id == user_id)
    )
    with system_session(reason="the level of one person in all tenants, before a factor changes") as session:
        by_role = role_levels(session)
        found = cast(Sequence[_Seat], session.execute(seats).all())  # an outer join may find nothing
    return max((_required(by_role, *seat) for seat in found), default=0)


def _required(by_role: Mapping[Role, int], user: User, membership: Membership | None, tenant: Tenant | None) -> int:
    role = membership.role if membership is not None and user.staff_role is None else user.staff_role
    return required(role, by_role[Role(role)], user, membership, tenant) if role else 0


def holds_key(signed_in: type[UserSession], now: BindParameter[Any]) -> ColumnElement[bool]:
    """This function will return whether the person of a session has a passkey or certificate to sign decisions with at `now`.

    A session that was given away to scripts has none of its person's keys at hand.
    """
    passkey = exists().where(Passkey.user_id == signed_in.user_id)
    certificate = exists().where(
        ClientCertificate.user_id == signed_in.user_id,
        ClientCertificate.revoked_at.is_(None),
        ClientCertificate.expires_at > now,
    )
    given_away = exists().where(SessionProof.session_id == signed_in.id, SessionProof.proof == GIVEN_AWAY)
    return and_(or_(passkey, certificate), ~given_away)


def has_strong_factor(session: Session, user_id: str) -> bool:
    """This function will tell whether a person has a factor of level 3; a demo key, in everybody's hands, is none."""
    passkey = exists().where(Passkey.user_id == user_id, Passkey.is_copied.is_(False))
    certificate = exists().where(
        ClientCertificate.user_id == user_id,
        ClientCertificate.is_copied.is_(False),
        ClientCertificate.revoked_at.is_(None),
        ClientCertificate.expires_at > clock.now(),
    )
    return bool(session.scalar(select(or_(passkey, certificate))))


def require_strongest(ctx: Context) -> None:
    """This function will raise `Refused` (`level_required`) where the actor needs level 3 somewhere, can reach it and has not.

    Whoever could change such factors with less would have gone around them. The first one is enrolled with less: there is
    nothing else to prove by.
    """
    user_id = str(ctx.actor.user_id)
    if ctx.actor.auth_level >= STRONGEST or not has_strong_factor(ctx.session, user_id):
        return
    if highest_required(user_id) >= STRONGEST:
        raise Refused("level_required", N_("请先用已登记的通行密钥确认身份，再改登录方式。"))
