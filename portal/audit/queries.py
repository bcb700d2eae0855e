"""Reads of the log: newest first, a page at a time, by number and not by offset, however long the log is.

Names and words are sealed, so the database cannot look for them. A user name leads to the actor's id; words are looked for
in the opened records, some thousands at a time, and the reader may go on from there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.models import AuditCheckpoint, AuditKey, AuditRecord, open_sealed
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.models import Base

PAGE = 50
SEARCHED = 5_000
BATCH = 500
LARGEST_NUMBER = 2**53
_CHECKPOINTS = 100


@dataclass(frozen=True)
class Filter:
    """What a reader looks for; empty fields look for nothing. Days are business days, both included."""

    group: str = ""
    outcome: str = ""
    layer: str = ""
    actor: str = ""
    target: str = ""
    enterprise_id: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None

    def named(self) -> dict[str, Any]:
        """This function will return what is looked for as it stands in an address, without what is empty."""
        values = {
            "group": self.group,
            "outcome": self.outcome,
            "layer": self.layer,
            "actor": self.actor,
            "target": self.target,
            "enterprise": self.enterprise_id,
            "q": self.text,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Searched:
    """How far a search for words went: how many records it opened, and when the oldest of them was written."""

    count: int
    reached_at: datetime


@dataclass(frozen=True)
class LogPage:
    """Some records, newest first; `older` is the number below which the next page begins, None on the last.

    `searched` says how far this page looked, where words were looked for.
    """

    records: Sequence[AuditRecord]
    older: int | None
    searched: Searched | None = None


@dataclass(frozen=True)
class Batch:
    """Some of the records that a filter finds, and the number of the last one that was looked at for them."""

    records: Sequence[AuditRecord]
    reached: int


def log_page(session: Session, wanted: Filter, before: int | None = None) -> LogPage:
    """This function will return the newest records that `wanted` finds, of those numbered below `before`.

    Where words are looked for, one page comes of at most `SEARCHED` records; it may be empty and yet have an older one.
    """
    if wanted.text:
        return _search(session, wanted, before)
    statement = _below(_where(select(AuditRecord), wanted), before)
    rows = session.scalars(statement.order_by(AuditRecord.seq.desc()).limit(PAGE + 1)).all()
    return LogPage(rows[:PAGE], rows[PAGE - 1].seq if len(rows) > PAGE else None)


def _search(session: Session, wanted: Filter, before: int | None) -> LogPage:
    columns: tuple[Any, ...] = (
        AuditRecord.seq, AuditRecord.at, AuditRecord.tenant_id, AuditRecord.request_id, AuditRecord.seal_key, AuditRecord.sealed,
    )  # fmt: skip
    statement = _below(_where(select(*columns), wanted), before).order_by(AuditRecord.seq.desc())
    rows = session.execute(statement.limit(SEARCHED)).all()
    held = session.scalars(select(AuditKey).where(AuditKey.id.in_({row.seal_key for row in rows})))
    keys = {key.id: AESGCM(secret) for key in held if (secret := key.opened()) is not None}
    found: list[int] = []
    looked = 0
    for row in rows:
        if len(found) == PAGE:
            break
        looked += 1
        if _has(row, keys, wanted.text.casefold()):
            found.append(row.seq)
    records = session.scalars(select(AuditRecord).where(AuditRecord.seq.in_(found)).order_by(AuditRecord.seq.desc()))
    if not looked:
        return LogPage((), None)
    last = rows[looked - 1]
    is_end = len(rows) < SEARCHED and looked == len(rows)
    return LogPage(records.all(), None if is_end else last.seq, Searched(looked, last.at))


def batches(session: Session, wanted: Filter, below: int) -> Iterator[Batch]:
    """This function will go through all records that `wanted` finds, of those numbered below `below`, newest first.

    They come some hundreds at a time and are not kept by the session; a batch may be empty where words are looked for.
    """
    text = wanted.text.casefold()
    while True:
        statement = _below(_where(select(AuditRecord), wanted), below).order_by(AuditRecord.seq.desc())
        rows = session.scalars(statement.limit(BATCH)).all()
        if not rows:
            return
        below = rows[-1].seq
        yield Batch([row for row in rows if not text or _mentions(row, text)], below)
        session.expunge_all()


def _mentions(record: AuditRecord, text: str) -> bool:
    return any(text in words.casefold() for words in (record.actor_username, record.actor_name, record.target_title))


def _has(row: Row[Any], keys: Mapping[str, AESGCM], text: str) -> bool:
    if row.seal_key is None:
        opened = row.sealed
    elif (key := keys.get(row.seal_key)) is not None:
        opened = open_sealed(key, row.sealed, row.tenant_id, row.request_id)
    else:
        return False
    words = json.loads(opened)
    return any(text in words[place].casefold() for place in ("actor_username", "actor_name", "target_title"))


def _below(statement: Select[Any], before: int | None) -> Select[Any]:
    return statement if before is None else statement.where(AuditRecord.seq < before)


def count(session: Session, wanted: Filter, most: int) -> int:
    """This function will return how many records `wanted` finds, counted up to `most`; its words are not looked for."""
    some = _where(select(AuditRecord.seq), wanted).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def get_record(session: Session, seq: int) -> AuditRecord:
    """This function will return one record; raises `NotFound`, inside a tenant for other tenants' records too."""
    found = session.scalar(select(AuditRecord).where(AuditRecord.seq == seq))
    if found is None:
        raise NotFound
    return found


def get_checkpoint(session: Session, size: int) -> AuditCheckpoint:
    """This function will return the checkpoint of that size; raises `NotFound`."""
    found = session.get(AuditCheckpoint, size) if size < LARGEST_NUMBER else None
    if found is None:
        raise NotFound
    return found


def checkpoints_before(
    session: Session, size: int = LARGEST_NUMBER, limit: int = _CHECKPOINTS
) -> list[AuditCheckpoint]:
    """This function will return the newest checkpoints of at most that size, newest first."""
    newest = select(AuditCheckpoint).where(AuditCheckpoint.size <= size).order_by(AuditCheckpoint.size.desc())
    return list(session.scalars(newest.limit(limit)))


def tenant_names(session: Session, tenant_ids: Iterable[str | None]) -> Mapping[str, str]:
    """This function will return the names of tenants by id, the enterprise ID of deleted ones, in a session that reads across tenants.

    The log stands below the room of tenants, so it knows their table by its name only.
    """
    tenants = Base.metadata.tables["tenants"]
    wanted = {tenant_id for tenant_id in tenant_ids if tenant_id}
    if not wanted:
        return {}
    deletions = Base.metadata.tables["tenant_deletions"]
    found = session.execute(select(tenants.c.id, tenants.c.short_name).where(tenants.c.id.in_(wanted)))
    names = {row.id: row.short_name for row in found}
    if lost := wanted - names.keys():
        gone = select(deletions.c.tenant_id, deletions.c.enterprise_id).where(deletions.c.tenant_id.in_(lost))
        names.update({row.tenant_id: row.enterprise_id for row in session.execute(gone)})
    return names


def _where(statement: Select[Any], wanted: Filter) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.group:
        conditions.append(AuditRecord.event.in_(_events(wanted.group)))
    for column, value in (
        (AuditRecord.outcome, wanted.outcome),
        (AuditRecord.actor_layer, wanted.layer),
        (AuditRecord.target_id, wanted.target),
    ):
        if value:
            conditions.append(column == value)
    if wanted.actor:
        # below the room of accounts, like the tenants; the portal's own actors have a name and no account
        users = Base.metadata.tables["users"]
        account = select(users.c.id).where(users.c.username == wanted.actor).scalar_subquery()
        conditions.append(or_(AuditRecord.actor_id == account, AuditRecord.actor_role == wanted.actor))
    if wanted.enterprise_id:
        tenants, deletions = Base.metadata.tables["tenants"], Base.metadata.tables["tenant_deletions"]
        own = select(tenants.c.id).where(tenants.c.enterprise_id == wanted.enterprise_id)
        gone = select(deletions.c.tenant_id).where(deletions.c.enterprise_id == wanted.enterprise_id)
        conditions.append(AuditRecord.tenant_id.in_(own.union(gone)))
    if wanted.since is not None:
        conditions.append(AuditRecord.at >= clock.start_of(wanted.since))
    if wanted.until is not None:
        conditions.append(AuditRecord.at < clock.start_of(wanted.until + timedelta(days=1)))
    return statement.where(*conditions)


def _events(group: str) -> list[str]:
    return [event.value for event in Event if event.value.partition(".")[0] == group]
