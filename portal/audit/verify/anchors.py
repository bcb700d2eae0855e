"""Comparing the records with what was signed about them: checkpoints, and people's own signatures."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, func, select

from portal.audit.models import AuditPersonalSignature, AuditRecord
from portal.audit.notes import Checkpoint
from portal.audit.personal import PersonalSignature, Statement, holds
from portal.audit.verify.chunks import check_stamp, read_chunk
from portal.audit.verify.findings import Fault, Finding
from portal.audit.verify.opening import Log, is_own

_records: Any = AuditRecord.__table__
_personal: Any = AuditPersonalSignature.__table__


def check_checkpoints(connection: Connection, log: Log, roots: Mapping[int, bytes]) -> None:
    """This function will compare every checkpoint with the records; where the tree was made anew, find the record from which on it was."""
    good = 0
    whole_until = min((found.seq for found in log.findings if found.seq), default=log.size + 1)
    for place, note in sorted(log.notes, key=lambda each: each[1].checkpoint.size):
        checkpoint = note.checkpoint
        if not is_own(note, log):
            continue
        if checkpoint.size > log.size:
            log.findings.append(_cut(log, place, checkpoint))
            return
        if checkpoint.size >= whole_until:
            return
        if checkpoint.size and roots.get(checkpoint.size) != checkpoint.root:
            log.findings.append(_first_forged(connection, log, place, (good, checkpoint.size)))
            return
        good = checkpoint.size


def check_retired(connection: Connection, log: Log) -> None:
    """This function will look for stamps by keys that had been retired before, as somebody who kept one could make them."""
    for key_id, last in log.last_seqs.items():
        late = select(func.min(_records.c.seq)).where(_records.c.seq > last, _records.c.sign_key == key_id)
        if (seq := connection.scalar(late)) is not None:
            sentence = f"it is stamped with the key {key_id}, which was retired after record {last}"
            log.findings.append(Finding(Fault.KEY, seq, sentence))


def _cut(log: Log, place: str, checkpoint: Checkpoint) -> Finding:
    sentence = f"the log ends with record {log.size}, {place} says that it had {checkpoint.size}"
    return Finding(Fault.CUT, log.size + 1, sentence)


def _first_forged(connection: Connection, log: Log, place: str, span: tuple[int, int]) -> Finding:
    good, size = span
    with closing(read_chunk(connection, good + 1, size)) as records:
        stamped = (check_stamp(record, log.publics) for record in records if record["seq"] >= log.signed_from)
        found = next(filter(None, stamped), None)
    if found is not None:
        sentence = f"the tree was made anew, {place} has another root, and {found.sentence}"
        return Finding(Fault.CHANGED, found.seq, sentence)
    return Finding(Fault.CHECKPOINT, good + 1, f"records {good + 1} to {size} do not give the root of {place}")


def check_personal(connection: Connection, log: Log, *, stamps: bool) -> None:
    """This function will compare the signatures that people gave with what their records name, and check them where asked."""
    named = (_records.c.seq, _records.c.personal, _records.c.event, _records.c.decided_on)
    given = (_personal.c.method, _personal.c.nonce, _personal.c.evidence, _personal.c.seq.label("own"))
    both = _records.c.seq == _personal.c.seq
    from_records = select(*named, *given).select_from(_records.outerjoin(_personal, both))
    from_people = select(*named, *given).select_from(_personal.outerjoin(_records, both))
    for wanted in (
        from_records.where(_records.c.personal.is_not(None)),
        from_people.where(_records.c.personal.is_(None)),
    ):
        for row in connection.execute(wanted):
            if found := _wrong_with(row, stamps=stamps):
                log.findings.append(found)
                return


def _wrong_with(row: Any, *, stamps: bool) -> Finding | None:
    if row.own is None:
        return Finding(Fault.PERSONAL, row.seq, "the person's signature is gone")
    if row.personal is None:
        return Finding(Fault.PERSONAL, row.own, "a person's signature was added to no record")
    signature = PersonalSignature(row.method, Statement(row.event, row.decided_on, row.nonce), row.evidence)
    if signature.sha256 != row.personal:
        return Finding(Fault.PERSONAL, row.seq, "the person's signature is another one than the record names")
    if stamps and not holds(signature):
        return Finding(Fault.PERSONAL, row.seq, "the person's signature is not over what was decided")
    return None
