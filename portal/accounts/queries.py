"""Reads of people: who somebody is, where one can act, which sessions are open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.access.roles import Role
from portal.accounts.devices import device
from portal.accounts.models import (
    ClientCertificate,
    Membership,
    OneTimeLink,
    Passkey,
    RecoveryCode,
    SessionActivity,
    User,
    UserSession,
)
from portal.accounts.states import LinkPurpose
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.database import system_session
from portal.core.errors import Conflict, NotFound
from portal.core.ids import GroupId, SessionId, TenantId, UserId
from portal.core.tokens import token_hash
from portal.tenants.models import Tenant
from portal.tenants.queries import reference


@dataclass(frozen=True)
class Seat:
    """Where a person can act: in one tenant with the role held there, or as staff with neither tenant nor choice."""

    role: Role
    tenant: TenantRef | None = None
    group_id: GroupId | None = None
    province_code: str | None = None


@dataclass(frozen=True)
class OpenSession:
    """A session of one's own that is open: since when, last used when, from where and on what, and how it was proven."""

    id: SessionId
    tenant_name: str | None
    created_at: datetime
    seen_at: datetime
    address: str
    user_agent: str
    method: str
    level: int

    @property
    def device(self) -> str:
        """Browser and system, as far as they say."""
        return device(self.user_agent)


@dataclass(frozen=True)
class SecondFactors:
    """What a person may show beside, or instead of, the password."""

    totp: bool
    passkeys: int
    certificates: int = 0
    recovery_codes: int = 0

    @property
    def any(self) -> bool:
        """Whether there is one at all; recovery codes stand for one that was there and are none themselves."""
        return self.totp or self.passkeys + self.certificates > 0


@dataclass(frozen=True)
class OpenLink:
    """A one-time link that still works, whose account it is about, and what it is good for as the account stands now."""

    id: str
    user_id: UserId
    username: str
    display_name: str
    purpose: LinkPurpose
    expires_at: datetime


def find_user(session: Session, name: str) -> User | None:
    """This function will return the account of the user name `name`, already folded, or None."""
    return session.scalar(select(User).where(User.username == name))


def get_user(session: Session, user_id: str) -> User:
    """This function will return an account; raises `NotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def passkeys_of(session: Session, user_id: str) -> Sequence[Passkey]:
    """This function will return a person's passkeys, the oldest first."""
    return session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at)).all()


def members_with_passkeys(session: Session) -> tuple[int, int]:
    """This function will return how many members a session's tenant has, and how many of them have a passkey."""
    has_one = exists().where(Passkey.user_id == Membership.user_id)
    counted = select(func.count(), func.count().filter(has_one)).select_from(Membership)
    members, strong = session.execute(counted).one()
    return int(members), int(strong)


def find_passkey(session: Session, credential_id: bytes) -> tuple[Passkey, User] | None:
    """This function will return the passkey with this credential id and its owner, or None."""
    found = session.execute(
        select(Passkey, User).join(User, User.id == Passkey.user_id).where(Passkey.credential_id == credential_id)
    ).one_or_none()
    return (found[0], found[1]) if found else None


def second_factors(session: Session, user: User) -> SecondFactors:
    """This function will return which factors beside the password an account has."""
    passkeys = session.scalar(select(func.count(Passkey.id)).where(Passkey.user_id == user.id)) or 0
    certificates = session.scalar(select(func.count()).where(_is_valid_of(user.id))) or 0
    codes = recovery_codes_left(session, user.id)
    return SecondFactors(user.totp_secret_sealed is not None, passkeys, certificates, codes)


def recovery_codes_left(session: Session, user_id: str) -> int:
    """This function will return how many of a person's recovery codes were not used yet."""
    unused = (RecoveryCode.user_id == user_id) & RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).where(unused)) or 0


def certificates_of(session: Session, user_id: str) -> Sequence[ClientCertificate]:
    """This function will return the certificates that a person ever had, the newest first."""
    mine = select(ClientCertificate).where(ClientCertificate.user_id == user_id)
    return session.scalars(mine.order_by(ClientCertificate.issued_at.desc())).all()


def _is_valid_of(user_id: str) -> ColumnElement[bool]:
    return and_(
        ClientCertificate.user_id == user_id,
        ClientCertificate.revoked_at.is_(None),
        ClientCertificate.expires_at > clock.now(),
    )


def check_version(stored: int, read: int) -> None:
    """This function will raise `Conflict` where what somebody read is not what is stored now."""
    if stored != read:
        raise Conflict


def seats_of(user_id: str) -> tuple[Seat, ...]:
    """This function will return every seat of a person, staff's only one, members' by the name of the tenant."""
    members = (
        select(Membership, Tenant)
        .join(Tenant, Tenant.id == Membership.tenant_id)
        .where(Membership.user_id == user_id, Tenant.closed_at.is_(None))
        .order_by(Tenant.short_name)
    )
    with system_session(reason="the tenants of one person, for the choice at sign-in") as session:
        user = session.get(User, user_id)
        rows = session.execute(members).all()
    if user is not None and user.staff_role is not None:
        return (Seat(Role(user.staff_role), province_code=user.province_code),)
    return tuple(
        Seat(Role(membership.role), reference(tenant), GroupId(membership.group_id) if membership.group_id else None)
        for membership, tenant in rows
    )


def open_sessions(session: Session, user_id: UserId, tenant_id: TenantId | None = None) -> Sequence[OpenSession]:
    """This function will return the sessions of a person that are signed in and not over, or those in one tenant, the last used first."""
    return [shown_session(*row) for row in session.execute(selecting_sessions(user_id, tenant_id))]


def selecting_sessions(user_id: UserId, tenant_id: TenantId | None) -> Select[UserSession, datetime, str]:
    """This function will return the statement that `open_sessions` reads: the session, when it was last used, the tenant's short name."""
    statement = (
        select(UserSession, SessionActivity.seen_at, Tenant.short_name)
        .join(SessionActivity, SessionActivity.session_id == UserSession.id)
        .outerjoin(Tenant, Tenant.id == UserSession.tenant_id)
        .where(
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.auth_level > 0,
            UserSession.expires_at > clock.now(),
        )
        .order_by(SessionActivity.seen_at.desc())
    )
    return statement.where(UserSession.tenant_id == tenant_id) if tenant_id else statement


def shown_session(row: UserSession, seen_at: datetime, tenant: str | None) -> OpenSession:
    """This function will return a session as lists show it."""
    return OpenSession(
        SessionId(row.id),
        tenant,
        row.created_at,
        seen_at,
        row.address,
        row.user_agent,
        row.auth_method,
        row.auth_level,
    )


def open_link(session: Session, token: str) -> OpenLink:
    """This function will return what a one-time link is for; raises `NotFound` where it was used, ran out or never was."""
    found = session.execute(
        select(OneTimeLink, User)
        .join(User, User.id == OneTimeLink.user_id)
        .where(
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    link, user = found
    purpose = link_purpose(session, user)
    return OpenLink(link.id, UserId(user.id), user.username, user.display_name, purpose, link.expires_at)


def link_purpose(session: Session, user: User) -> LinkPurpose:
    """This function will return what a one-time link may set on an account: what it lacks, and never around what stands."""
    if user.password_hash is None:
        return LinkPurpose.FIRST
    return LinkPurpose.PASSWORD if second_factors(session, user).any else LinkPurpose.FACTOR


def members(text: str = "", role: str = "") -> Select[Membership]:
    """This function will return the statement of the members of a session's tenant, with their accounts.

    `text` is looked for in name, user name and pinyin; an unknown `role` finds nobody, "" everybody.
    """
    statement = select(Membership).join(Membership.user).options(contains_eager(Membership.user))
    if role:
        statement = statement.where(Membership.role == role)
    return statement.where(_is_called(text)) if text else statement


def staff(text: str = "", role: str = "") -> Select[User]:
    """This function will return the statement of the accounts of center, provinces and system layer, as `members` does."""
    statement = select(User).where(User.staff_role.is_not(None))
    if role:
        statement = statement.where(User.staff_role == role)
    return statement.where(_is_called(text)) if text else statement


MEMBER_SORTS = {"name": User.pinyin, "username": User.username, "role": Membership.role}
STAFF_SORTS = {"name": User.pinyin, "username": User.username, "role": User.staff_role, "created": User.created_at}


def _is_called(text: str) -> ColumnElement[bool]:
    folded = text.strip().lower()
    return or_(
        User.display_name.contains(text.strip(), autoescape=True),
        User.username.contains(folded, autoescape=True),
        User.pinyin.contains(folded, autoescape=True),
    )


def users_with_open_link(session: Session, user_ids: Iterable[str]) -> frozenset[str]:
    """This function will return those of the users who have a one-time link that still works."""
    found = select(OneTimeLink.user_id).where(
        OneTimeLink.user_id.in_(list(user_ids)), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > clock.now()
    )
    return frozenset(session.scalars(found))
