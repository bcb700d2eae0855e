"""One transaction's account: what changed, which permission was asked, what is recorded.

A commit that changed a row of a table outside `TELEMETRY` without both is refused (law 4: no write without permission
asked and audit written). What is written every few seconds while somebody types is recorded once for the whole sitting:
such a transaction leaves a row in `OWED` instead, from which the record is made (decisions/0017).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

# Rows written many times a second that say nothing about who decided what. The list is short and frozen on purpose.
TELEMETRY = frozenset(
    {
        "session_activity",
        "sign_in_attempts",
        "spent_challenges",
        "captcha_challenges",
        "outbox",
        "alembic_version",
        "tenant_presence",
        "conversion_runs",
        "box_spent_proofs",
        "box_refusals",
        "box_status",
        "box_channels",
        "box_command_results",
        "box_screenshots",
        "play_batches",
        "plays",
        "play_days",
        "play_box_days",
        "play_names",
        "unfinished_uploads",
        "editor_presence",
        "review_presence",
    }
)

# Tables whose rows each stand for a record that is owed: whoever writes one has accounted for the transaction.
OWED = frozenset({"draft_sittings"})


class UnaskedWrite(Exception):
    """Rows changed in a transaction that asked no permission: a fault of ours, never shown as a refusal."""


class UnrecordedWrite(Exception):
    """Rows changed in a transaction that recorded nothing: a fault of ours, never shown as a refusal."""


@dataclass
class UnitOfWork:
    """What one transaction did so far.

    `asked_in_general` and `asked_of_things` are permissions that are always about one thing: asked without naming any, and of
    something that was named.
    """

    asked: set[str] = field(default_factory=set)
    asked_in_general: set[str] = field(default_factory=set)
    asked_of_things: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    records: list[Any] = field(default_factory=list)
    signatures: list[Any] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    unforced: Connection | None = None  # where the commit does not wait for the disk, and somebody has to

    def check(self) -> None:
        """This function will raise `UnaskedWrite` or `UnrecordedWrite` where rows changed without leave or trace."""
        if self.changed and not self.asked:
            raise UnaskedWrite(f"no permission was asked before writing {sorted(self.changed)}")
        if self.changed and (unnamed := self.asked_in_general - self.asked_of_things):
            raise UnaskedWrite(
                f"{sorted(unnamed)} was asked of nothing in particular before writing {sorted(self.changed)}"
            )
        if self.changed and not (self.records or self.changed & OWED):
            raise UnrecordedWrite(f"nothing was recorded about writing {sorted(self.changed)}")
        if self.signatures and not self.records:
            raise UnrecordedWrite("somebody signed a decision and nothing was recorded")


# takes the session, its records, and the signatures that people gave for what it decides
Appender = Callable[[Session, list[Any], list[Any]], None]
_appender: Appender | None = None


def register_appender(appender: Appender) -> None:
    """This function will make `appender` the one that writes a transaction's records just before it commits."""
    global _appender
    _appender = appender


def work_of(session: Session) -> UnitOfWork:
    """This function will return the account of the session's current transaction."""
    work: UnitOfWork = session.info.setdefault("unit_of_work", UnitOfWork())
    return work


def note_change(session: Session, table: str) -> None:
    """This function will note that a row of `table` changed, unless the table is telemetry."""
    if table not in TELEMETRY:
        work_of(session).changed.add(table)


def close(session: Session) -> None:
    """This function will check the account and append its records, as the last statements before the commit."""
    session.flush()
    work = work_of(session)
    work.check()
    if work.records:
        if _appender is None:
            raise UnrecordedWrite("no log is there to take the records")
        _appender(session, work.records, work.signatures)


def reset(session: Session) -> list[Callable[[], None]]:
    """This function will begin a new account and return what was to happen after the commit of the old one."""
    work = session.info.pop("unit_of_work", None)
    return work.after_commit if work else []
