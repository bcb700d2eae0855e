"""A heartbeat: how a box is, and what it is told in return. It costs the same however many boxes there are.

Written is one row of the box's own, and the proof; `entering` has read the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import BigInteger, ColumnElement, Update, bindparam, or_, update
from sqlalchemy.orm import Session

from portal.boxes.commands.channels import note_channel
from portal.boxes.entering import Known, ended
from portal.boxes.models.reported import BoxStatus
from portal.boxes.queries.feeds import Feed, next_feed
from portal.boxes.queries.pending import pending_commands
from portal.boxes.queries.proven import bound_box
from portal.boxes.schemas import Heartbeat
from portal.core import clock
from portal.core.database import Ground
from portal.core.models import Id
from portal.core.prepared import TENANT, Prepared


@dataclass(frozen=True)
class Told:
    """What a box is told with the answer to a heartbeat: its channel, and the commands that it has not answered yet."""

    feed: Feed
    commands: tuple[tuple[str, str], ...]


def tell(on: Ground, known: Known) -> Told:
    """This function will return what the box is told now; it only reads. Commands are the oldest first: id and kind."""
    commands = pending_commands(on, known.id, clock.now()) if known.row.is_told else ()
    return Told(next_feed(known.row, known.row.told), commands)


def follows(known: Known, feed: Feed) -> bool:
    """This function will tell whether the box is told another channel than before, which only a session can note."""
    return bool(feed.channel != known.row.told)


def keep_heartbeat(on: Ground, known: Known, beat: Heartbeat, feed: Feed) -> bool:
    """This function will keep what a box says of itself, unless it said so before, and tell whether it did.

    A heartbeat whose count is not greater than the last one's of the same start is old news: it is answered and not kept. Raises
    `Unproven` where the box is to be told another channel and is bound no more: what it does not know yet stays unknown to it.
    """
    session = cast(Session, on) if follows(known, feed) else None
    if session is not None and bound_box(session, known.id) is None:
        raise ended()
    kept = _KEEP.changed(on, _parameters(known, _values(beat))) == 1
    if not kept:
        count_call(on, known)
    if session is not None:
        note_channel(session, known.id, known.group_id, feed.channel)
    return kept


def count_call(on: Ground, known: Known) -> None:
    """This function will count a call with the box's token."""
    _COUNT.changed(on, _parameters(known, {}))


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


def _update(named: Iterable[str], *conditions: ColumnElement[bool]) -> Update:
    """Parameters are called `new_` and the column, as an UPDATE keeps the columns' own names to itself."""
    own = (BoxStatus.tenant_id == bindparam(TENANT), BoxStatus.id == bindparam("box_id"))
    values = {name: bindparam(f"new_{name}", type_=BoxStatus.__table__.c[name].type) for name in named}
    return update(BoxStatus).where(*own, *conditions).values(values)


def _parameters(known: Known, values: Mapping[str, Any]) -> dict[str, Any]:
    since, calls = known.counted
    return {f"new_{name}": value for name, value in {**values, "calls_since": since, "calls": calls}.items()} | {
        "box_id": known.id
    }


_CALLS: Final = ("calls_since", "calls")
_BEAT: Final = (
    "boot", "count", "seen_at", "sequence", "release", "screen", "uptime_seconds", "free_bytes", "firmware", "faults",
)  # fmt: skip
_IS_NEWER: Final = or_(
    BoxStatus.boot.is_(None),
    BoxStatus.boot != bindparam("new_boot", type_=Id),
    BoxStatus.count < bindparam("new_count", type_=BigInteger),
)
_KEEP: Final = Prepared(lambda _: _update((*_BEAT, *_CALLS), _IS_NEWER))
_COUNT: Final = Prepared(lambda _: _update(_CALLS))
