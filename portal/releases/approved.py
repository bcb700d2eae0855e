"""What goes on air is what somebody approved, byte for byte: the log says so, and whoever can write the database alone cannot write that."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.audit.pending import DONE
from portal.audit.proofs import columns_of, public_keys
from portal.audit.verify.chunks import is_stamped
from portal.content.models import Revision
from portal.content.stored import read_again
from portal.core import unit_of_work
from portal.core.errors import ContentAltered

Approval = tuple[str, str]


def check_approved(session: Session, chosen: Sequence[Revision]) -> None:
    """This function will raise `ContentAltered` where a revision is not what its approval was about.

    The approval is a stamped record over the revision's hash, or one that this very transaction is about to write.
    """
    approved = {*_on_record(session, chosen), *_about_to_be(session)}
    for revision in chosen:
        if (revision.object_id, revision.sha256) not in approved:
            raise ContentAltered(revision.sha256)
        read_again(revision)


def _on_record(session: Session, chosen: Sequence[Revision]) -> Iterator[Approval]:
    wanted = select(AuditRecord).where(
        AuditRecord.event == Event.APPROVED.value,
        AuditRecord.outcome == DONE,
        AuditRecord.target_id.in_([revision.object_id for revision in chosen]),
        AuditRecord.decided_on.in_([revision.sha256 for revision in chosen]),
    )
    publics = public_keys(session)
    for record in session.scalars(wanted):
        public = publics.get(record.sign_key or "")
        if public is not None and is_stamped(columns_of(record), public):
            yield record.target_id or "", record.decided_on


def _about_to_be(session: Session) -> Iterator[Approval]:
    pending: list[Any] = unit_of_work.work_of(session).records
    for record in pending:
        if record.event is Event.APPROVED and record.target is not None:
            yield record.target.id, str(record.details.get("sha256"))
