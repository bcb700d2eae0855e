"""What waits in a transaction to be appended to the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.audit.events import Event
from portal.core.context import Actor, RequestMeta, TenantRef
from portal.core.messages import Words

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
    decided_on: str | None = None
