"""A zone document with something of everything, small enough to be read; pictures are the operator's tiles."""

import hashlib
from pathlib import Path
from typing import Any

from portal.releases.public_names import asset_path
from tests.tv.studio import STATIC

Json = dict[str, Any]

SHANGHAI = {"tz": "Asia/Shanghai"}
_FILES = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in sorted((STATIC / "operator").glob("*.jpg"))}
PICTURE, OTHER, LOGO = list(_FILES)[:3]
FIRST, SECOND, QUIET, LAST = (f"01990000-0000-7000-8000-{n:012x}" for n in (1, 2, 3, 4))
PICTURE_ITEM, TEXT_ITEM, NIGHT_ITEM = (f"01990000-0000-7000-8000-{n:012x}" for n in (11, 12, 13))
LIST, ENTRY, AD, OTHER_AD, NEWS = (f"01990000-0000-7000-8000-{n:012x}" for n in (21, 22, 23, 24, 25))


def picture_file(sha256: str) -> Path:
    """This function will return where the bytes of a picture stand."""
    return _FILES[sha256]


def asset(sha256: str) -> Json:
    """This function will describe one picture as a document does."""
    about: Json = {"sha256": sha256, "bytes": picture_file(sha256).stat().st_size, "type": "image/jpeg"}
    return {**about, "url": f"/pub/{asset_path(sha256, 'jpg')}", "width": 852, "height": 486, "variants": []}


def item(item_id: str, kind: str, title: str, **more: Any) -> Json:
    """This function will describe one item of a column."""
    return {
        "id": item_id,
        "kind": kind,
        "title": title,
        "html": None,
        "asset": None,
        "seconds": 10,
        "windows": [],
        **more,
    }


def document(**changes: Any) -> Json:
    """This function will return the sample with some of its parts replaced."""
    text = "".join(f"<p>第 {n} 段，住店期间有任何需要请拨打总机。</p>" for n in range(40))
    night = [{**SHANGHAI, "start": "22:00", "end": "06:00"}]
    return {
        "schema": "zone/1",
        "enterprise": {"id": "310000000015", "name": "云栖酒店"},
        "lang": "zh-CN",
        "features": ["ads", "base", "live", "logo", "marquee", "power", "slots", "splash", "zone"],
        "desktop": {
            "logo": LOGO,
            "slots": [
                slot(1, "湖畔", {"open": "column", "column": SECOND}),
                slot(2, "指南", {"open": "item", "item": TEXT_ITEM}),
                slot(3, "网页", {"open": "url", "url": "https://hotel.example.com/"}),
                slot(4, "频道", {"open": "live", "url": "udp://239.1.1.1:1234"}),
            ],
        },
        "splash": {"frames": [{"image": PICTURE, "seconds": 15}, {"image": OTHER, "seconds": 15}]},
        "zone": {
            "idle_seconds": 300,
            "columns": [
                {
                    "id": FIRST,
                    "title": "住店",
                    "icon": None,
                    "columns": [
                        {
                            "id": SECOND,
                            "title": "客房",
                            "items": [
                                item(PICTURE_ITEM, "image", "晨光", asset=PICTURE),
                                item(TEXT_ITEM, "text", "指南", html=text),
                                item(NIGHT_ITEM, "image", "夜灯", asset=OTHER, windows=night),
                            ],
                        },
                        {"id": QUIET, "title": "安静", "items": []},
                    ],
                },
                {"id": LAST, "title": "周边", "icon": None, "columns": []},
            ],
        },
        "marquee": [message(NEWS, "早餐六点半开始")],
        "ads": {"idle_seconds": 300, "playlists": [], "schedule": [], "default": None, "marquee": []},
        "apps": [],
        "power": [],
        "assets": [asset(sha256) for sha256 in sorted((PICTURE, OTHER, LOGO))],
        **changes,
    }


def slot(position: int, title: str, action: Json) -> Json:
    """This function will describe one slot."""
    return {"position": position, "title": title, "subtitle": "", "image": PICTURE, "action": action}


def message(message_id: str, text: str, **more: Any) -> Json:
    """This function will describe one running message."""
    plain = {"id": message_id, "text": text, "colour": "#ffd27a", "speed": "normal", "edge": "bottom", "priority": 5}
    return {**plain, "windows": [], **more}


def ads(**changes: Any) -> Json:
    """This function will describe an ad loop that is on from 8 to 22 o'clock."""
    items = [
        {"id": AD, "kind": "image", "asset": PICTURE, "caption": "秋季新品", "seconds": 8},
        {"id": OTHER_AD, "kind": "image", "asset": OTHER, "caption": "会员日", "seconds": 8},
    ]
    entry = {"id": ENTRY, "playlist": LIST, "priority": 5, "windows": [{**SHANGHAI, "start": "08:00", "end": "22:00"}]}
    playlists = [{"id": LIST, "items": items}]
    return {
        "idle_seconds": 300,
        "playlists": playlists,
        "schedule": [entry],
        "default": None,
        "marquee": [NEWS],
        **changes,
    }


def tile_addresses() -> dict[str, str]:
    """This function will return where the studio serves the sample's pictures."""
    return {sha256: f"/static/operator/{path.name}" for sha256, path in _FILES.items()}
