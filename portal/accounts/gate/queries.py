"""Reads at the doors: what a module demands now, and what a session lacks of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.access.doors import AtDoor, Lack
from portal.access.modules import DOORS, CaptchaPolicy, Demand, Module
from portal.access.roles import MEMBERS, STAFF, Role
from portal.accounts import trouble
from portal.accounts.gate.models import GIVEN_AWAY, ModulePolicy, RolePolicy, SessionProof
from portal.accounts.models import UserSession
from portal.core import clock
from portal.core.context import Actor, TenantRef
from portal.core.database import platform_session
from portal.tenants.models import Tenant

_CAPTCHA = "captcha:"
PEOPLE = STAFF | MEMBERS


def captcha_proof(module: Module) -> str:
    """This function will return the name of the proof that a page code was given at the door of `module`."""
    return _CAPTCHA + module


@dataclass(frozen=True)
class Policy:
    """What the door of a module asks now; `version` is 0 while it is the default."""

    module: Module
    demand: Demand
    version: int = 0
    changed_at: datetime | None = None

    @property
    def is_default(self) -> bool:
        """Whether the door asks what it asks without anybody's doing."""
        return self.demand == DOORS[self.module].default


def policies(session: Session) -> list[Policy]:
    """This function will return what every door asks now, in the order of the table of doors."""
    changed = {row.module: row for row in session.scalars(select(ModulePolicy))}
    return [_policy(module, changed.get(module)) for module in DOORS]


def policy_of(session: Session, module: Module) -> Policy:
    """This function will return what the door of one module asks now."""
    return _policy(module, session.get(ModulePolicy, module))


@dataclass(frozen=True)
class Rest:
    """How many minutes sessions of a role may rest; None is what the installation's setting says, `version` then 0."""

    role: Role
    minutes: int | None = None
    version: int = 0


def rests(session: Session) -> list[Rest]:
    """This function will return how long sessions of every role may rest, in the order of the roles."""
    changed = {row.role: row for row in session.scalars(select(RolePolicy))}
    return [_rest(role, changed.get(role)) for role in Role if role in PEOPLE]


def rest_of(session: Session, role: Role) -> Rest:
    """This function will return how long sessions of one role may rest."""
    return _rest(role, session.get(RolePolicy, role))


def look(actor: Actor, module: Module, address: str, tenant: TenantRef | None = None) -> AtDoor:
    """This function will return what an actor at `address` lacks at the door of `module`, in the space of `tenant`.

    Where a tenant asks its members for level 3, whoever decides about it from outside needs it too. A session that was given away to
    scripts, which have no key, is not asked.

    The actor comes back with the level and method of the strongest proof, which is what the act behind the door rests on.
    """
    with platform_session() as session:
        policy, proofs, tenant_level = _at(session, module, actor, tenant)
        demand = policy.demand
        if GIVEN_AWAY not in proofs and tenant_level > demand.level:
            demand = replace(demand, level=tenant_level)
        since = clock.now() - timedelta(minutes=demand.minutes) if demand.minutes else None
        typed = _is_fresh(proofs.get(captcha_proof(module)), since)
        captcha = not typed and _wants_captcha(session, demand, actor, address)
    proven = _as_proven(actor, proofs)
    level = None if _has_proven(actor, proofs, demand.level, since) else demand.level
    return AtDoor(Lack(module, captcha, level) if captcha or level else None, proven)


def has_shown(actor: Actor, level: int) -> bool:
    """This function will tell whether the actor's session has proven `level` at any door, or was given away to scripts, which have no key."""
    enough = or_(SessionProof.level >= level, SessionProof.proof == GIVEN_AWAY)
    with platform_session() as session:
        found = session.scalar(select(exists().where(SessionProof.session_id == actor.session_id, enough)))
    return bool(found)


def _policy(module: Module, row: ModulePolicy | None) -> Policy:
    if row is None:
        return Policy(module, DOORS[module].default)
    demand = Demand(CaptchaPolicy(row.captcha), row.level, row.minutes)
    return Policy(module, demand, row.version, row.changed_at)


def _rest(role: Role, row: RolePolicy | None) -> Rest:
    return Rest(role, row.idle_minutes, row.version) if row else Rest(role)


def _at(
    session: Session, module: Module, actor: Actor, tenant: TenantRef | None
) -> tuple[Policy, dict[str, SessionProof], int]:
    """The module's policy, everything that the actor's session has proven, and the level of the tenant, in one query: it stands before many pages."""
    found = session.execute(
        select(ModulePolicy, SessionProof, Tenant.required_level)
        .select_from(UserSession)
        .outerjoin(Tenant, Tenant.id == (tenant.id if tenant else None))
        .outerjoin(ModulePolicy, ModulePolicy.module == module)
        .outerjoin(SessionProof, SessionProof.session_id == UserSession.id)
        .where(UserSession.id == actor.session_id)
    ).all()
    proven = [row.SessionProof for row in found if row.SessionProof is not None]
    policy = _policy(module, found[0].ModulePolicy if found else None)
    return policy, {row.proof: row for row in proven}, (found[0].required_level or 0) if found else 0


def _has_proven(actor: Actor, proofs: Mapping[str, SessionProof], level: int, since: datetime | None) -> bool:
    signed_in = actor.auth_level >= level and (
        since is None or (actor.authenticated_at is not None and actor.authenticated_at > since)
    )
    return signed_in or any(row.level >= level and _is_fresh(row, since) for row in proofs.values())


def _as_proven(actor: Actor, proofs: Mapping[str, SessionProof]) -> Actor:
    best = max(proofs.values(), key=lambda row: (row.level, row.proven_at), default=None)
    if best is None or best.level < max(actor.auth_level, 1):
        return actor
    return replace(actor, auth_level=best.level, auth_method=best.proof, authenticated_at=best.proven_at)


def _is_fresh(row: SessionProof | None, since: datetime | None) -> bool:
    return row is not None and (since is None or row.proven_at > since)


def _wants_captcha(session: Session, demand: Demand, actor: Actor, address: str) -> bool:
    if demand.captcha is CaptchaPolicy.AFTER_TROUBLE:
        return trouble.is_about(session, actor.username, address)
    return demand.captcha is CaptchaPolicy.ALWAYS
