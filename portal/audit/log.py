"""Recording: queued while a command runs, appended as the last statement before the commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.core import clock, database, unit_of_work
from portal.core.context import Actor, Context, RequestMeta, TenantRef
from portal.core.messages import Message, Words

DONE, DENIED, FAILED = "done", "denied", "failed"


@dataclass(frozen=True)
class Target:
    """What an event happened to: the table's singular, the row's id, and the words a reader knows it by."""

    type: str
    id: str
    title: Words = ""


@dataclass(frozen=True)
class PendingRecord:
    """An event that will be appended when its transaction commits."""

    event: Event
    actor: Actor
    request: RequestMeta
    tenant: TenantRef | None
    target: Target | None
    details: Mapping[str, Any]
    outcome: str = DONE


def record(ctx: Context, event: Event, target: Target | None = None, **details: Any) -> None:
    """This function will queue `event`, done by the context's actor, for the log of this transaction.

    Raises `ValueError` where `details` has other keys than the event declares.
    """
    _check_keys(event, details)
    pending = PendingRecord(event, ctx.actor, ctx.request, ctx.tenant, target, _plain(details))
    unit_of_work.work_of(ctx.session).records.append(pending)


def record_apart(
    actor: Actor,
    request: RequestMeta,
    tenant: TenantRef | None,
    event: Event,
    *,
    outcome: str,
    target: Target | None = None,
    **details: Any,
) -> None:
    """This function will write `event` in a transaction of its own: denials and failures, which outlive a rollback."""
    _check_keys(event, details)
    with database.platform_session(writes=True) as session:
        work = unit_of_work.work_of(session)
        work.records.append(PendingRecord(event, actor, request, tenant, target, _plain(details), outcome))
        database.commit(session)


def _check_keys(event: Event, details: Mapping[str, Any]) -> None:
    if details.keys() != event.keys:
        raise ValueError(f"{event.value} has the keys {sorted(event.keys)}, not {sorted(details)}")


def _plain(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """The log keeps what was said in the language it was said in; nothing of it changes with the reader."""
    return {key: str(value) if isinstance(value, Message) else value for key, value in details.items()}


def _append(session: Session, records: list[Any]) -> None:
    session.add_all(_row(pending) for pending in records)


def _row(pending: PendingRecord) -> AuditRecord:
    actor, target = pending.actor, pending.target
    return AuditRecord(
        at=clock.now(),
        event=pending.event.value,
        outcome=pending.outcome,
        tenant_id=pending.tenant.id if pending.tenant else None,
        actor_id=actor.user_id,
        actor_username=actor.username,
        actor_name=actor.display_name,
        actor_role=actor.role,
        actor_layer=actor.layer,
        auth_level=actor.auth_level,
        auth_method=actor.auth_method,
        address=pending.request.address,
        request_id=pending.request.request_id,
        target_type=target.type if target else None,
        target_id=target.id if target else None,
        target_title=str(target.title) if target else "",
        details=dict(pending.details),
    )


unit_of_work.register_appender(_append)
