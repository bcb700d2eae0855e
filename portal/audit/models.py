"""Tables of the log: records with the tree over them, its head, keys, checkpoints, people's own signatures."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.crypto import SealBroken, Sealed, place_of
from portal.core.ids import new_id
from portal.core.messages import Words, unpacked
from portal.core.models import AppendOnly, Base, Id, TenantTagged

_Number = BigInteger().with_variant(Integer, "sqlite")
_KeyId = String(36)
_NONCE_BYTES = 12
_IN_USE = text("retired_at is null")


class AuditKey(Base):
    """A key of the log, sealed by the installation's vault: `seal` for one tenant's (or the platform's) data, `sign` for stamps.

    `holder` is the tenant's id or `platform`. Without its secret a key is destroyed: what it sealed stays in the log, hashed
    and signed, and nobody can read it. A key that signed is retired by the next one and stays, so that its stamps and checkpoints
    can be checked; none of them may be younger than the record `last_seq`.
    """

    __tablename__ = "audit_keys"
    __table_args__ = (
        Index(
            "uq_audit_keys_in_use",
            "purpose",
            "holder",
            unique=True,
            sqlite_where=_IN_USE,
            postgresql_where=_IN_USE,
        ),
        CheckConstraint("(retired_at is null) = (last_seq is null)", name="retired_after_a_record"),
    )

    id: Mapped[str] = mapped_column(_KeyId, primary_key=True, default=new_id)
    purpose: Mapped[str] = mapped_column(String(8))
    holder: Mapped[str] = mapped_column(_KeyId)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    last_seq: Mapped[int | None] = mapped_column(_Number)

    secret = Sealed()

    def hold(self, secret: bytes) -> None:
        """This function will put the secret in, bound to purpose and holder, so that two rows cannot change places."""
        self.secret = f"{self.purpose}|{self.holder}|{secret.hex()}"

    def opened(self) -> bytes | None:
        """This function will return the secret, None where it was destroyed; raises `SealBroken` for another row's."""
        if self.secret is None:
            return None
        bound, _, secret = self.secret.rpartition("|")
        if bound != f"{self.purpose}|{self.holder}":
            place = place_of(self.__tablename__, "secret_sealed", None, self.id)
            raise SealBroken(place, "the key belongs to another holder")
        return bytes.fromhex(secret)


@dataclass(frozen=True)
class Opened:
    """What of a record is sealed: names, address, words; empty where the tenant's key was destroyed.

    `told` has what among `target` and the details is a sentence of ours, packed; a record older than that has none.
    """

    actor_username: str = ""
    actor_name: str = ""
    address: str = ""
    target_title: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    salt: str = ""
    is_readable: bool = False


class AuditRecord(AppendOnly, TenantTagged, Base):
    """One event and its form stamp: who did what to what, when, how proven; rows are appended and never changed.

    What may be personal stands in `sealed`; every column but `nodes` is hashed as it is stored (`leaf.py`).
    """

    __tablename__ = "audit_records"

    seq: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False, sort_order=-30)
    # no foreign key: the log outlives the tenant's row
    tenant_id: Mapped[str | None] = mapped_column(Id, index=True, sort_order=-20)
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    event: Mapped[str] = mapped_column(String(64), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str | None] = mapped_column(Id, index=True)
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_layer: Mapped[str] = mapped_column(String(16))
    auth_level: Mapped[int]
    auth_method: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(Id)
    target_type: Mapped[str | None] = mapped_column(String(32))
    target_id: Mapped[str | None] = mapped_column(String(64), index=True)
    decided_on: Mapped[str] = mapped_column(String(64))
    personal: Mapped[str | None] = mapped_column(String(64))
    seal_key: Mapped[str | None] = mapped_column(_KeyId)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sign_key: Mapped[str | None] = mapped_column(_KeyId)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    nodes: Mapped[bytes] = mapped_column(LargeBinary)

    key: Mapped[AuditKey | None] = relationship(
        primaryjoin="foreign(AuditRecord.seal_key) == AuditKey.id", lazy="joined", viewonly=True
    )

    @property
    def opened(self) -> Opened:
        """What is sealed, opened once; raises `SealBroken` where the bytes are not what the key sealed."""
        kept: Opened | None = self.__dict__.get("_opened")
        if kept is None:
            kept = self.__dict__["_opened"] = self._open()
        return kept

    def _open(self) -> Opened:
        if self.seal_key is None:  # written before records were sealed
            return Opened(**json.loads(self.sealed), is_readable=True)
        secret = self.key.opened() if self.key else None
        if secret is None:
            return Opened()
        opened = open_sealed(AESGCM(secret), self.sealed, self.tenant_id, self.request_id)
        return Opened(**json.loads(opened), is_readable=True)

    @property
    def actor_username(self) -> str:
        """The user name of who acted."""
        return self.opened.actor_username

    @property
    def actor_name(self) -> str:
        """The name of who acted."""
        return self.opened.actor_name

    @property
    def address(self) -> str:
        """The network address from which it was asked."""
        return self.opened.address

    @property
    def target_title(self) -> str:
        """The words by which a reader knows what it happened to."""
        return self.opened.target_title

    @property
    def details(self) -> dict[str, Any]:
        """The event's details."""
        return self.opened.details

    @property
    def told_title(self) -> Words:
        """The words of `target_title` for any reader: a sentence of ours can be told in another language."""
        packed = self.opened.told.get("target")
        return unpacked(packed) if packed else self.target_title

    @property
    def told_details(self) -> dict[str, Any]:
        """The event's details for any reader, sentences of ours among them as such."""
        told = {name: unpacked(packed) for name, packed in self.opened.told.items() if name in self.details}
        return {**self.details, **told}


def open_sealed(key: AESGCM, sealed: bytes, tenant_id: str | None, request_id: str) -> bytes:
    """This function will return what `sealed_for` sealed; raises `SealBroken` for anything else."""
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], seal_place(tenant_id, request_id))
    except InvalidTag as broken:
        place = seal_place(tenant_id, request_id).decode()
        raise SealBroken(place, "the sealed part of a record was changed or belongs elsewhere") from broken


def seal_place(tenant_id: str | None, request_id: str) -> bytes:
    """This function will return the associated data that bind a sealed part to its record."""
    return f"audit_records|sealed|{tenant_id or '-'}|{request_id}".encode()


class AuditHead(AppendOnly, Base):
    """The one row that an append locks: the log's own id, its size, and the peaks of the tree over it.

    `sign_key` is the key that signs since the last rotation, null before the first: so every process hears of a new one.
    """

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    log_id: Mapped[str] = mapped_column(_KeyId)
    size: Mapped[int] = mapped_column(BigInteger)
    peaks: Mapped[bytes] = mapped_column(LargeBinary)
    sign_key: Mapped[str | None] = mapped_column(_KeyId)


class AuditCheckpoint(Base):
    """A signed statement of how long the log is and which root it has, as it was handed out."""

    __tablename__ = "audit_checkpoints"

    size: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime]
    handed_out_at: Mapped[datetime | None]


class AuditPersonalSignature(AppendOnly, TenantTagged, Base):
    """A person's own signature over what a record decided; the record names its SHA-256."""

    __tablename__ = "audit_personal_signatures"

    seq: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str | None] = mapped_column(Id, index=True)
    method: Mapped[str] = mapped_column(String(32))
    nonce: Mapped[str] = mapped_column(String(64))
    evidence: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
