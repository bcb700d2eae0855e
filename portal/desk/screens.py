"""Which screens of the TV show a set of changes, and where the numbers of the changes stand on them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.content.ads.rules import DefaultPlaylist, ScheduleEntry
from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.content.marquee.rules import Marquee
from portal.content.slots.rules import Slot
from portal.content.splash.rules import Frame
from portal.content.zone.rules import Column, Item
from portal.core.ids import ObjectId
from portal.releases.comparison import Difference

_DESKTOP = frozenset({Kind.LOGO, Kind.SLOT, Kind.MARQUEE})
_ZONE = frozenset({Kind.COLUMN, Kind.ITEM})
_ADS = frozenset({Kind.PLAYLIST, Kind.SCHEDULE_ENTRY, Kind.DEFAULT_PLAYLIST})


@dataclass(frozen=True)
class Screen:
    """One picture to compare: which screen, what of it, and the numbers of the changes on it, side by side."""

    name: str
    numbers: tuple[int, ...]
    column: ObjectId | None = None
    item: ObjectId | None = None
    opens: bool = False
    frame: int = 1
    playlist: ObjectId | None = None
    marks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def screens(changes: Sequence[Difference]) -> list[Screen]:
    """This function will return the screens on which the changes can be seen, in the order in which a viewer meets them."""
    of_kind = {name: [one for one in changes if one.either.kind in kinds] for name, kinds in _GROUPS.items()}
    found = []
    if of_kind["desktop"]:
        found.append(_desktop(of_kind["desktop"]))
    found += [_frame(one) for one in of_kind["splash"]]
    found += _zone(of_kind["zone"])
    found += _ads(of_kind["ads"])
    return found


_GROUPS = {"desktop": _DESKTOP, "splash": frozenset({Kind.FRAME}), "zone": _ZONE, "ads": _ADS}


def _desktop(changes: Sequence[Difference]) -> Screen:
    sides = {
        "before": _marks([(one.number, one.before) for one in changes]),
        "after": _marks([(one.number, one.after) for one in changes]),
    }
    return Screen("desktop", tuple(one.number for one in changes), marks=sides)


def _marks(side: Sequence[tuple[int, Envelope | None]]) -> dict[str, Any]:
    """What the drawn desktop is told: numbers by slot position, of the logo, of the first changed message of each edge."""
    marks: dict[str, Any] = {"slots": {}}
    for number, envelope in side:
        if envelope is None or not envelope.shown:
            continue
        if isinstance(envelope.payload, Slot):
            marks["slots"][envelope.payload.position] = number
        elif isinstance(envelope.payload, Marquee):
            marks.setdefault("marquee", {}).setdefault(envelope.payload.edge, number)
        else:
            marks.setdefault(envelope.kind.value, number)
    return marks


def _frame(change: Difference) -> Screen:
    payload = change.either.payload
    return Screen("splash", (change.number,), frame=payload.position if isinstance(payload, Frame) else 1)


def _zone(changes: Sequence[Difference]) -> list[Screen]:
    """One picture per column whose list changed, and one per text, which has to be read."""
    grids: dict[ObjectId | None, list[Difference]] = {}
    pages = []
    for change in changes:
        payload = change.either.payload
        if isinstance(payload, Item) and payload.kind == "text" and change.either.shown:
            column = ObjectId(payload.column)
            pages.append(Screen("zone", (change.number,), column=column, item=change.object_id, opens=True))
        elif isinstance(payload, Item):
            grids.setdefault(ObjectId(payload.column), []).append(change)
        else:
            grids.setdefault(_shown_column(change.object_id, payload), []).append(change)
    return [_grid(column, found) for column, found in grids.items()] + pages


def _shown_column(object_id: ObjectId, payload: Any) -> ObjectId | None:
    """A column of the first level is seen on the zone's first page; one of the second has a page of its own."""
    return object_id if isinstance(payload, Column) and payload.parent is not None else None


def _grid(column: ObjectId | None, changes: Sequence[Difference]) -> Screen:
    first = next((one.object_id for one in changes if one.either.kind is Kind.ITEM), None)
    return Screen("zone", tuple(one.number for one in changes), column=column, item=first)


def _ads(changes: Sequence[Difference]) -> list[Screen]:
    lists: dict[ObjectId, list[int]] = {}
    for change in changes:
        payload = change.either.payload
        one = payload.playlist if isinstance(payload, ScheduleEntry | DefaultPlaylist) else change.object_id
        lists.setdefault(ObjectId(one), []).append(change.number)
    return [Screen("ads", tuple(numbers), playlist=playlist) for playlist, numbers in lists.items()]
