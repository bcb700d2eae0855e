"""Walks over a parsed zone document: its items, windows and asset references, each with the JSON pointer at which it stands."""

from collections.abc import Iterator, Mapping
from typing import Final

from portal.content.actions import OpenVideo
from portal.releases.schema import ItemPart, WindowPart, ZoneDocument

Reference = tuple[str, str, str]
"""Where a file is named, its SHA-256, and how its media type must begin."""

_PREFIX: Final[Mapping[str, str]] = {"image": "image/", "video": "video/", "text": "image/"}


def zone_ids(document: ZoneDocument) -> tuple[list[str], list[str]]:
    """This function will return the ids of all columns, of either level, and of all items."""
    first = [column.id for column in document.zone.columns]
    second = [column.id for parent in document.zone.columns for column in parent.columns]
    return first + second, [item.id for _, item in placed_items(document)]


def placed_items(document: ZoneDocument) -> Iterator[tuple[str, ItemPart]]:
    """This function will yield every item of the zone."""
    for one, first in enumerate(document.zone.columns):
        for two, second in enumerate(first.columns):
            for three, item in enumerate(second.items):
                yield f"/zone/columns/{one}/columns/{two}/items/{three}", item


def placed_windows(document: ZoneDocument) -> Iterator[tuple[str, list[WindowPart]]]:
    """This function will yield every list of windows."""
    for place, item in placed_items(document):
        yield f"{place}/windows", item.windows
    for index, line in enumerate(document.marquee):
        yield f"/marquee/{index}/windows", line.windows
    for index, entry in enumerate(document.ads.schedule):
        yield f"/ads/schedule/{index}/windows", entry.windows
    yield "/power", document.power


def asset_references(document: ZoneDocument) -> Iterator[Reference]:
    """This function will yield every asset reference."""
    if document.desktop.logo is not None:
        yield "/desktop/logo", document.desktop.logo, "image/"
    for index, slot in enumerate(document.desktop.slots):
        yield f"/desktop/slots/{index}/image", slot.image, "image/"
        if isinstance(slot.action, OpenVideo):
            yield f"/desktop/slots/{index}/action/asset", slot.action.asset, "video/"
    for index, frame in enumerate(document.splash.frames):
        yield f"/splash/frames/{index}/image", frame.image, "image/"
    yield from _zone_references(document)
    yield from _ads_references(document)
    yield from _file_references(document)


def _zone_references(document: ZoneDocument) -> Iterator[Reference]:
    for index, column in enumerate(document.zone.columns):
        if column.icon is not None:
            yield f"/zone/columns/{index}/icon", column.icon, "image/"
    for place, item in placed_items(document):
        if item.asset is not None:
            yield f"{place}/asset", item.asset, _PREFIX[item.kind]


def _ads_references(document: ZoneDocument) -> Iterator[Reference]:
    for one, playlist in enumerate(document.ads.playlists):
        for two, entry in enumerate(playlist.items):
            yield f"/ads/playlists/{one}/items/{two}/asset", entry.asset, _PREFIX[entry.kind]


def _file_references(document: ZoneDocument) -> Iterator[Reference]:
    for index, app in enumerate(document.apps):
        yield f"/apps/{index}/asset", app.asset, "application/"
        if app.icon is not None:
            yield f"/apps/{index}/icon", app.icon, "image/"
    for index, asset in enumerate(document.assets):
        if asset.poster is not None:
            yield f"/assets/{index}/poster", asset.poster, "image/"
