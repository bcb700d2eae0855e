"""The desktop as drafts make it for one box group, in the shape that the drawn television takes: logo, slots, running messages.

It draws what the editors of logo and slots need around their own object; the exact compiler stands above this room.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from portal.catalog.features import Feature
from portal.content.aiming import Standing, depth_of, standing
from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.content.logo.rules import Logo
from portal.content.marquee.rules import Marquee
from portal.content.queries import ObjectView
from portal.content.schedule.windows import is_on
from portal.content.slots.rules import Slot
from portal.core import clock
from portal.core.ids import GroupId, ObjectId

_FEATURES = {
    Kind.LOGO: Feature.LOGO,
    Kind.SLOT: Feature.SLOTS,
    Kind.MARQUEE: Feature.MARQUEE,
    Kind.COLUMN: Feature.ZONE,
}

DESKTOP_KINDS: Final = tuple(_FEATURES)


@dataclass(frozen=True)
class Desktop:
    """What stands where for a group, and the document from which the television is drawn."""

    views: Sequence[ObjectView]
    standing: Mapping[str, Standing]
    document: Mapping[str, Any]

    def at(self, key: str) -> ObjectView | None:
        """This function will return the object that stands at a place, such as `slot:3`, hidden ones too, or None."""
        found = self.standing.get(key)
        return found.view if found else None

    def variants(self, key: str) -> list[ObjectView]:
        """This function will return every object for a place, whatever groups they are for, deletions included."""
        return [view for view in self.views if view.envelope.key == key]


def desktop(
    known: Mapping[ObjectId, ObjectView], name: str, features: AbstractSet[str], path: Sequence[GroupId]
) -> Desktop:
    """This function will return the desktop of the tenant called `name` for the group at the end of `path`.

    `known` are the tenant's objects of the kinds `DESKTOP_KINDS` at least.
    """
    views = [view for view in known.values() if view.object.kind in DESKTOP_KINDS]
    held = [view for view in views if _FEATURES[view.envelope.kind] in features]
    found = standing(held, path)
    payloads = [one.view.envelope.payload for one in found.values() if one.view.envelope.shown]
    slots = [payload for payload in payloads if isinstance(payload, Slot)]
    logo = next((payload.image for payload in payloads if isinstance(payload, Logo)), None)
    files = {slot.image for slot in slots} | ({logo} if logo else set())
    document = {
        "enterprise": {"name": name},
        "desktop": {"logo": logo, "slots": [slot.model_dump() for slot in slots]},
        "zone": {"columns": [view.id for view in held if view.envelope.kind is Kind.COLUMN and view.envelope.shown]},
        "apps": [],
        "marquee": _messages((view.envelope for view in held), path),
        "assets": [{"sha256": sha256, "type": "image/*"} for sha256 in sorted(files)],
    }
    return Desktop(views, found, document)


def _messages(envelopes: Iterable[Envelope], path: Sequence[GroupId]) -> list[dict[str, Any]]:
    now = clock.now()
    running = [
        envelope.payload
        for envelope in envelopes
        if isinstance(envelope.payload, Marquee)
        and envelope.shown
        and depth_of(envelope, path) is not None
        and is_on(envelope.windows, now)
    ]
    return [message.model_dump() for message in sorted(running, key=lambda message: -message.priority)]
