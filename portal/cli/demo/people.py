"""The demo's people: accounts with a password, a token and, where level 3 is needed, a passkey that everybody may know."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import LAYER_OF, Role
from portal.accounts.commands.members import add_member
from portal.accounts.commands.passkeys import enrol_passkey
from portal.accounts.commands.users import add_staff
from portal.accounts.levels import highest_required
from portal.accounts.models import User
from portal.accounts.passkeys import Credential, cose_key, to_base64url, user_handle
from portal.accounts.passwords import hash_password
from portal.accounts.states import STRONGEST, TWO_FACTORS, Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import COMMAND_LINE, Actor, Context, TenantRef
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import GroupId, UserId

_PASSKEY_NAME = "演示通行密钥"


@dataclass(frozen=True)
class Account:
    """One line of `demo.json`."""

    role: str
    layer: str
    tenant: str | None
    username: str
    password: str
    totp_secret: str
    passkey: Mapping[str, str] | None

    def as_json(self) -> dict[str, object]:
        """This function will return the account as `demo.json` has it."""
        return asdict(self)


class People:
    """Everybody made so far, by user name; passwords, tokens and keys follow from the names, so that they stay the same.

    `rp_id` is the host for which passkeys are made.
    """

    def __init__(self, rp_id: str) -> None:
        self._rp_id = rp_id
        self.accounts: list[Account] = []
        self._actors: dict[str, Actor] = {}

    def actor(self, username: str) -> Actor:
        """This function will return the person as an actor, as if signed in."""
        return self._actors[username]

    def first(self, role: Role) -> Actor:
        """This function will return the first person with this role."""
        return next(actor for actor in self._actors.values() if actor.role == role)

    def of_province(self, code: str | None) -> Actor | None:
        """This function will return the first person of a province, or None where there is none."""
        found = (actor for actor in self._actors.values() if actor.province_code == code and code is not None)
        return next(found, None)

    def first_of(self, tenant: TenantRef, role: Role) -> Actor:
        """This function will return the first member of a tenant with this role."""
        return next(one for one in self._actors.values() if one.tenant_id == tenant.id and one.role == role)

    def add_staff(
        self, name: str, username: str, role: Role, province: str | None, *, with_passkey: bool = False
    ) -> None:
        """This function will open an account of the center or of a province, `with_passkey` for whom an enterprise of level 3 is to let in."""
        with platform_session(writes=True) as session:
            issued = add_staff(Context(session, COMMAND_LINE), username, name, role, province)
            commit(session)
        who = _actor(issued.user_id, issued.username, name, role, province_code=province)
        self._enrol(who, None, with_passkey=with_passkey)

    def add_member(
        self, tenant: TenantRef, name: str, username: str, role: Role, group: GroupId | None, below: frozenset[GroupId]
    ) -> None:
        """This function will open an account of a tenant's administrator or editor."""
        with tenant_session(tenant.id, writes=True) as session:
            added = add_member(Context(session, COMMAND_LINE, tenant), username, name, role, group)
            commit(session)
        assert added.issued is not None  # noqa: S101 - the name is new in an empty database
        who = _actor(
            added.issued.user_id, added.username, name, role, tenant_id=tenant.id, group_id=group, groups=below
        )
        self._enrol(who, tenant.enterprise_id)

    def _enrol(self, who: Actor, enterprise_id: str | None, *, with_passkey: bool = False) -> None:
        assert who.user_id is not None  # noqa: S101 - these are people
        password = f"demo-{hashlib.sha256(who.username.encode()).hexdigest()[:10]}"
        secret = _secret(who.username)
        _set_factors(who.user_id, password, secret)
        needs_one = highest_required(who.user_id) >= STRONGEST
        passkey = give_passkey(who.user_id, who.username, self._rp_id) if needs_one or with_passkey else None
        if needs_one:
            who = replace(who, auth_level=STRONGEST, auth_method=Method.PASSKEY)
        self.accounts.append(Account(who.role, who.layer, enterprise_id, who.username, password, secret, passkey))
        self._actors[who.username] = who


def _actor(user_id: UserId, username: str, name: str, role: Role, **more: Any) -> Actor:
    layer, method = LAYER_OF[role].value, Method.PASSWORD_AND_TOTP
    return Actor(user_id, username, name, role.value, layer, auth_level=TWO_FACTORS, auth_method=method, **more)


def _secret(username: str) -> str:
    return base64.b32encode(hashlib.sha256(f"totp {username}".encode()).digest()[:20]).decode()


def _set_factors(user_id: UserId, password: str, secret: str) -> None:
    """What the person's one-time link would do; the demo's people have no browser to open it in."""
    hashed = hash_password(password)
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.USERS_MANAGE)
        user = session.get_one(User, user_id)
        user.password_hash, user.password_changed_at = hashed, clock.now()
        user.totp_secret, user.totp_enrolled_at = secret, clock.now()
        target = Target("user", user.id, user.username)
        record(ctx, Event.PASSWORD_CHANGED, target)
        record(ctx, Event.TOTP_ENROLLED, target)
        commit(session)


def give_passkey(user_id: UserId, username: str, rp_id: str) -> Mapping[str, str]:
    """This function will enrol a passkey whose key follows from the user name, and return it as a virtual authenticator takes it."""
    scalar = int.from_bytes(hashlib.sha256(f"passkey {username}".encode()).digest(), "big")
    key = ec.derive_private_key(scalar % (ec.SECP256R1.group_order - 1) + 1, ec.SECP256R1())
    credential_id = hashlib.sha256(f"credential {username}".encode()).digest()
    credential = Credential(credential_id, cose_key(key.public_key()), 0)
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.USERS_MANAGE)
        enrol_passkey(ctx, session.get_one(User, user_id), credential, _PASSKEY_NAME, is_copied=True)
        commit(session)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "credential_id": to_base64url(credential_id),
        "private_key": to_base64url(private),
        "user_handle": to_base64url(user_handle(user_id)),
        "rp_id": rp_id,
    }
