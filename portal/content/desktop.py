"""What stands where on the desktop for one box group: the logo and the ten slots, as drafts have them. What it looks like, the player draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal.content.aiming import Standing, standing
from portal.content.kinds import Kind
from portal.content.queries import ObjectView
from portal.core.ids import GroupId, ObjectId

DESKTOP_KINDS: Final = (Kind.LOGO, Kind.SLOT)


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


def desktop(known: Mapping[ObjectId, ObjectView], path: Sequence[GroupId]) -> Desktop:
    """This function will return the desktop for the group at the end of `path`; `known` are the objects of `DESKTOP_KINDS` at least.

    Whether the package holds them counts nothing here: what it no longer gives stays to be looked at.
    """
    views = [view for view in known.values() if view.object.kind in DESKTOP_KINDS]
    return Desktop(views, standing(views, path))
