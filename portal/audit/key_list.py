"""The keys of the log as people and the command line see them: public parts, ages, counts, never a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.keys import SEAL, SIGN, sign_key_of
from portal.audit.models import AuditHead, AuditKey
from portal.audit.notes import origin_of, verifier_key


@dataclass(frozen=True)
class SigningKey:
    """A key that signs stamps and checkpoints, in the form that verifiers take; `last_seq` is the last record that a retired one signed."""

    id: str
    verifier: str
    made_at: datetime
    retired_at: datetime | None
    last_seq: int | None


@dataclass(frozen=True)
class KeyList:
    """The keys that sign, the newest first, and how many seal the records of an enterprise or of the platform, or did."""

    signing: Sequence[SigningKey]
    sealing: int
    destroyed: int


def key_list(session: Session) -> KeyList:
    """This function will return the keys of the log; three queries."""
    name = origin_of(session.scalar(select(AuditHead.log_id)) or "")
    rows = session.scalars(
        select(AuditKey).where(AuditKey.purpose == SIGN).order_by(AuditKey.created_at.desc(), AuditKey.id.desc())
    )
    signing = [
        SigningKey(row.id, verifier_key(name, sign_key_of(row).public), row.created_at, row.retired_at, row.last_seq)
        for row in rows
    ]
    counted = select(func.count(), func.count(AuditKey.destroyed_at)).where(AuditKey.purpose == SEAL)
    every, destroyed = tuple(session.execute(counted).one())
    return KeyList(signing, every - destroyed, destroyed)
