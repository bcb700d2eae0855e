"""The stamps that a form carries (经办人, 经办时间, 签名), as the pages of other rooms show them."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.audit.pending import DONE
from portal.audit.sentences import title
from portal.audit.words import VALUES
from portal.core.messages import Message

_MOST = 30
# What happens to a person's session is no form that somebody filled in.
_NO_FORM = (
    Event.SIGNED_IN, Event.SIGNED_OUT, Event.PASSWORD_ACCEPTED, Event.SESSION_ENDED, Event.TENANT_CHOSEN, Event.PREFERENCES_CHANGED,
)  # fmt: skip


@dataclass(frozen=True)
class Stamp:
    """Who handled a form, when and how proven, what was decided on, and the platform's signature over all of it."""

    seq: int
    title: Message
    handler: str
    username: str
    role: str
    at: datetime
    level: int
    method: str | Message
    decided_on: str
    signature: str
    is_personal: bool


def stamp_of(record: AuditRecord) -> Stamp:
    """This function will return the stamp that a record carries; the signature is base64, empty on a record without one."""
    return Stamp(
        record.seq,
        title(record.event),
        record.actor_name,
        record.actor_username,
        record.actor_role,
        record.at,
        record.auth_level,
        VALUES["method"].get(record.auth_method, record.auth_method),
        record.decided_on,
        b64encode(record.signature).decode(),
        record.personal is not None,
    )


def stamps_of(
    session: Session, targets: Sequence[str], *, contents: Sequence[str] = (), over: Sequence[str] = ()
) -> list[Stamp]:
    """This function will return the stamps on the rows with these ids, newest first, and on `contents` as far as it was decided `over` these hashes."""
    wanted = or_(
        AuditRecord.target_id.in_(targets),
        and_(
            AuditRecord.target_id.in_(contents),
            AuditRecord.decided_on.in_(over),
            AuditRecord.event.startswith("review."),
        ),
    )
    forms = AuditRecord.event.not_in([event.value for event in _NO_FORM])
    found = select(AuditRecord).where(wanted, forms, AuditRecord.outcome == DONE).order_by(AuditRecord.seq.desc())
    return [stamp_of(record) for record in session.scalars(found.limit(_MOST))]
