"""The reference tenant: full in every part, always the same. Benchmarks and golden tests compile it; pure, no database, no clock.

12 second-level columns of 8 items in 3 columns, 10 slots, 5 marquees, 2 frames, 20 ads in 4 playlists; its document has about 40 KB.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from portal.catalog.features import Feature
from portal.content.envelope import Envelope, make_envelope
from portal.core.ids import GroupId, ObjectId
from portal.releases.assets import AssetInfo, Variant
from portal.releases.document import Enterprise, Entitlement, compile_document

ENTERPRISE: Final = Enterprise(id="310000000012", name="云栖酒店集团")
ENTITLED: Final = Entitlement(
    frozenset(
        {
            Feature.BASE,
            Feature.APPS,
            Feature.LOGO,
            Feature.SLOTS,
            Feature.MARQUEE,
            Feature.SPLASH,
            Feature.ZONE,
            Feature.ADS,
        }
    )
)
ROOT: Final = GroupId("01990000-0000-7000-8000-00000000a000")

COLUMNS: Final = {
    "走进云栖": ("集团简介", "酒店分布", "品牌故事", "荣誉时刻"),
    "住客指南": ("客房服务", "餐饮美食", "康体休闲", "会议宴会"),
    "周边玩乐": ("西湖漫步", "古镇寻味", "亲子乐园", "夜游推荐"),
}
ITEMS_PER_COLUMN: Final = 8
TEXTS: Final = (3,)
EVENINGS: Final = (2,)
OVER_ADS: Final = (0, 1)
VIDEO_ADS: Final = (4, 9, 14, 19)
PICTURES: Final = 20
VIDEOS: Final = 4
ADS: Final = 20
PLAYLISTS: Final = 4
MARQUEES: Final = (
    "欢迎入住云栖酒店，祝您旅途愉快！前台服务请拨 0，客房送餐请拨 8。",
    "自助早餐时间 06:30 至 10:00，请凭房卡到二楼云栖餐厅用餐。",
    "本周六晚七点，一楼大堂吧有江南丝竹演出，欢迎住客免费观赏。",
    "退房时间为中午 12:00，如需延迟退房，请提前与前台联系。",
    "今晚 22:00 至 22:30 进行消防演练，请勿惊慌，感谢您的配合。",
)
_TZ: Final = "Asia/Shanghai"


def object_id(number: int) -> ObjectId:
    """This function will return a fixed UUIDv7 for `number`; ids sort as their numbers do."""
    return ObjectId(f"01990000-0000-7000-8000-{number:012x}")


def picture(number: int) -> str:
    """This function will return the SHA-256 of the picture `number`."""
    return sha256(b"picture %d" % number).hexdigest()


def video(number: int) -> str:
    """This function will return the SHA-256 of the video `number`."""
    return sha256(b"video %d" % number).hexdigest()


def reference_manifest() -> dict[ObjectId, Envelope]:
    """This function will return the manifest of the reference tenant."""
    made = (*_desktop(), *_zone(), *_marquees(), *_ads())
    return {object_id(number): make_envelope(kind, payload, windows=windows) for number, kind, payload, windows in made}


def reference_assets() -> dict[str, AssetInfo]:
    """This function will return the descriptions of the reference tenant's files."""
    files = [*(_picture_info(number) for number in range(PICTURES)), *(_video_info(number) for number in range(VIDEOS))]
    return {info.sha256: info for info in files}


def reference_document() -> dict[str, Any]:
    """This function will return the reference document."""
    return compile_document(ENTERPRISE, ENTITLED, reference_manifest(), (ROOT,), reference_assets())


def group_paths(count: int) -> Mapping[GroupId, Sequence[GroupId]]:
    """This function will return the paths of `count` groups: the root, and below it regions of ten stores each."""
    paths: dict[GroupId, Sequence[GroupId]] = {ROOT: (ROOT,)}
    region = ROOT
    for number in range(1, count):
        group = GroupId(object_id(0xA000 + number))
        if number % 10 == 1:
            region = group
        paths[group] = (ROOT, group) if group == region else (ROOT, region, group)
    return paths


Made = tuple[int, str, dict[str, Any], list[dict[str, Any]]]
"""Number, kind, payload and windows of an object."""


def _desktop() -> Iterator[Made]:
    yield 0x100, "logo", {"image": picture(0)}, []
    titles = (
        "欢迎入住",
        "客房服务",
        "餐饮美食",
        "西湖漫步",
        "康体休闲",
        "会议宴会",
        "亲子乐园",
        "夜游推荐",
        "品牌故事",
        "会员礼遇",
    )
    for index, title in enumerate(titles):
        payload = {
            "position": index + 1,
            "title": title,
            "subtitle": "云栖精选推荐",
            "image": picture(index + 1),
            "action": _action(index),
        }
        yield 0x200 + index, "slot", payload, []
    for index in range(2):
        yield 0x300 + index, "frame", {"position": index + 1, "image": picture(11 + index)}, []


def _action(index: int) -> dict[str, str]:
    choices = (
        {"open": "column", "column": object_id(0x1000 + index % len(COLUMNS))},
        {"open": "item", "item": object_id(0x3000 + index)},
        {"open": "url", "url": f"https://www.example.com/offers/{index}"},
        {"open": "video", "asset": video(index % VIDEOS)},
    )
    return choices[index % len(choices)]


def _zone() -> Iterator[Made]:
    seconds = 0
    for first, (title, below) in enumerate(COLUMNS.items()):
        yield 0x1000 + first, "column", {"title": title, "icon": picture(13 + first), "order": first}, []
        for second, name in enumerate(below):
            payload = {"parent": object_id(0x1000 + first), "title": name, "order": second}
            yield 0x2000 + seconds, "column", payload, []
            yield from _items(seconds, name)
            seconds += 1


def _items(column: int, name: str) -> Iterator[Made]:
    for index in range(ITEMS_PER_COLUMN):
        number = column * ITEMS_PER_COLUMN + index
        payload: dict[str, Any] = {
            "column": object_id(0x2000 + column),
            "title": f"{name}之{index + 1}",
            "order": index,
        }
        if index == ITEMS_PER_COLUMN - 1:
            payload |= {"kind": "video", "asset": video(column % VIDEOS)}
        elif index in TEXTS:
            payload |= {"kind": "text", "html": _html(name), "asset": picture(number % PICTURES), "seconds": 20}
        else:
            payload |= {"kind": "image", "asset": picture(number % PICTURES), "seconds": 12}
        evening = [{"days": [5, 6, 7], "start": "18:00", "end": "23:00", "tz": _TZ}]
        yield 0x3000 + number, "item", payload, evening if index in EVENINGS else []


def _html(name: str) -> str:
    return (
        f"<h2>{name}</h2><p>云栖酒店为每一位住客准备了<strong>贴心</strong>的安排，详情请咨询前台。</p>"
        '<ul><li>服务时间：每日 07:00 至 22:00</li><li class="c-red">节假日请提前一天预约</li></ul>'
    )


def _marquees() -> Iterator[Made]:
    for index, text in enumerate(MARQUEES):
        payload = {"text": text, "colour": "#ffe9a8", "priority": 9 - index, "over_ads": index in OVER_ADS}
        morning = [{"from": "2026-01-01", "until": "2026-12-31", "start": "06:00", "end": "10:00", "tz": _TZ}]
        yield 0x500 + index, "marquee", payload, morning if index == 1 else []


def _ads() -> Iterator[Made]:
    each = ADS // PLAYLISTS
    for number in range(PLAYLISTS):
        items = [_ad(number * each + index) for index in range(each)]
        yield 0x600 + number, "playlist", {"title": f"联播{number + 1}", "items": items}, []
        start, end = f"{6 + 4 * number:02d}:00", f"{10 + 4 * number:02d}:00"
        windows = [{"start": start, "end": end, "tz": _TZ}]
        yield 0x700 + number, "schedule_entry", {"playlist": object_id(0x600 + number), "priority": number}, windows
    yield 0x800, "default_playlist", {"playlist": object_id(0x600)}, []


def _ad(number: int) -> dict[str, Any]:
    if number in VIDEO_ADS:
        return {"id": object_id(0x4000 + number), "kind": "video", "asset": video(number % VIDEOS), "caption": ""}
    return {
        "id": object_id(0x4000 + number),
        "kind": "image",
        "asset": picture((number + 3) % PICTURES),
        "caption": f"云栖会员日 第 {number + 1} 期：连住两晚享八折",
        "seconds": 15,
    }


def _picture_info(number: int) -> AssetInfo:
    name, small = picture(number), sha256(b"small picture %d" % number).hexdigest()
    kind = "image/png" if number == 0 else "image/jpeg"
    suffix = kind.rpartition("/")[2]
    variant = Variant(small, 90_000 + number, kind, f"/pub/assets/{small}.{suffix}", 1280, 720)
    return AssetInfo(
        name, 210_000 + number, kind, f"/pub/assets/{name}.{suffix}", width=1920, height=1080, variants=(variant,)
    )


def _video_info(number: int) -> AssetInfo:
    name = video(number)
    return AssetInfo(
        name,
        8_000_000 + number,
        "video/mp4",
        f"/pub/assets/{name}.mp4",
        width=1920,
        height=1080,
        seconds=30 + number,
        poster=picture(number + 12),
    )
