"""Tables of the keys that sign what boxes read."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.crypto import Sealed
from portal.core.ids import new_id
from portal.core.models import Base, Id, Json

_ACTIVE = text("state = 'active'")
_CURRENT = text("current")


class RootKey(Base):
    """The public part of a root key; of several the current one signs. `handover` is the word of the one before that boxes take it (a JWS)."""

    __tablename__ = "root_keys"
    __table_args__ = (
        Index("uq_root_keys_one_current", "current", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
    )

    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=True)
    handover: Mapped[str | None] = mapped_column(Text)


class ReleaseKey(Base):
    """A key that signs pointers. One of each algorithm is active; a listed one still verifies; of the others the private part is gone."""

    __tablename__ = "release_keys"
    __table_args__ = (
        CheckConstraint("state in ('active', 'listed', 'retired', 'revoked')", name="state"),
        CheckConstraint("(state in ('active', 'listed')) = (ended_at is null)", name="ended_has_time"),
        Index("uq_release_keys_one_active", "algorithm", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kid: Mapped[str] = mapped_column(String(43), unique=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    public_jwk: Mapped[dict[str, Any]] = mapped_column(Json)
    private_jwk_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(12))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    private_jwk = Sealed()


class KeySet(Base):
    """One version of the list that boxes accept release keys from; `jws` is null until the root key was presented."""

    __tablename__ = "key_sets"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    jws: Mapped[str | None] = mapped_column(Text)
    root_kid: Mapped[str | None] = mapped_column(String(43))
    issued_at: Mapped[datetime]
