"""What a slot may open: only actions that the package has, and only columns and items that are there."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from portal.catalog.features import Feature
from portal.catalog.gating import action_open
from portal.content.queries import ObjectView
from portal.content.zone.queries import zone_tree
from portal.core.ids import ObjectId

# Apps are not offered: there are none to choose from before somebody can upload one.
_OFFERED: Final = ("column", "item", "video", "live", "url")


@dataclass(frozen=True)
class Offers:
    """Names of actions, columns as (id, words), and items by the words of their column."""

    actions: list[str]
    columns: list[tuple[str, str]]
    items: Mapping[str, list[tuple[str, str]]]


def offers(known: Mapping[ObjectId, ObjectView], features: AbstractSet[str]) -> Offers:
    """This function will return what a slot may open with these features; `known` holds the tenant's columns and items."""
    held = frozenset(Feature(feature) for feature in features)
    actions = [name for name in _OFFERED if action_open(name, held)]
    if "column" not in actions:
        return Offers(actions, [], {})
    columns: list[tuple[str, str]] = []
    items: dict[str, list[tuple[str, str]]] = {}
    for first in zone_tree(known).shown():
        columns.append((first.view.id, _title(first.view)))
        for second in first.shown():
            words = f"{_title(first.view)} › {_title(second.view)}"
            columns.append((second.view.id, words))
            listed = [(str(item.id), _title(item)) for item in second.items if item.envelope.shown]
            if listed:
                items[words] = listed
    return Offers(actions, columns, items)


def _title(view: ObjectView) -> str:
    return str(view.envelope.title)
