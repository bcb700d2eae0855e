"""Every payload: what it takes, what it folds, what it refuses and at which field."""

from typing import Any

import pytest

from portal.content.envelope import read_payload
from portal.content.kinds import KINDS, Kind
from portal.core.errors import Invalid
from portal.core.messages import N_, Message

SHA = "ab" * 32
OTHER = "cd" * 32
ID = "01990000-0000-7000-8000-000000000001"
URL = {"open": "url", "url": "https://www.example.com/a"}

GOOD: dict[str, dict[str, Any]] = {
    "power": {},
    "logo": {"image": SHA},
    "slot": {"position": 1, "title": "客房服务", "subtitle": "送餐到房", "image": SHA, "action": URL},
    "column": {"parent": None, "title": "走进云栖", "icon": SHA, "order": 2},
    "item": {"column": ID, "kind": "image", "title": "大堂", "html": None, "asset": SHA, "seconds": 12, "order": 0},
    "marquee": {
        "text": "欢迎光临",
        "colour": "#ffe9a8",
        "speed": "slow",
        "edge": "top",
        "priority": 3,
        "urgent": True,
        "over_ads": False,
    },
    "frame": {"position": 2, "image": SHA},
    "playlist": {
        "title": "早间",
        "items": [{"id": ID, "kind": "image", "asset": SHA, "caption": "新品", "seconds": 15}],
    },
    "schedule_entry": {"playlist": ID, "priority": 5},
    "default_playlist": {"playlist": ID},
    "app": {
        "package": "com.example.school",
        "version_code": 12,
        "version_name": "1.2",
        "name": "翼校通 TV",
        "icon": SHA,
        "asset": OTHER,
        "signer_sha256": SHA,
        "permissions": ["android.permission.INTERNET"],
    },
}


def changed(kind: str, /, **fields: Any) -> dict[str, Any]:
    return {**GOOD[kind], **fields}


def errors_of(kind: str, raw: object) -> dict[str, list[Message]]:
    with pytest.raises(Invalid) as refused:
        read_payload(kind, raw)
    return refused.value.errors


def test_every_kind_has_a_good_example() -> None:
    assert set(GOOD) == set(Kind)


@pytest.mark.parametrize("kind", GOOD)
def test_payload_is_read_and_written_alike(kind: str) -> None:
    payload = read_payload(kind, GOOD[kind])

    assert payload.model_dump(mode="json") == GOOD[kind]
    assert type(payload) is KINDS[Kind(kind)].model


@pytest.mark.parametrize("kind", GOOD)
def test_unknown_field_is_refused(kind: str) -> None:
    assert errors_of(kind, changed(kind, tenant="x")) == {"tenant": [N_("没有这一项。")]}


@pytest.mark.parametrize("raw", [None, [], "logo", 5])
def test_payload_must_be_a_mapping(raw: object) -> None:
    assert errors_of("logo", raw) == {"": [N_("格式不对。")]}


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="banner"):
        read_payload("banner", {})


@pytest.mark.parametrize(
    ("kind", "field", "value", "read"),
    [
        ("slot", "title", "  客房  ", "客房"),
        ("slot", "title", "cafe\u0301", "café"),
        ("slot", "title", "第①间", "第①间"),
        ("slot", "subtitle", "👨‍👩‍👧亲子", "👨‍👩‍👧亲子"),
        ("marquee", "colour", "＃ＦＦ００AA", "#ff00aa"),
        ("marquee", "colour", " #FFE9A8 ", "#ffe9a8"),
        ("app", "package", "ｃｏｍ.example.a１", "com.example.a1"),
        ("slot", "title", "一二三四五六七八", "一二三四五六七八"),
        ("slot", "title", "𠮷" * 8, "𠮷" * 8),
        ("marquee", "text", "好" * 200, "好" * 200),
        ("item", "seconds", 3, 3),
        ("item", "seconds", 600, 600),
        ("marquee", "priority", 0, 0),
        ("marquee", "priority", 9, 9),
        ("slot", "position", 10, 10),
    ],
)
def test_value_is_taken_and_folded(kind: str, field: str, value: object, read: object) -> None:
    payload = read_payload(kind, changed(kind, **{field: value}))

    assert getattr(payload, field) == read


CONTROL = N_("含有不能显示的控制字符或换行，请删去。")
FILL = N_("请填写此项。")
INTEGER = N_("请填写整数。")
CHOICE = N_("不是可选的值。")
FORM = N_("格式不对。")


def at_most(number: int) -> Message:
    return N_("最多 %(max)d 个字符。", max=number)


@pytest.mark.parametrize(
    ("kind", "field", "value", "message"),
    [
        ("logo", "image", None, FORM),
        ("logo", "image", "AB" * 32, FORM),
        ("logo", "image", "ab" * 31, FORM),
        ("slot", "position", 0, N_("不能小于 %(min)s。", min=1)),
        ("slot", "position", 11, N_("不能大于 %(max)s。", max=10)),
        ("slot", "position", "1", INTEGER),
        ("slot", "position", True, INTEGER),
        ("slot", "position", 1.0, INTEGER),
        ("slot", "title", "", FILL),
        ("slot", "title", " \u3000 ", FILL),
        ("slot", "title", "一二三四五六七八九", at_most(8)),
        ("slot", "title", 5, FORM),
        ("slot", "title", "a\nb", CONTROL),
        ("slot", "title", "a\x00b", CONTROL),
        ("slot", "title", "a\u202eb", CONTROL),
        ("slot", "title", "a\u2028b", CONTROL),
        ("slot", "title", "a\ud800b", CONTROL),
        ("slot", "subtitle", "一" * 17, at_most(16)),
        ("slot", "image", "../../etc/passwd", FORM),
        ("column", "title", "一" * 13, at_most(12)),
        ("column", "parent", "1", FORM),
        ("column", "parent", ID[:-2] + "AB", FORM),
        ("column", "order", -1, N_("不能小于 %(min)s。", min=0)),
        ("item", "title", "一" * 31, at_most(30)),
        ("item", "kind", "audio", CHOICE),
        ("item", "column", None, FORM),
        ("item", "seconds", 2, N_("不能小于 %(min)s。", min=3)),
        ("item", "seconds", 601, N_("不能大于 %(max)s。", max=600)),
        ("item", "html", "<script>alert(1)</script>", N_("正文里不能用 <%(tag)s>。", tag="script")),
        ("marquee", "text", "好" * 201, at_most(200)),
        ("marquee", "text", "", FILL),
        ("marquee", "colour", "red", FORM),
        ("marquee", "colour", "#fff", FORM),
        ("marquee", "speed", "warp", CHOICE),
        ("marquee", "edge", "left", CHOICE),
        ("marquee", "priority", 10, N_("不能大于 %(max)s。", max=9)),
        ("marquee", "urgent", 1, N_("只能是“是”或“否”。")),
        ("frame", "position", 3, N_("不能大于 %(max)s。", max=2)),
        ("playlist", "title", "一" * 31, at_most(30)),
        ("playlist", "items", None, FORM),
        ("schedule_entry", "priority", -1, N_("不能小于 %(min)s。", min=0)),
        ("default_playlist", "playlist", "", FILL),
        ("app", "package", "school", FORM),
        ("app", "version_code", 0, N_("不能小于 %(min)s。", min=1)),
    ],
)
def test_value_is_refused_at_its_field(kind: str, field: str, value: object, message: Message) -> None:
    assert errors_of(kind, changed(kind, **{field: value})) == {field: [message]}


def test_every_wrong_field_is_told_at_once() -> None:
    errors = errors_of(
        "slot", {"position": 11, "title": "", "image": "x", "action": {"open": "url", "url": "http://a"}}
    )

    assert set(errors) == {"position", "title", "image", "action.url"}


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"kind": "image", "asset": None}, "asset", N_("请选择图片。")),
        ({"kind": "video", "asset": None}, "asset", N_("请选择视频。")),
        ({"kind": "image", "html": "<p>a</p>"}, "", N_("只有图文才有正文。")),
        ({"kind": "image", "seconds": None}, "seconds", N_("请填写展示时长。")),
        ({"kind": "text", "html": None}, "html", N_("请填写图文的正文。")),
        ({"kind": "text", "html": "<p> <br></p>"}, "html", N_("请填写图文的正文。")),
        ({"kind": "text", "html": "<p>a</p>", "seconds": None}, "seconds", N_("请填写展示时长。")),
    ],
)
def test_item_needs_what_its_kind_needs(fields: dict[str, Any], field: str, message: Message) -> None:
    assert errors_of("item", changed("item", **fields)) == {field: [message]}


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "video", "seconds": None},
        {"kind": "text", "html": "<p>院长寄语</p>", "asset": None},
        {"kind": "text", "html": "<p>院长寄语</p>", "asset": SHA},
    ],
)
def test_item_may_leave_out_what_its_kind_does_not_need(fields: dict[str, Any]) -> None:
    assert read_payload("item", changed("item", **fields)).model_dump(mode="json") == changed("item", **fields)


def test_playlist_names_the_item_that_is_wrong() -> None:
    good = GOOD["playlist"]["items"][0]

    errors = errors_of("playlist", {"title": "早间", "items": [good, {**good, "caption": "一" * 41}]})

    assert errors == {"items.1.caption": [at_most(40)]}


def test_playlist_refuses_an_id_twice() -> None:
    good = GOOD["playlist"]["items"][0]

    assert errors_of("playlist", {"title": "早间", "items": [good, good]}) == {
        "": [N_("同一条内容在播放列表里出现了两次。")]
    }


def test_playlist_may_be_empty_and_is_bounded() -> None:
    good = GOOD["playlist"]["items"][0]
    many = [{**good, "id": f"01990000-0000-7000-8000-{number:012x}"} for number in range(101)]

    assert read_payload("playlist", {"title": "早间", "items": []}).model_dump() == {"title": "早间", "items": ()}
    assert errors_of("playlist", {"title": "早间", "items": many}) == {"items": [N_("最多 %(max)d 项。", max=100)]}
