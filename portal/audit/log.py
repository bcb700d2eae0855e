"""Recording: queued while a command runs, appended as the last statement before the commit (`append.py`)."""

from collections.abc import Mapping
from typing import Any

from portal.audit.append import append
from portal.audit.events import Event
from portal.audit.pending import DENIED, DONE, FAILED, PendingRecord, Target
from portal.core import database, unit_of_work
from portal.core.context import Actor, Context, RequestMeta, TenantRef

__all__ = ["DENIED", "DONE", "FAILED", "PendingRecord", "Target", "record", "record_apart", "record_failure"]


def record(
    ctx: Context, event: Event, target: Target | None = None, *, decided_on: str | None = None, **details: Any
) -> None:
    """This function will queue `event`, done by the context's actor, for the log of this transaction, with its form stamp.

    `decided_on` is the SHA-256 (64 hex digits) of the content that was decided on; left out, it is the detail `sha256` where
    the event has one, else the digest of target and details. Raises `ValueError` where `details` has other keys than the
    event declares.
    """
    _check_keys(event, details)
    pending = PendingRecord(event, ctx.actor, ctx.request, ctx.tenant, target, details, decided_on=decided_on)
    unit_of_work.work_of(ctx.session).records.append(pending)


def record_failure(ctx: Context, event: Event, **details: Any) -> None:
    """This function will queue `event` as something that failed, for the log of this transaction, which goes on."""
    _check_keys(event, details)
    pending = PendingRecord(event, ctx.actor, ctx.request, ctx.tenant, None, details, FAILED)
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
        work.records.append(PendingRecord(event, actor, request, tenant, target, details, outcome))
        database.commit(session)


def _check_keys(event: Event, details: Mapping[str, Any]) -> None:
    if details.keys() != event.keys:
        raise ValueError(f"{event.value} has the keys {sorted(event.keys)}, not {sorted(details)}")


unit_of_work.register_appender(append)
