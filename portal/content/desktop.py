"""What stands where on the desktop for one box group: the logo and the ten slots, as drafts have them. What it looks like, the player draws."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from portal.catalog.features import Feature
from portal.content.aiming import Standing, standing
from portal.content.kinds import Kind
from portal.content.queries import ObjectView
from portal.core.ids import GroupId, ObjectId

_FEATURES = {Kind.LOGO: Feature.LOGO, Kind.SLOT: Feature.SLOTS}

DESKTOP_KINDS: Final = tuple(_FEATURES)


@dataclass(frozen=True)
class Desktop:
    """The objects of the desktop, and which of them stands at each place for the group."""

    views: Sequence[ObjectView]
    standing: Mapping[str, Standing]

    def at(self, key: str) -> ObjectView | None:
        """This function will return the object that stands at a place, such as `slot:3`, hidden ones too, or None."""
        found = self.standing.get(key)
        return found.view if found else None

    def variants(self, key: str) -> list[ObjectView]:
        """This function will return every object for a place, whatever groups they are for, deletions included."""
        return [view for view in self.views if view.envelope.key == key]


def desktop(known: Mapping[ObjectId, ObjectView], features: AbstractSet[str], path: Sequence[GroupId]) -> Desktop:
    """This function will return the desktop for the group at the end of `path`; `known` are the objects of `DESKTOP_KINDS` at least."""
    views = [view for view in known.values() if view.object.kind in DESKTOP_KINDS]
    held = [view for view in views if _FEATURES[view.envelope.kind] in features]
    return Desktop(views, standing(held, path))
