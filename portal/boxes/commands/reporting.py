"""A heartbeat: how a box is, and what it is told in return. It costs the same however many boxes there are.

Written is one row of the box's own, and the proof; `entering` has read the rest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, bindparam, or_, select, update
from sqlalchemy.orm import Session

from portal.boxes.commands.channels import note_channel
from portal.boxes.entering import Known
from portal.boxes.models.reported import BoxStatus, CommandResult
from portal.boxes.models.told import BoxCommand
from portal.boxes.queries.feeds import Feed, next_feed
from portal.boxes.rules import COMMAND_LIFE
from portal.boxes.schemas import Heartbeat
from portal.core import clock
from portal.core.ids import BoxId
from portal.core.models import UtcDateTime

MOST_COMMANDS = 20


@dataclass(frozen=True)
class Told:
    """What a box is told with the answer to a heartbeat: its channel, and the commands that it has not answered yet."""

    feed: Feed
    commands: tuple[tuple[str, str], ...]


def tell(session: Session, known: Known) -> Told:
    """This function will return what the box is told now; it only reads. Commands are the oldest first: id and kind."""
    return Told(next_feed(known.row, known.row.told), _pending(session, known.id, clock.now()))


def keep_heartbeat(session: Session, known: Known, beat: Heartbeat, feed: Feed) -> bool:
    """This function will keep what a box says of itself, unless it said so before, and tell whether it did.

    A heartbeat whose count is not greater than the last one's of the same start is old news: it is answered and not kept.
    """
    since, calls = known.counted
    newer = or_(BoxStatus.boot.is_(None), BoxStatus.boot != beat.boot, BoxStatus.count < beat.count)
    kept = _update(session, known, newer, {**_values(beat), "calls_since": since, "calls": calls})
    if not kept:
        count_call(session, known)
    if feed.channel != known.row.told:
        note_channel(session, known.id, known.group_id, feed.channel)
    return kept


def count_call(session: Session, known: Known) -> None:
    """This function will count a call with the box's token."""
    since, calls = known.counted
    _update(session, known, BoxStatus.id == known.id, {"calls_since": since, "calls": calls})


def _update(session: Session, known: Known, condition: Any, values: dict[str, Any]) -> bool:
    statement = (
        update(BoxStatus)
        .where(BoxStatus.tenant_id == known.tenant.id, BoxStatus.id == known.id, condition)
        .values(values)
    )
    result = cast(CursorResult[Any], session.execute(statement, execution_options={"synchronize_session": False}))
    return result.rowcount == 1


def _values(beat: Heartbeat) -> dict[str, Any]:
    return {
        "boot": beat.boot,
        "count": beat.count,
        "seen_at": clock.now(),
        "sequence": beat.sequence,
        "release": beat.release,
        "screen": beat.screen,
        "uptime_seconds": beat.uptime_seconds,
        "free_bytes": beat.free_bytes,
        "firmware": beat.firmware,
        "faults": [{"code": one.code, "detail": one.detail, "at": one.at.isoformat()} for one in beat.faults],
    }


def _pending(session: Session, box_id: BoxId, now: datetime) -> tuple[tuple[str, str], ...]:
    found = session.execute(_PENDING, {"box_id": box_id, "since": now - COMMAND_LIFE})
    return tuple((row.id, row.kind) for row in found)


_PENDING: Final = (
    select(BoxCommand.id, BoxCommand.kind)
    .where(
        BoxCommand.box_id == bindparam("box_id"),
        BoxCommand.told_at > bindparam("since", type_=UtcDateTime()),
        ~select(CommandResult.id).where(CommandResult.id == BoxCommand.id).exists(),
    )
    .order_by(BoxCommand.told_at, BoxCommand.id)
    .limit(MOST_COMMANDS)
)
