"""What a slot may open: only actions that the package has, and only columns and items that are there."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from portal.catalog.features import Feature
from portal.catalog.gating import action_open
from portal.content.apps.rules import App
from portal.content.queries import ObjectView
from portal.content.zone.queries import zone_tree
from portal.core.ids import ObjectId

_OFFERED: Final = ("column", "item", "video", "app", "live", "url")


@dataclass(frozen=True)
class Offers:
    """Names of actions, columns as (id, words), items by the words of their column, and apps as (package, words)."""

    actions: list[str]
    columns: list[tuple[str, str]]
    items: Mapping[str, list[tuple[str, str]]]
    apps: list[tuple[str, str]]


def offers(known: Mapping[ObjectId, ObjectView], features: AbstractSet[str]) -> Offers:
    """This function will return what a slot may open with these features; `known` holds the tenant's columns, items and apps.

    The action is offered only where there is an app to open.
    """
    held = frozenset(Feature(feature) for feature in features)
    apps = _apps(known)
    actions = [name for name in _OFFERED if action_open(name, held) and (name != "app" or apps)]
    if "column" not in actions:
        return Offers(actions, [], {}, apps)
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
    return Offers(actions, columns, items, apps)


def _apps(known: Mapping[ObjectId, ObjectView]) -> list[tuple[str, str]]:
    """Each package once, however many objects roll it out."""
    shown = [view.envelope.payload for view in known.values() if view.envelope.shown]
    found = {app.package: f"{app.name}（{app.package}）" for app in shown if isinstance(app, App)}
    return sorted(found.items(), key=lambda one: one[1])


def _title(view: ObjectView) -> str:
    return str(view.envelope.title)
