"""What must happen after a commit and survive a crash: rows written in the transaction, done by the job worker.

A row is done at least once; its handler therefore has to be one that may run twice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core import clock
from portal.core.database import commit, platform_session
from portal.core.ids import new_id
from portal.core.metrics import gauge
from portal.core.models import Base, Id

_LEASE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(minutes=10)


class OutboxRow(Base):
    """One thing to do; `due_at` moves on while somebody is at it and after every failure."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "done_at", "due_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    tenant_id: Mapped[str | None] = mapped_column(Id)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)


Handler = Callable[[str | None, Mapping[str, Any]], None]
_handlers: dict[str, Handler] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """This function will make the decorated function the handler of rows of `kind`; it gets the tenant's id and the payload."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def handlers() -> Mapping[str, Handler]:
    """This function will return the handlers by kind."""
    return MappingProxyType(_handlers)


def post(session: Session, kind: str, tenant_id: str | None = None, **payload: Any) -> None:
    """This function will put a thing to do into the session's transaction; it counts only if that commits."""
    at = clock.now()
    session.add(OutboxRow(kind=kind, tenant_id=tenant_id, payload=payload, created_at=at, due_at=at))


def drain(limit: int = 50) -> int:
    """This function will do up to `limit` due rows, oldest first, and return how many it finished."""
    return sum(_do(row_id) for row_id in _due(limit))


def forget_done(session: Session, before: datetime) -> None:
    """This function will delete the rows that were done before then; the caller commits."""
    session.execute(delete(OutboxRow).where(OutboxRow.done_at < before))


@gauge("portal_outbox_waiting", "Things to do after a commit that are due and not done.")
def _count_due() -> int:
    return _waiting(func.count(OutboxRow.id)) or 0


@gauge("portal_outbox_oldest_seconds", "For how long the oldest of them has been due since it was tried last.")
def _oldest_due() -> float:
    oldest = _waiting(func.min(OutboxRow.due_at))
    return 0.0 if oldest is None else (clock.now() - oldest).total_seconds()


def _waiting(what: ColumnElement[Any]) -> Any:
    with platform_session() as session:
        return session.scalar(select(what).where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= clock.now()))


def _due(limit: int) -> list[str]:
    with platform_session() as session:
        waiting = select(OutboxRow.id).where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= clock.now())
        return list(session.scalars(waiting.order_by(OutboxRow.due_at, OutboxRow.id).limit(limit)))


def _do(row_id: str) -> bool:
    claimed = _claim(row_id)
    if claimed is None:
        return False
    error: str | None = None
    try:
        _handlers[claimed.kind](claimed.tenant_id, claimed.payload)
    except Exception as failure:  # noqa: BLE001 - whatever a handler raises, the row stays and is tried again
        error = f"{type(failure).__name__}: {failure}"[:2000]
    _finish(claimed, error)
    return error is None


def _claim(row_id: str) -> OutboxRow | None:
    """Take the row for a while; of two workers one gets it. A worker that dies leaves it due again after the lease."""
    at = clock.now()
    with platform_session(writes=True) as session:
        taken = session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == row_id, OutboxRow.done_at.is_(None), OutboxRow.due_at <= at)
            .values(due_at=at + _LEASE, attempts=OutboxRow.attempts + 1)
        )
        row = session.get(OutboxRow, row_id) if taken.rowcount else None  # type: ignore[attr-defined]
        commit(session)
        return row


def _finish(row: OutboxRow, error: str | None) -> None:
    at = clock.now()
    pause = min(_LONGEST_PAUSE, timedelta(seconds=2 ** min(row.attempts, 10)))
    values = {"done_at": at, "last_error": None} if error is None else {"due_at": at + pause, "last_error": error}
    with platform_session(writes=True) as session:
        session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(**values))
        commit(session)
