"""The log's keys: one per tenant (and one of the platform) that seals what is personal, one that signs stamps.

They stand in the database, sealed by the vault, so that whoever can write the database alone can neither read what is sealed
nor put a key of the own in place. A process keeps the opened keys of the platform. Those of tenants it opens from the database
for each transaction and forgets with it, so that a destroyed key is gone from every process at once.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Pool, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audit.models import AuditHead, AuditKey, seal_place
from portal.core import clock, unit_of_work
from portal.core.ids import TenantId, new_id

SEAL, SIGN = "seal", "sign"
PLATFORM = "platform"
_SECRET_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True)
class SealKey:
    """The key of one tenant's data."""

    id: str
    cipher: AESGCM

    def seal(self, content: Mapping[str, Any], tenant_id: str | None, request_id: str) -> bytes:
        """This function will return `content` encrypted for the record of this tenant and request."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return nonce + self.cipher.encrypt(nonce, text, seal_place(tenant_id, request_id))


@dataclass(frozen=True)
class SignKey:
    """The key of the platform's stamps and checkpoints."""

    id: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        """The half that anybody may have."""
        return self.private.public_key()


@dataclass
class Ring:
    """The opened keys of one log, for one transaction; `kept` says which of them outlive it."""

    log_id: str
    seal_keys: dict[str, SealKey] = field(default_factory=dict)
    sign_key: SignKey | None = None

    def sealing(self, connection: Connection, tenant_id: str | None) -> SealKey:
        """This function will return the key of the tenant, or of the platform, making it where there is none."""
        holder = tenant_id or PLATFORM
        if holder not in self.seal_keys:
            key = _find_or_make(connection, SEAL, holder)
            self.seal_keys[holder] = SealKey(key.id, AESGCM(_secret_of(key)))
        return self.seal_keys[holder]

    def signing(self, connection: Connection) -> SignKey:
        """This function will return the key that signs, making it where there is none."""
        if self.sign_key is None:
            self.sign_key = sign_key_of(_find_or_make(connection, SIGN, PLATFORM))
        return self.sign_key

    @property
    def kept(self) -> "Ring":
        """The keys that are never destroyed, which a process may keep: the platform's own."""
        own = {holder: key for holder, key in self.seal_keys.items() if holder == PLATFORM}
        return Ring(self.log_id, own, self.sign_key)


class KeyDestroyed(Exception):
    """The key was destroyed on purpose: nothing may be sealed with it any more."""


# by pool, so that the keys of a database that is closed go with it
_rings: WeakKeyDictionary[Pool, Ring] = WeakKeyDictionary()


def kept_ring(connection: Connection) -> Ring | None:
    """This function will return a copy of the keys that this process keeps of the database's log."""
    ring = _rings.get(connection.engine.pool)
    return ring and Ring(ring.log_id, dict(ring.seal_keys), ring.sign_key)


def keep_ring(pool: Pool, ring: Ring) -> None:
    """This function will keep the platform's keys for the next transactions; what `ring` holds has been committed."""
    _rings[pool] = ring.kept


def new_sign_key(session: Session) -> tuple[str | None, str]:
    """This function will have a new key sign from the next record on, and return the former key's id and the new one's.

    The head of the log stays locked until the commit, so that no record is appended in between; the caller asks and records.
    """
    connection = session.connection()
    head = connection.execute(select(AuditHead.__table__).with_for_update()).one_or_none()
    former = find_key(connection, SIGN, PLATFORM)
    if former is not None:
        retired = {"retired_at": clock.now(), "last_seq": head.size if head else 0}
        connection.execute(update(AuditKey).where(AuditKey.id == former.id).values(**retired))
    _make(connection, SIGN, PLATFORM)
    made = find_key(connection, SIGN, PLATFORM)
    if made is None:
        raise RuntimeError("the key that signs cannot be made")
    connection.execute(update(AuditHead).values(sign_key=made.id))
    unit_of_work.note_change(session, AuditKey.__tablename__)
    return former.id if former else None, made.id


def destroy_key(session: Session, tenant_id: TenantId) -> None:
    """This function will destroy the key of a tenant's data, for good: its records stay, hashed and signed, and unreadable.

    The caller has asked the permission and records the deletion of the tenant outside of it.
    """
    values = {"secret_sealed": None, "destroyed_at": clock.now()}
    mine = (AuditKey.purpose == SEAL, AuditKey.holder == tenant_id)
    session.connection().execute(update(AuditKey).where(*mine).values(**values))
    unit_of_work.note_change(session, AuditKey.__tablename__)


def current_sign_key(session: Session) -> SignKey:
    """This function will return the key that signs now; raises `KeyDestroyed` where there is none yet."""
    found = find_key(session.connection(), SIGN, PLATFORM)
    if found is None:
        raise KeyDestroyed(SIGN)
    return sign_key_of(found)


def sign_key_of(key: AuditKey) -> SignKey:
    """This function will open a signing key; raises `SealBroken` for one that the vault did not seal."""
    return SignKey(key.id, Ed25519PrivateKey.from_private_bytes(_secret_of(key)))


def _secret_of(key: AuditKey) -> bytes:
    secret = key.opened()
    if secret is None:
        raise KeyDestroyed(key.id)
    return secret


def _find_or_make(connection: Connection, purpose: str, holder: str) -> AuditKey:
    found = find_key(connection, purpose, holder)
    if found is None:
        _make(connection, purpose, holder)
        # of two transactions that make it at once the later one waits here for the other and then takes its key
        found = find_key(connection, purpose, holder)
    if found is None:
        raise RuntimeError(f"the key {purpose} of {holder} cannot be made")
    return found


def find_key(connection: Connection, purpose: str, holder: str) -> AuditKey | None:
    """This function will return the key in use of that purpose and holder, not bound to a session; None where there is none."""
    table = AuditKey.__table__
    mine = (table.c.purpose == purpose, table.c.holder == holder, table.c.retired_at.is_(None))
    row = connection.execute(select(table).where(*mine)).one_or_none()
    return AuditKey(**row._mapping) if row else None  # noqa: SLF001 - the public name of a row as a mapping


def _make(connection: Connection, purpose: str, holder: str) -> None:
    row = AuditKey(id=new_id(), purpose=purpose, holder=holder, created_at=clock.now())
    row.hold(secrets.token_bytes(_SECRET_BYTES))
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {column.name: getattr(row, column.name) for column in AuditKey.__table__.columns}
    connection.execute(insert(AuditKey).values(values).on_conflict_do_nothing())
