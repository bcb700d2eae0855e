"""Tables of what was used up: proofs, and tries that were refused. They belong to nobody yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base


class SpentProof(Base):
    """A proof that a call was made with, by the hash of key and `jti`; remembered for longer than its nonce lives."""

    __tablename__ = "box_spent_proofs"

    mark: Mapped[str] = mapped_column(String(43), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(index=True)


class Refusals(Base):
    """When calls that concern one thing (an enterprise ID, a phone, an address, a serial, hashed) were refused or left waiting.

    `times` are seconds since 1970 of the last day, oldest first, no more than the limit of a day.
    """

    __tablename__ = "box_refusals"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    times: Mapped[list[Any]] = mapped_column(default=list)
    last_at: Mapped[datetime] = mapped_column(index=True)
