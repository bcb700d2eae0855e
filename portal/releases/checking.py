"""The closed check that a zone document passes before it is stored: its shape, and what only the whole can show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from portal.catalog.features import Feature
from portal.catalog.gating import action_open
from portal.content.actions import OpenApp, OpenColumn, OpenItem
from portal.content.markup import markup_fault
from portal.content.schedule.reading import read_window
from portal.core.errors import Invalid
from portal.releases.schema import SlotPart, ZoneDocument
from portal.releases.walks import asset_references, placed_items, placed_windows, zone_ids

Fault = tuple[str, str]
"""A JSON pointer (RFC 6901) into the document, and what is wrong there."""


class DocumentRefused(ValueError):
    """A document that breaks the contract; `faults` says where and how. It is a fault of the portal, not of a person."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{place or '/'}: {what}" for place, what in faults[:5]))
        self.faults = tuple(faults)


def check_document(document: Mapping[str, Any]) -> None:
    """This function will raise `DocumentRefused`, with JSON pointers, unless `document` is a right and complete `zone/1`."""
    try:
        parsed = ZoneDocument.model_validate(document)
    except ValidationError as error:
        raise DocumentRefused(
            [(_place(detail["loc"]), detail["msg"]) for detail in error.errors(include_url=False)]
        ) from error
    faults = [fault for check in _CHECKS for fault in check(parsed)]
    if faults:
        raise DocumentRefused(faults)


def _place(loc: tuple[int | str, ...]) -> str:
    # pydantic puts the chosen member of the action union into the path; the document has no such level.
    steps = [step for index, step in enumerate(loc) if index == 0 or loc[index - 1] != "action"]
    return "".join(f"/{step}" for step in steps)


def _features(document: ZoneDocument) -> Iterator[Fault]:
    yield from _sorted("/features", document.features)
    known = set(Feature)
    for index, feature in enumerate(document.features):
        if feature not in known:
            yield f"/features/{index}", "unknown feature"
    if Feature.BASE not in document.features:
        yield "/features", "without base"


def _gates(document: ZoneDocument) -> Iterator[Fault]:
    ads = document.ads
    gated: tuple[tuple[str, Feature, object], ...] = (
        ("/desktop/logo", Feature.LOGO, document.desktop.logo),
        ("/desktop/slots", Feature.SLOTS, document.desktop.slots),
        ("/splash/frames", Feature.SPLASH, document.splash.frames),
        ("/zone/columns", Feature.ZONE, document.zone.columns),
        ("/marquee", Feature.MARQUEE, document.marquee),
        ("/ads", Feature.ADS, ads.playlists or ads.schedule or ads.default or ads.marquee),
        ("/apps", Feature.APPS, document.apps),
        ("/power", Feature.POWER, document.power),
    )
    for place, feature, content in gated:
        if content and feature not in document.features:
            yield place, f"not empty without the feature {feature}"


def _orders(document: ZoneDocument) -> Iterator[Fault]:
    yield from _sorted("/desktop/slots", [slot.position for slot in document.desktop.slots])
    yield from _sorted("/marquee", [(-line.priority, line.id) for line in document.marquee])
    yield from _sorted("/ads/playlists", [playlist.id for playlist in document.ads.playlists])
    yield from _sorted("/ads/schedule", [entry.id for entry in document.ads.schedule])
    yield from _sorted("/apps", [app.package for app in document.apps])
    yield from _sorted("/assets", [asset.sha256 for asset in document.assets])
    yield from _distinct("/zone/columns", [each for columns in zone_ids(document) for each in columns])
    for index, playlist in enumerate(document.ads.playlists):
        yield from _distinct(f"/ads/playlists/{index}/items", [item.id for item in playlist.items])


def _actions(document: ZoneDocument) -> Iterator[Fault]:
    columns, items = map(frozenset, zone_ids(document))
    packages = frozenset(app.package for app in document.apps)
    features = frozenset(Feature(code) for code in document.features if code in set(Feature))
    for index, slot in enumerate(document.desktop.slots):
        place = f"/desktop/slots/{index}/action"
        if not action_open(slot.action.open, features):
            yield place, "its feature is not held"
        if not _leads_somewhere(slot, columns, items, packages):
            yield place, "opens what is not in the document"


def _leads_somewhere(slot: SlotPart, columns: frozenset[str], items: frozenset[str], packages: frozenset[str]) -> bool:
    match slot.action:
        case OpenColumn(column=column):
            return column in columns
        case OpenItem(item=item):
            return item in items
        case OpenApp(package=package):
            return package in packages
    return True


def _ads(document: ZoneDocument) -> Iterator[Fault]:
    playlists = {playlist.id for playlist in document.ads.playlists}
    for index, entry in enumerate(document.ads.schedule):
        if entry.playlist not in playlists:
            yield f"/ads/schedule/{index}/playlist", "not in the document"
    if document.ads.default is not None and document.ads.default not in playlists:
        yield "/ads/default", "not in the document"
    order = {line.id: index for index, line in enumerate(document.marquee)}
    for index, line in enumerate(document.ads.marquee):
        if line not in order:
            yield f"/ads/marquee/{index}", "not in the document"
    yield from _sorted("/ads/marquee", [order.get(line, len(order)) for line in document.ads.marquee])


def _items(document: ZoneDocument) -> Iterator[Fault]:
    for place, item in placed_items(document):
        if (item.html is not None) != (item.kind == "text"):
            yield f"{place}/html", "belongs to text, and text needs it"
        if item.html is not None and markup_fault(item.html):
            yield f"{place}/html", str(markup_fault(item.html))
        if item.asset is None and item.kind != "text":
            yield f"{place}/asset", "missing"
        if item.seconds is None and item.kind != "video":
            yield f"{place}/seconds", "missing"


def _assets(document: ZoneDocument) -> Iterator[Fault]:
    types = {asset.sha256: asset.type for asset in document.assets}
    named = set()
    for place, sha256, prefix in asset_references(document):
        named.add(sha256)
        if sha256 not in types:
            yield place, "not in /assets"
        elif not types[sha256].startswith(prefix):
            yield place, f"is {types[sha256]}, not {prefix}"
    for index, asset in enumerate(document.assets):
        if asset.sha256 not in named:
            yield f"/assets/{index}", "nothing names it"


def _windows(document: ZoneDocument) -> Iterator[Fault]:
    for place, windows in placed_windows(document):
        for index, window in enumerate(windows):
            try:
                read_window(window.model_dump(by_alias=True, exclude_none=True))
            except Invalid as invalid:
                for field, messages in invalid.errors.items():
                    yield f"{place}/{index}/{field}", str(messages[0])


def _sorted(place: str, keys: Sequence[Any]) -> Iterator[Fault]:
    if list(keys) != sorted(set(keys)):
        yield place, "not sorted, or something twice"


def _distinct(place: str, keys: Iterable[str]) -> Iterator[Fault]:
    listed = list(keys)
    if len(set(listed)) != len(listed):
        yield place, "an id twice"


_CHECKS: Final = (_features, _gates, _orders, _actions, _ads, _items, _assets, _windows)
