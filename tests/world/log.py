"""Records as an installation has them, appended by the portal itself."""

from typing import Any

from sqlalchemy import delete

from portal.audit.events import Event
from portal.audit.models import AuditCheckpoint, AuditHead, AuditRecord
from portal.audit.pending import PendingRecord, Target
from portal.core import unit_of_work
from portal.core.context import Actor, RequestMeta, TenantRef
from portal.core.database import Database, commit, platform_session
from portal.core.ids import UserId, new_id

ALICE = Actor(
    user_id=UserId("01990000-0000-7000-8000-00000000a11c"), username="alice", display_name="林晓", role="tenant_admin",
    layer="business", auth_level=2, auth_method="password+totp",
)  # fmt: skip
BREAKFAST = Target("content_object", "t1", "湖畔早餐")


def pending(
    event: Event = Event.GROUP_DELETED,
    *,
    actor: Actor = ALICE,
    tenant: TenantRef | None = None,
    target: Target | None = BREAKFAST,
    outcome: str = "done",
    request_id: str = "",
    decided_on: str | None = None,
    **details: Any,
) -> PendingRecord:
    """This function will return a record that waits to be appended; details that the event wants and nobody gave are `x`."""
    given = {name: details.get(name, "x") for name in event.keys}
    request = RequestMeta(request_id or new_id(), "203.0.113.7")
    return PendingRecord(event, actor, request, tenant, target, given, outcome, decided_on)


def write(*records: PendingRecord) -> None:
    """This function will append the records in one transaction."""
    with platform_session(writes=True) as session:
        unit_of_work.work_of(session).records.extend(records)
        commit(session)


def start_anew(database: Database, *, checkpoints: bool = False) -> None:
    """This function will throw the log away, as nothing in the portal can, and its checkpoints too if asked to.

    The next record begins a new one.
    """
    tables = [AuditRecord.__table__, AuditHead.__table__, *([AuditCheckpoint.__table__] if checkpoints else [])]
    with database.engine.begin() as connection:
        for table in tables:
            connection.execute(delete(table))  # type: ignore[arg-type]  # tables they are
