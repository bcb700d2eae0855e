"""What has to be known before the records are read: the head, the keys, the checkpoints that the log must agree with."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, select

from portal.audit.keys import SIGN, sign_key_of
from portal.audit.leaf import VERSION
from portal.audit.models import AuditCheckpoint, AuditHead, AuditKey, AuditRecord
from portal.audit.notes import BadCheckpoint, SignedNote, origin_of, read_note
from portal.audit.verify.findings import CannotCheck, Fault, Finding
from portal.core import database
from portal.core.crypto import SealBroken

_records: Any = AuditRecord.__table__
_head: Any = AuditHead.__table__
_keys: Any = AuditKey.__table__
_checkpoints: Any = AuditCheckpoint.__table__


@dataclass(frozen=True)
class Outside:
    """A checkpoint from beside the database: where it was read, and its text."""

    place: str
    text: str


@dataclass
class Log:
    """What of the log is known before its records are read."""

    log_id: str
    size: int
    peaks: bytes
    rows: int
    last: int
    signed_from: int
    publics: Mapping[str, Ed25519PublicKey]
    notes: Sequence[tuple[str, SignedNote]]
    findings: list[Finding] = field(default_factory=list)
    last_seqs: dict[str, int] = field(default_factory=dict)

    @property
    def sizes(self) -> frozenset[int]:
        """The sizes of which a root is asked for."""
        return frozenset(note.checkpoint.size for _, note in self.notes)


@contextmanager
def snapshot() -> Iterator[Connection]:
    """This function will open a connection that sees every tenant's rows as of one moment and locks nothing.

    What is appended meanwhile must not look as if it had been added.
    """
    with database.system_session(reason="audit verify") as session:
        options = {} if database.database().is_sqlite else {"isolation_level": "REPEATABLE READ"}
        yield session.connection(execution_options=options)


def open_log(connection: Connection, outside: Sequence[Outside]) -> Log:
    """This function will read what the records are checked against; raises `CannotCheck` for what is no checkpoint."""
    head = connection.execute(select(_head)).one_or_none()
    rows, last = connection.execute(select(func.count(), func.max(_records.c.seq)).select_from(_records)).one()
    signed = connection.scalar(select(func.min(_records.c.seq)).where(_records.c.version == VERSION))
    log_id, size, peaks = (head.log_id, head.size, head.peaks) if head else ("", 0, b"")
    log = Log(log_id, size, peaks, rows, last or 0, signed or 1, {}, ())
    log.publics = _open_keys(connection, log)
    log.notes = [*_own_notes(connection, log), *(_outside_note(each, log) for each in outside)]
    if head is None and rows:
        log.findings.append(Finding(Fault.CHANGED, 0, "its head is gone"))
    return log


def _open_keys(connection: Connection, log: Log) -> Mapping[str, Ed25519PublicKey]:
    publics = {}
    for row in connection.execute(select(_keys).where(_keys.c.purpose == SIGN)):
        if row.last_seq is not None:
            log.last_seqs[row.id] = row.last_seq
        try:
            publics[row.id] = sign_key_of(AuditKey(**row._mapping)).public  # noqa: SLF001 - the public name of a row as a mapping
        except SealBroken as broken:
            log.findings.append(
                Finding(Fault.KEY, 0, f"the key {row.id} is not one that this installation sealed ({broken})")
            )
    return publics


def _own_notes(connection: Connection, log: Log) -> Iterator[tuple[str, SignedNote]]:
    for row in connection.execute(select(_checkpoints).order_by(_checkpoints.c.size)):
        place = f"checkpoint {row.size} of the database"
        try:
            note = read_note(row.note)
        except BadCheckpoint as bad:
            log.findings.append(Finding(Fault.CHECKPOINT, 0, f"{place} was changed: {bad}"))
            continue
        if note.checkpoint.size != row.size or not is_own(note, log):
            log.findings.append(Finding(Fault.CHECKPOINT, 0, f"{place} was changed or signed with another key"))
            continue
        yield place, note


def _outside_note(outside: Outside, log: Log) -> tuple[str, SignedNote]:
    try:
        note = read_note(outside.text)
    except BadCheckpoint as bad:
        raise CannotCheck(f"{outside.place} is not a checkpoint: {bad}") from bad
    if not is_own(note, log):
        if note.checkpoint.origin == origin_of(log.log_id):
            log.findings.append(
                Finding(Fault.KEY, 0, f"{outside.place} is signed with a key that is not there any more, or forged")
            )
        else:
            log.findings.append(
                Finding(Fault.CHECKPOINT, 0, f"{outside.place} is of another log, {note.checkpoint.origin}")
            )
    return outside.place, note


def is_own(note: SignedNote, log: Log) -> bool:
    """This function will tell whether the note is of this log and signed by a key of it that was not retired before."""
    if note.checkpoint.origin != origin_of(log.log_id):
        return False
    size = note.checkpoint.size
    return any(note.is_signed_by(key) for name, key in log.publics.items() if size <= log.last_seqs.get(name, size))
