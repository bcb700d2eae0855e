"""Reads of the log: newest first, a page at a time, by number and not by offset, however long the log is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.models import Base

PAGE = 50


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


@dataclass(frozen=True)
class LogPage:
    """Some records, newest first; `older` is the number below which the next page begins, None on the last."""

    records: Sequence[AuditRecord]
    older: int | None


def log_page(session: Session, wanted: Filter, before: int | None = None) -> LogPage:
    """This function will return the newest records that `wanted` finds, of those numbered below `before`; one query."""
    statement = _where(select(AuditRecord), wanted)
    if before is not None:
        statement = statement.where(AuditRecord.seq < before)
    rows = session.scalars(statement.order_by(AuditRecord.seq.desc()).limit(PAGE + 1)).all()
    return LogPage(rows[:PAGE], rows[PAGE - 1].seq if len(rows) > PAGE else None)


def get_record(session: Session, seq: int) -> AuditRecord:
    """This function will return one record; raises `NotFound`, inside a tenant for other tenants' records too."""
    found = session.scalar(select(AuditRecord).where(AuditRecord.seq == seq))
    if found is None:
        raise NotFound
    return found


def tenant_names(session: Session, tenant_ids: Iterable[str | None]) -> Mapping[str, str]:
    """This function will return the names of tenants by id, in a session that reads across tenants.

    The log stands below the room of tenants, so it knows their table by its name only.
    """
    tenants = Base.metadata.tables["tenants"]
    wanted = {tenant_id for tenant_id in tenant_ids if tenant_id}
    if not wanted:
        return {}
    found = session.execute(select(tenants.c.id, tenants.c.short_name).where(tenants.c.id.in_(wanted)))
    return {row.id: row.short_name for row in found}


def _where(statement: Select[AuditRecord], wanted: Filter) -> Select[AuditRecord]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.group:
        conditions.append(AuditRecord.event.in_(_events(wanted.group)))
    for column, value in (
        (AuditRecord.outcome, wanted.outcome),
        (AuditRecord.actor_layer, wanted.layer),
        (AuditRecord.actor_username, wanted.actor),
        (AuditRecord.target_id, wanted.target),
    ):
        if value:
            conditions.append(column == value)
    if wanted.enterprise_id:
        tenants = Base.metadata.tables["tenants"]
        own = select(tenants.c.id).where(tenants.c.enterprise_id == wanted.enterprise_id).scalar_subquery()
        conditions.append(AuditRecord.tenant_id == own)
    if wanted.since is not None:
        conditions.append(AuditRecord.at >= clock.start_of(wanted.since))
    if wanted.until is not None:
        conditions.append(AuditRecord.at < clock.start_of(wanted.until + timedelta(days=1)))
    if wanted.text:
        places = (AuditRecord.actor_username, AuditRecord.actor_name, AuditRecord.target_title)
        conditions.append(or_(*(place.icontains(wanted.text, autoescape=True) for place in places)))
    return statement.where(*conditions)


def _events(group: str) -> list[str]:
    return [event.value for event in Event if event.value.partition(".")[0] == group]
