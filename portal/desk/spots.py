"""Where on the television a change is seen: the place to go to, what there bears its number, and at which moment. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.content.ads.rules import DefaultPlaylist, ScheduleEntry
from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.content.schedule.windows import is_on, next_change
from portal.content.slots.rules import Slot
from portal.content.zone.rules import Column, Item
from portal.core.clock import SHANGHAI
from portal.releases.comparison import Difference

Place = Mapping[str, str]
_MINUTE = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Spot:
    """Where a change is seen: `place` as the player's address names it, `mark` the element that bears the number.

    `at` is the moment in China Standard Time to which the televisions have to be set so that it is on, "" where it is on anyway; `over`
    says that it never will be. On a side where the object is not shown there is nothing to see of it.
    """

    number: int
    place: Place
    mark: str
    at: str
    over: bool
    before: bool
    after: bool


def spot(change: Difference, seen_at: datetime) -> Spot:
    """This function will return where a change is seen by somebody who looks at `seen_at` (aware)."""
    place, mark = _place(change)
    moment = _moment(change.either, seen_at)
    return Spot(
        change.number,
        place,
        mark,
        typed(moment) if moment is not None and moment != seen_at else "",
        moment is None,
        _shown(change.before),
        _shown(change.after),
    )


def typed(moment: datetime | None) -> str:
    """This function will write a moment as people type it in China Standard Time, None as nothing."""
    return moment.astimezone(SHANGHAI).strftime(_MINUTE) if moment is not None else ""


def _shown(side: Envelope | None) -> bool:
    return side is not None and side.shown


def _moment(envelope: Envelope, seen_at: datetime) -> datetime | None:
    """When it is on; of timed power, when it turns the box off. None for never again."""
    if is_on(envelope.windows, seen_at) and envelope.kind is not Kind.POWER:
        return seen_at
    return next_change(envelope.windows, seen_at)


def _place(change: Difference) -> tuple[Place, str]:
    return _PLACES[change.either.kind](change.either.payload, str(change.object_id))


def _slot(payload: Slot, _object_id: str) -> tuple[Place, str]:
    return {**_DESKTOP, "position": str(payload.position)}, f"slot-{payload.position}"


def _column(payload: Column, object_id: str) -> tuple[Place, str]:
    return {"screen": "zone", "column": object_id}, f"{'tab' if payload.parent is None else 'chip'}-{object_id}"


def _item(payload: Item, object_id: str) -> tuple[Place, str]:
    """A picture or a film is known by its tile; a text has to be opened to be read."""
    inside = {"screen": "zone", "column": str(payload.column)}
    return {**inside, "item" if payload.kind == "text" else "focus": object_id}, object_id


def _scheduled(payload: ScheduleEntry | DefaultPlaylist, _object_id: str) -> tuple[Place, str]:
    return {"screen": "ads", "playlist": str(payload.playlist)}, ""


_DESKTOP: Place = {"screen": "desktop"}
_PLACES: Mapping[Kind, Callable[[Any, str], tuple[Place, str]]] = {
    Kind.LOGO: lambda payload, object_id: (_DESKTOP, "logo"),
    Kind.SLOT: _slot,
    Kind.COLUMN: _column,
    Kind.ITEM: _item,
    Kind.MARQUEE: lambda payload, object_id: (_DESKTOP, f"marquee-{payload.edge}"),
    Kind.FRAME: lambda payload, object_id: ({"screen": "splash", "frame": str(payload.position)}, ""),
    Kind.PLAYLIST: lambda payload, object_id: ({"screen": "ads", "playlist": object_id}, ""),
    Kind.SCHEDULE_ENTRY: _scheduled,
    Kind.DEFAULT_PLAYLIST: _scheduled,
    Kind.APP: lambda payload, object_id: ({"screen": "apps"}, str(payload.package)),
    Kind.POWER: lambda payload, object_id: (_DESKTOP, ""),
}
