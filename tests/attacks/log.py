"""What the operation log says that somebody did, was denied, or failed at."""

from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.core.database import system_session


def recorded(outcome: str, *, since: int = 0) -> list[str]:
    """This function will return the events of an outcome (`done`, `denied`, `failed`) after a record, oldest first."""
    with system_session(reason="a test reads the log") as session:
        wanted = select(AuditRecord.event).where(AuditRecord.outcome == outcome, AuditRecord.seq > since)
        return list(session.scalars(wanted.order_by(AuditRecord.seq)))


def newest() -> int:
    """This function will return the number of the newest record."""
    with system_session(reason="a test reads the log") as session:
        return session.scalar(select(AuditRecord.seq).order_by(AuditRecord.seq.desc()).limit(1)) or 0
