"""The parts of a zone document, each from the objects that a group shows; every file named on the way is remembered in `Named`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.catalog.features import Feature
from portal.catalog.gating import action_open
from portal.content.actions import OpenApp, OpenColumn, OpenItem, OpenVideo
from portal.content.ads.rules import DefaultPlaylist, Playlist, ScheduleEntry
from portal.content.apps.rules import App
from portal.content.limits import FRAME_SECONDS
from portal.content.logo.rules import Logo
from portal.content.marquee.rules import Marquee
from portal.content.power.rules import Power
from portal.content.schedule.windows import Window
from portal.content.slots.rules import Slot
from portal.content.splash.rules import Frame
from portal.content.zone.rules import Column, Item
from portal.releases.assets import Named
from portal.releases.selection import Chosen, Selection

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reach:
    """What an action can open in one document."""

    columns: frozenset[str]
    items: frozenset[str]
    packages: frozenset[str]
    features: frozenset[Feature]

    @classmethod
    def of(cls, first: Sequence[Json], apps: Iterable[Json], features: frozenset[Feature]) -> "Reach":
        """This function will return what can be opened where these first-level columns and apps are."""
        second = [column for parent in first for column in parent["columns"]]
        return cls(
            columns=frozenset(column["id"] for column in [*first, *second]),
            items=frozenset(item["id"] for column in second for item in column["items"]),
            packages=frozenset(app["package"] for app in apps),
            features=features,
        )

    def has(self, slot: Slot) -> bool:
        """This function will tell whether what the slot opens is in the document, and its feature held."""
        if not action_open(slot.action.open, self.features):
            return False
        match slot.action:
            case OpenColumn(column=column):
                return column in self.columns
            case OpenItem(item=item):
                return item in self.items
            case OpenApp(package=package):
                return package in self.packages
        return True


def windows(found: Iterable[Window]) -> list[Json]:
    """This function will return windows as the contract writes them."""
    return [window.to_json() for window in found]


def logo(selection: Selection, named: Named) -> str | None:
    """This function will return the logo's file, or None."""
    found = selection.one(Logo)
    return None if found is None else named.info(found.image).sha256


def power(selection: Selection) -> list[Json]:
    """This function will return the windows in which boxes are on, or none."""
    return [window for chosen in selection.of(Power) for window in windows(chosen.windows)]


def slots(selection: Selection, reach: Reach, named: Named) -> list[Json]:
    """This function will return the slots by position, without those whose action leads nowhere."""
    found = sorted((chosen.payload for chosen in selection.of(Slot)), key=lambda slot: slot.position)
    return [_slot(slot, named) for slot in found if reach.has(slot)]


def _slot(slot: Slot, named: Named) -> Json:
    if isinstance(slot.action, OpenVideo):
        named.info(slot.action.asset)
    return {
        "position": slot.position,
        "title": slot.title,
        "subtitle": slot.subtitle,
        "image": named.info(slot.image).sha256,
        "action": slot.action.model_dump(),
    }


def frames(selection: Selection, named: Named) -> list[Json]:
    """This function will return the splash frames by position."""
    found = sorted((chosen.payload for chosen in selection.of(Frame)), key=lambda frame: frame.position)
    return [{"image": named.info(frame.image).sha256, "seconds": FRAME_SECONDS} for frame in found]


def zone_columns(selection: Selection, named: Named) -> list[Json]:
    """This function will return the columns of the first level with everything in them, by their order, then by id."""
    columns = sorted(selection.of(Column), key=lambda chosen: (chosen.payload.order, chosen.id))
    items = sorted(selection.of(Item), key=lambda chosen: (chosen.payload.order, chosen.id))
    children: dict[str | None, list[Chosen[Column]]] = {}
    content: dict[str, list[Chosen[Item]]] = {}
    for column in columns:
        children.setdefault(column.payload.parent, []).append(column)
    for item in items:
        content.setdefault(item.payload.column, []).append(item)
    return [
        {
            "id": column.id,
            "title": column.payload.title,
            "icon": None if column.payload.icon is None else named.info(column.payload.icon).sha256,
            "columns": [_second_level(child, content, named) for child in children.get(column.id, ())],
        }
        for column in children.get(None, ())
    ]


def _second_level(column: Chosen[Column], content: Mapping[str, Sequence[Chosen[Item]]], named: Named) -> Json:
    return {
        "id": column.id,
        "title": column.payload.title,
        "items": [_item(item, named) for item in content.get(column.id, ())],
    }


def _item(item: Chosen[Item], named: Named) -> Json:
    payload = item.payload
    return {
        "id": item.id,
        "kind": payload.kind,
        "title": payload.title,
        "html": payload.html or None,
        "asset": None if payload.asset is None else named.info(payload.asset).sha256,
        "seconds": _seconds(payload.seconds, payload.asset, named),
        "windows": windows(item.windows),
    }


def _seconds(wanted: int | None, asset: str | None, named: Named) -> int | None:
    """This function will return how long something shows: as long as wanted, else for the length of its video."""
    return wanted if wanted is not None or asset is None else named.info(asset).seconds


def marquee(selection: Selection) -> list[Json]:
    """This function will return the marquees in the order in which they run."""
    return [
        {
            "id": chosen.id,
            "text": chosen.payload.text,
            "colour": chosen.payload.colour,
            "speed": chosen.payload.speed,
            "edge": chosen.payload.edge,
            "priority": chosen.payload.priority,
            "windows": windows(chosen.windows),
        }
        for chosen in _running_order(selection)
    ]


def _running_order(selection: Selection) -> list[Chosen[Marquee]]:
    return sorted(selection.of(Marquee), key=lambda chosen: (-chosen.payload.priority, chosen.id))


def ads(selection: Selection, features: frozenset[Feature], named: Named) -> Json:
    """This function will return the ad loop: the schedule, the default, the playlists these use, and the marquees that lie over it."""
    full = {chosen.id: chosen.payload for chosen in selection.of(Playlist) if chosen.payload.items}
    schedule = [_entry(chosen) for chosen in selection.of(ScheduleEntry) if chosen.payload.playlist in full]
    fallback = selection.one(DefaultPlaylist)
    default = fallback.playlist if fallback is not None and fallback.playlist in full else None
    used = {entry["playlist"] for entry in schedule} | {default}
    over = [chosen.id for chosen in _running_order(selection) if chosen.payload.over_ads]
    return {
        "playlists": [_playlist(name, full[name], named) for name in full if name in used],
        "schedule": schedule,
        "default": default,
        "marquee": over if Feature.ADS in features else [],
    }


def _entry(chosen: Chosen[ScheduleEntry]) -> Json:
    return {
        "id": chosen.id,
        "playlist": chosen.payload.playlist,
        "priority": chosen.payload.priority,
        "windows": windows(chosen.windows),
    }


def _playlist(name: str, playlist: Playlist, named: Named) -> Json:
    return {
        "id": name,
        "items": [
            {
                "id": item.id,
                "kind": item.kind,
                "asset": named.info(item.asset).sha256,
                "caption": item.caption,
                "seconds": _seconds(item.seconds, item.asset, named),
            }
            for item in playlist.items
        ],
    }


def apps(selection: Selection, named: Named) -> list[Json]:
    """This function will return the apps by package."""
    found = sorted((chosen.payload for chosen in selection.of(App)), key=lambda app: app.package)
    return [
        {
            "package": app.package,
            "version_code": app.version_code,
            "version_name": app.version_name,
            "name": app.name,
            "icon": None if app.icon is None else named.info(app.icon).sha256,
            "asset": named.info(app.asset).sha256,
            "signer_sha256": app.signer_sha256,
        }
        for app in found
    ]
