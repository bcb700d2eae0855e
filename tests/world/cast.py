"""The cast: two tenants of the same shape with their people, the staff, and a stranger; and being signed in as one of them.

Everybody is opened by the portal's own commands, as the command line does it, and sets up the account through the
one-time link. All have one password and one dynamic token, hashed once.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from portal.access.roles import OFFICERS, Role
from portal.accounts import queries
from portal.accounts.commands import links, sign_in
from portal.accounts.commands.links import NewFactors
from portal.accounts.commands.members import add_member
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.commands.users import Issued, add_staff
from portal.accounts.gate.commands.stepping_up import vouch
from portal.accounts.models import SessionActivity, UserSession
from portal.accounts.states import Method
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context, RequestMeta, TenantRef
from portal.core.database import commit, platform_session
from portal.core.ids import GroupId, SessionId, UserId
from portal.core.tokens import token_hash
from portal.tenants.commands.groups import create_group
from tests.world import building

PASSWORD = "correct horse battery staple"
QUICK_HASHES = PasswordHasher(
    time_cost=1, memory_cost=8, parallelism=1
)  # the portal's own take 64 MiB and a tenth of a second
PASSWORD_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$EEPCu+jH2iWI4yHLmkad4A$ChQmpghcZ8Fk/2eIJrqZRwMEvJ2kfYt1cZgZtjGLDiw"  # of PASSWORD
)
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = "127.0.0.1"
LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class Person:
    """One of the cast: an account with its role, and its tenant if it is a member."""

    id: UserId
    username: str
    role: Role
    tenant: TenantRef | None = None


@dataclass(frozen=True)
class House:
    """A tenant and its people; the group editor's own group is `region`, with `shop` below it, beside `elsewhere`."""

    tenant: TenantRef
    root: GroupId
    region: GroupId
    shop: GroupId
    elsewhere: GroupId
    admin: Person
    editor: Person
    group_editor: Person
    province: Person

    @property
    def path(self) -> str:
        """Where the tenant's pages begin."""
        return f"/e/{self.tenant.enterprise_id}"


@dataclass(frozen=True)
class Cast:
    """Everybody."""

    yunqi: House
    jiangzhou: House
    system_admin: Person
    security_admin: Person
    auditor: Person
    app_admin: Person
    operator: Person
    reviewer: Person
    second_reviewer: Person
    support: Person
    stranger: Person


def build_cast() -> Cast:
    """This function will fill the empty database with the cast."""
    building.add_provinces()
    return Cast(
        _house("云栖酒店(浙江酒店)", "33", "alice"),
        _house("江州医院(江苏医院)", "32", "bob"),
        staff_member("sysadmin", Role.SYSTEM_ADMIN),
        staff_member("security", Role.SECURITY_ADMIN),
        staff_member("auditor", Role.AUDITOR),
        staff_member("appadmin", Role.APP_ADMIN),
        staff_member("operator", Role.CENTER_OPERATOR),
        staff_member("reviewer", Role.CENTER_REVIEWER),
        staff_member("reviewer2", Role.CENTER_REVIEWER),
        staff_member("support", Role.CENTER_SUPPORT),
        member_of(building.build_tenant("陌生人公司(上海餐饮)", province="31"), "stranger", Role.TENANT_ADMIN),
    )


def join(person: Person, house: House, role: Role = Role.TENANT_EDITOR) -> None:
    """This function will make somebody a member of one more tenant."""
    building.in_tenant(house.tenant, lambda ctx: add_member(ctx, person.username, "", role))


def open_session(
    person: Person,
    *,
    tenant: TenantRef | None = None,
    address: str = ADDRESS,
    vouched: bool = True,
    data: Mapping[str, Any] | None = None,
) -> str:
    """This function will sign somebody in without a password, in the own tenant unless `tenant` is given; it returns the token.

    A `vouched` session has typed the page code at every door already; `data` is what it carries between requests.
    """
    wanted = tenant or person.tenant
    seats = queries.seats_of(person.id)
    seat = next(seat for seat in seats if (seat.tenant.id if seat.tenant else None) == (wanted.id if wanted else None))
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE, None, RequestMeta(address=address, user_agent="tests"))
        ask_as_portal(ctx)
        method = Method.PASSKEY if person.role in OFFICERS else Method.PASSWORD_AND_TOTP
        entered = sign_in.enter(ctx, queries.get_user(session, person.id), seat, method, clock.now(), LASTS)
        row = session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(entered.token))).one()
        if vouched:
            vouch(session, SessionId(row.id))
        if data is not None:
            session.get_one(SessionActivity, row.id).data = dict(data)
        commit(session)
    return entered.token


def sign_in_as(client: FlaskClient, person: Person, *, tenant: TenantRef | None = None, vouched: bool = True) -> str:
    """This function will give the client a real session of `person` and return the form token that its posts need."""
    seed = secrets.token_hex(20)
    token = open_session(person, tenant=tenant, vouched=vouched, data={"csrf_token": seed})
    client.set_cookie("portal_session", f"s.{token}")
    secret = client.application.secret_key
    assert secret is not None
    return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(seed))


def code_now(steps: int = 0) -> str:
    """This function will return everybody's dynamic token, now or `steps` time steps later."""
    return pyotp.TOTP(TOTP_SECRET).at(clock.now(), counter_offset=steps)


def _house(name: str, province: str, owner: str) -> House:
    tenant = building.build_tenant(name, province=province)
    root = building.root_of(tenant)
    region = _group(tenant, root, "城东区")
    return House(
        tenant,
        root,
        region,
        _group(tenant, region, "湖滨店"),
        _group(tenant, root, "城西区"),
        admin=member_of(tenant, owner, Role.TENANT_ADMIN),
        editor=member_of(tenant, f"editor@{owner}", Role.TENANT_EDITOR),
        group_editor=member_of(tenant, f"group@{owner}", Role.GROUP_EDITOR, region),
        province=staff_member(f"province@{owner}", Role.PROVINCE, province),
    )


def _group(tenant: TenantRef, parent: GroupId, name: str) -> GroupId:
    return building.in_tenant(tenant, lambda ctx: create_group(ctx, parent, name))


def staff_member(username: str, role: Role, province: str | None = None) -> Person:
    """This function will open and set up an account of center, province or system layer."""
    with platform_session(writes=True) as session:
        issued = add_staff(Context(session, COMMAND_LINE), username, username.title(), role, province)
        commit(session)
    _set_up(issued)
    return Person(issued.user_id, issued.username, role)


def member_of(tenant: TenantRef, username: str, role: Role, group: GroupId | None = None) -> Person:
    """This function will open and set up a member's account."""
    added = building.in_tenant(tenant, lambda ctx: add_member(ctx, username, username.title(), role, group))
    assert added.issued is not None
    _set_up(added.issued)
    return Person(added.issued.user_id, username, role, tenant)


def _set_up(issued: Issued) -> None:
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE, None, RequestMeta())
        link = queries.open_link(session, issued.token)
        entered = links.use_link(ctx, link, NewFactors(PASSWORD_HASH, TOTP_SECRET, 0), lasts=LASTS)
        assert entered is not None
        row = session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(entered.token))).one()
        row.ended_at, row.end_reason = clock.now(), "tests"
        commit(session)
