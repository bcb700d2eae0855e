"""Reading the raw material of the demo: TOML files whose objects refer to each other by local keys."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from portal.content.kinds import Kind
from portal.content.schedule.windows import ZONES
from portal.core import clock
from portal.media.states import Purpose

FOLDER = Path(__file__).parents[1] / "demo_data"

# Windows count from the day of loading, also while the clock is moved to give releases a past.
_TODAY = clock.today()

# The kinds in an order in which whatever an object refers to stands before it.
KINDS = (
    Kind.LOGO,
    Kind.COLUMN,
    Kind.ITEM,
    Kind.APP,
    Kind.SLOT,
    Kind.MARQUEE,
    Kind.FRAME,
    Kind.PLAYLIST,
    Kind.SCHEDULE_ENTRY,
    Kind.DEFAULT_PLAYLIST,
)
_ENVELOPE = frozenset({"key", "object", "targets", "windows", "hidden", "deleted", "classification"})
_LARGE, _LAST_MIDDLE = 1, 5
_SCREENS = {"desktop": ("desktop",), "zone": ("zone", "rest"), "ads": ("ads",)}  # by what a box says that it shows

Json = dict[str, Any]


def tenants() -> list[Json]:
    """This function will return every tenant's file, in the order of the files' names."""
    return [_read(path) for path in sorted((FOLDER / "tenants").glob("*.toml"))]


def screen_of(source: Mapping[str, Any], box: Mapping[str, Any]) -> str | None:
    """This function will return a picture of what a box of a tenant's file shows, below `FOLDER`; None where no layer of the zone shows.

    Which of those that were taken of the enterprise's television it is, its serial number decides.
    """
    where = source["member"][0]["username"].partition("@")[2]
    kinds = _SCREENS.get(box.get("screen", "zone"), ())
    known = sorted(path for kind in kinds for path in (FOLDER / "screens").glob(f"{where}-{kind}-*.jpg"))
    if kinds and not known:
        known = sorted((FOLDER / "screens").glob(f"{where}-desktop-*.jpg"))
    return str(known[crc32(box["serial"].encode()) % len(known)].relative_to(FOLDER)) if known else None


def staff() -> list[Json]:
    """This function will return the people of the center and the provinces."""
    found: list[Json] = _read(FOLDER / "staff.toml")["account"]
    return found


def applications() -> list[Json]:
    """This function will return the applications that did not become a tenant."""
    found: list[Json] = _read(FOLDER / "applications.toml")["application"]
    return found


def platform() -> Json:
    """This function will return the platform's user groups, entries of its access lists, and requests for officers."""
    return _read(FOLDER / "staff.toml")


def titles() -> Mapping[str, str]:
    """This function will return what each file is called in the media library."""
    found: Mapping[str, str] = _read(FOLDER / "media.toml")["titles"]
    return found


def payload_of(entry: Json) -> Json:
    """This function will return what an entry says about its kind, without what every kind has."""
    return {name: value for name, value in entry.items() if name not in _ENVELOPE}


def windows_of(entry: Json) -> tuple[Json, ...]:
    """This function will return an entry's windows as the contract writes them; dates stand as days from today."""
    zone = next(iter(ZONES))
    return tuple({**{name: _day(value) for name, value in one.items()}, "tz": zone} for one in entry.get("windows", ()))


def files_of(kind: Kind, payload: Json) -> Iterator[tuple[str, Purpose]]:
    """This function will yield the files that a payload names, each with the place on the TV it is for."""
    if "image" in payload:
        yield payload["image"], _image_purpose(kind, payload)
    for name, purpose in (("icon", Purpose.ICON), ("asset", Purpose.ITEM)):
        if payload.get(name):
            yield payload[name], purpose
    if payload.get("action", {}).get("open") == "video":
        yield payload["action"]["asset"], Purpose.ITEM
    for item in payload.get("items", ()):
        yield item["asset"], Purpose.AD


def _image_purpose(kind: Kind, payload: Json) -> Purpose:
    if kind is Kind.LOGO:
        return Purpose.LOGO
    if kind is Kind.FRAME:
        return Purpose.FRAME
    if payload["position"] == _LARGE:
        return Purpose.SLOT_LARGE
    return Purpose.SLOT_MIDDLE if payload["position"] <= _LAST_MIDDLE else Purpose.SLOT_SMALL


def _read(path: Path) -> Json:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _day(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return (_TODAY + timedelta(days=value)).isoformat() if type(value) is int else value
