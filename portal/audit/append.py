"""The append: a transaction's records take their numbers and their places in the tree under one lock.

What can be made before the lock is (sealing above all); under it come reading the head, stamping, hashing, one insert and the
new head. On PostgreSQL the head's row is the lock, held until the commit; that commit does not wait for the disk, the session
does right after it (`core/database.py`), so that twenty writers share one forcing of the disk instead of queueing for it.
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audit.deeds import Ticket, brought, has_to_be_signed, signatures_for, ticket_for
from portal.audit.keys import Ring, SignKey, keep_ring, kept_ring
from portal.audit.leaf import VERSION, leaf, statement
from portal.audit.models import AuditHead, AuditPersonalSignature, AuditRecord
from portal.audit.pending import PendingRecord
from portal.audit.personal import PersonalSignature, SignatureMismatch
from portal.audit.tree import Frontier, leaf_hash
from portal.core import clock, metrics, unit_of_work
from portal.core.canonical import canonical_sha256
from portal.core.ids import new_id
from portal.core.messages import Message, packed
from portal.core.tokens import new_token

_ONLY_ROW = 1
_records: Any = AuditRecord.__table__
_head: Any = AuditHead.__table__
_signatures: Any = AuditPersonalSignature.__table__
Values = dict[str, Any]


def append(session: Session, pending: Sequence[PendingRecord], signatures: Sequence[PersonalSignature]) -> None:
    """This function will append the records to the log, each stamped, those that were personally signed with the signature.

    Raises `SignatureMismatch` where a signature is for something that was not decided, and `SignatureRequired` for a decision at
    level 3 without one.
    """
    connection = session.connection()
    deed = brought(pending)
    ticket = ticket_for(pending, deed)
    ring = kept_ring(connection)
    rows = _rows(pending, ring, connection, ticket) if ring else []
    head = _lock_head(connection)
    if ring is None or ring.log_id != head.log_id:
        ring = Ring(head.log_id)
        rows = _rows(pending, ring, connection, ticket)
    if ring.sign_key is not None and head.sign_key not in {None, ring.sign_key.id}:
        ring.sign_key = None  # another process has rotated it
    signed = _attach(rows, [*signatures, *signatures_for(pending, rows, ticket, deed)])
    frontier = Frontier.of(head.size, head.peaks)
    for row in rows:
        _place(row, frontier, ring.signing(connection))
    connection.execute(insert(_records), rows)
    if metrics.is_on():
        written = [(row["event"], row["outcome"]) for row in rows]
        unit_of_work.work_of(session).after_commit.append(partial(metrics.count_records, written))
    connection.execute(update(_head).values(size=frontier.size, peaks=frontier.joined))
    if signed:
        connection.execute(insert(_signatures), [_signature(row, signature) for row, signature in signed])
    pool, work = connection.engine.pool, unit_of_work.work_of(session)
    work.after_commit.append(lambda: keep_ring(pool, ring))
    if connection.dialect.name == "postgresql":
        work.unforced = connection


def _rows(pending: Sequence[PendingRecord], ring: Ring, connection: Connection, ticket: Ticket | None) -> list[Values]:
    salts = [ticket.salt(number) if ticket else new_token() for number in range(len(pending))]
    return [_row(each, ring, connection, salt) for each, salt in zip(pending, salts, strict=True)]


def _row(pending: PendingRecord, ring: Ring, connection: Connection, salt: str) -> Values:
    actor, target = pending.actor, pending.target
    tenant_id = pending.tenant.id if pending.tenant else None
    key = ring.sealing(connection, tenant_id)
    opened = {
        "actor_username": actor.username,
        "actor_name": actor.display_name,
        "address": pending.request.address,
        "target_title": str(target.title) if target else "",
        # what was said stays in the language that it was said in
        "details": {key: str(value) if isinstance(value, Message) else value for key, value in pending.details.items()},
        "salt": salt,
    }
    if told := _sentences(pending):
        opened["told"] = told
    # what a stranger can send may hold half a character, which no text of a database can
    opened = json.loads(json.dumps(opened, ensure_ascii=False).encode(errors="replace"))
    target_type, target_id = (target.type, target.id) if target else (None, None)
    return {
        "version": VERSION,
        "tenant_id": tenant_id,
        "at": clock.now(),
        "event": pending.event.value,
        "outcome": pending.outcome,
        "actor_id": actor.user_id,
        "actor_role": actor.role,
        "actor_layer": actor.layer,
        "auth_level": actor.auth_level,
        "auth_method": actor.auth_method,
        "request_id": pending.request.request_id,
        "target_type": target_type,
        "target_id": target_id,
        "decided_on": pending.decided_on or decided_on(target_type, _named(pending, target_id), opened),
        "personal": None,
        "seal_key": key.id,
        "sealed": key.seal(opened, tenant_id, pending.request.request_id),
    }


def _sentences(pending: PendingRecord) -> Values:
    """Our own sentences among target and details, beside their words, so that a reader of another language is told them in theirs."""
    said = {"target": pending.target.title if pending.target else "", **pending.details}
    return {name: packed(words) for name, words in said.items() if isinstance(words, Message)}


def _named(pending: PendingRecord, target_id: str | None) -> str | None:
    """What a person signs has to be the same when it is decided, and a thing that is made then has an id of then."""
    return None if has_to_be_signed(pending) else target_id


def decided_on(target_type: str | None, target_id: str | None, opened: Values) -> str:
    """This function will return the SHA-256 of what a record decided on, where the command did not say it.

    It is the detail `sha256`, the content's own, or the digest of target and details; the salt among them keeps a guess of
    what a destroyed key had sealed from being tried against the hash.
    """
    if isinstance(named := opened["details"].get("sha256"), str):
        return named
    target = {"type": target_type, "id": target_id, "title": opened["target_title"]}
    return canonical_sha256({"target": target, "details": opened["details"], "salt": opened["salt"]})


def _attach(rows: Sequence[Values], signatures: Sequence[PersonalSignature]) -> list[tuple[Values, PersonalSignature]]:
    attached = []
    for signature in signatures:
        wanted = (signature.statement.event, signature.statement.decided_on, None)
        row = next((row for row in rows if (row["event"], row["decided_on"], row["personal"]) == wanted), None)
        if row is None:
            raise SignatureMismatch(f"{signature.statement} was signed and not decided")
        row["personal"] = signature.sha256
        attached.append((row, signature))
    return attached


def _place(row: Values, frontier: Frontier, key: SignKey) -> None:
    row["seq"] = frontier.size + 1
    row["sign_key"] = key.id
    row["signature"] = key.private.sign(statement(row))
    row["nodes"] = frontier.add(leaf_hash(leaf(row)))


def _signature(row: Values, signature: PersonalSignature) -> Values:
    return {
        "seq": row["seq"],
        "tenant_id": row["tenant_id"],
        "method": signature.method,
        "nonce": signature.statement.nonce,
        "evidence": dict(signature.evidence),
        "sha256": signature.sha256,
    }


def _lock_head(connection: Connection) -> Row[Any]:
    columns = [_head.c.log_id, _head.c.size, _head.c.peaks, _head.c.sign_key]
    if is_postgresql := connection.dialect.name == "postgresql":
        columns.append(func.set_config(literal("synchronous_commit"), literal("off"), literal(True)))
    locking = select(*columns).with_for_update()
    found = connection.execute(locking).one_or_none()
    if found is None:
        insert_once = postgresql.insert if is_postgresql else sqlite.insert
        first = {"id": _ONLY_ROW, "log_id": new_id(), "size": 0, "peaks": b""}
        connection.execute(insert_once(AuditHead).values(first).on_conflict_do_nothing())
        found = connection.execute(locking).one()
    return found
