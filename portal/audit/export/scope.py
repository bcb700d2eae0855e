"""What of the log is exported: which records, how many at most, up to which checkpoint."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from portal.audit.models import AuditCheckpoint, AuditRecord
from portal.audit.queries import Filter, batches
from portal.core.context import TenantRef
from portal.core.database import PortalSession, system_session, tenant_session

LONGEST_SECONDS: Final = 240


class Format(StrEnum):
    """In which form the log is carried out."""

    LINES = "jsonl"
    WORKBOOK = "xlsx"


MOST_RECORDS: Final = {Format.LINES: 50_000, Format.WORKBOOK: 20_000}


@dataclass(frozen=True)
class Scope:
    """One export: the filter, the checkpoint whose records it may hold, whether names and words are in it; `tenant` is None for the whole log."""

    wanted: Filter
    format: Format
    checkpoint: AuditCheckpoint
    personal: bool
    tenant: TenantRef | None

    @property
    def most(self) -> int:
        """How many records the file holds at most."""
        return MOST_RECORDS[self.format]

    def session(self) -> AbstractContextManager[PortalSession]:
        """This function will open a session that sees what the export may hold: one tenant's records, or all."""
        return tenant_session(self.tenant.id) if self.tenant else system_session(reason="audit export")


@dataclass
class Reading:
    """Going through the records of an export, newest first; `stopped_at` is the number of the last one read where it had to stop."""

    scope: Scope
    session: PortalSession
    count: int = 0
    stopped_at: int | None = None
    deadline: float = field(default_factory=lambda: time.monotonic() + LONGEST_SECONDS)

    def batches(self) -> Iterator[Sequence[AuditRecord]]:
        """This function will yield the records, some hundreds at a time, until there are no more, there are enough, or the time is over."""
        last = None
        for found in batches(self.session, self.scope.wanted, self.scope.checkpoint.size + 1):
            if found.records:
                room = self.scope.most - self.count
                kept = found.records[:room]
                if kept:
                    self.count += len(kept)
                    last = kept[-1].seq
                    yield kept
                if len(kept) < len(found.records):
                    self.stopped_at = last
                    return
            if time.monotonic() > self.deadline:
                self.stopped_at = found.reached
                return
