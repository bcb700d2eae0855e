from typing import Any

import pytest

from portal.content.envelope import read_payload
from portal.content.slots.rules import Slot
from portal.core.errors import Invalid
from portal.core.messages import N_, Message

SHA = "ab" * 32
ID = "01990000-0000-7000-8000-000000000001"


def slot_with(action: object) -> dict[str, Any]:
    return {"position": 1, "title": "客房", "image": SHA, "action": action}


@pytest.mark.parametrize(
    "action",
    [
        {"open": "column", "column": ID},
        {"open": "item", "item": ID},
        {"open": "app", "package": "com.example.school"},
        {"open": "url", "url": "https://www.example.com/path?q=1#top"},
        {"open": "url", "url": "https://[2001:db8::1]:8443/"},
        {"open": "url", "url": "https://10.0.0.1:8443/菜单"},
        {"open": "video", "asset": SHA},
        {"open": "live", "url": "https://live.example.com/ch1/index.m3u8"},
        {"open": "live", "url": "udp://239.1.1.1:5000"},
        {"open": "live", "url": "rtp://239.1.1.1:5000"},
        {"open": "live", "url": "rtsp://cam.example.com/one"},
    ],
)
def test_action_is_read_and_written_alike(action: dict[str, Any]) -> None:
    payload = read_payload("slot", slot_with(action))

    assert isinstance(payload, Slot)
    assert payload.action.model_dump() == action


def test_address_in_full_width_letters_is_folded() -> None:
    payload = read_payload("slot", slot_with({"open": "url", "url": " ｈｔｔｐｓ：／／www.example.com／１ "}))

    assert payload.model_dump()["action"] == {"open": "url", "url": "https://www.example.com/1"}


HTTPS = N_("网页地址要以 https:// 开头。")
LIVE = N_("直播地址要以 https://、udp://、rtp:// 或 rtsp:// 开头。")
HOST = N_("地址里缺少主机名，或主机名不对。")
SYMBOL = N_("地址里有空格或不能用的符号。")
SECRET = N_("地址里不能带用户名或密码。")


@pytest.mark.parametrize(
    ("kind", "address", "message"),
    [
        ("url", "http://www.example.com/", HTTPS),
        ("url", "javascript:alert(1)", HTTPS),
        ("url", "//www.example.com/", HTTPS),
        ("url", "file:///etc/passwd", HTTPS),
        ("url", "data:text/html,a", HTTPS),
        ("url", "", HTTPS),
        ("url", "https://", HOST),
        ("url", "https:///path", HOST),
        ("url", "https://a..b/", HOST),
        ("url", "https://exa_mple.com/", HOST),
        ("url", "https://例子.中国/", HOST),
        ("url", "https://user:password@example.com/", SECRET),
        ("url", "https://user@example.com/", SECRET),
        ("url", "https://example.com@evil.example/", SECRET),
        ("url", "https://example.com/a b", SYMBOL),
        ("url", "https://example.com\\@evil.example/", SYMBOL),
        ("url", 'https://example.com/"onload', SYMBOL),
        ("url", "https://example.com:99999/", N_("地址的格式不对。")),
        ("url", "https://[::1/", N_("地址的格式不对。")),
        ("url", "https://example.com/\x07", N_("含有不能显示的控制字符或换行，请删去。")),
        ("url", "https://example.com/" + "a" * 2000, N_("最多 %(max)d 个字符。", max=2000)),
        ("live", "http://live.example.com/a.m3u8", LIVE),
        ("live", "rtmp://live.example.com/a", LIVE),
        ("live", "239.1.1.1:5000", LIVE),
        ("live", "udp://239.1.1.1", N_("组播地址要写端口号，例如 udp://239.1.1.1:5000。")),
        ("live", "udp://@239.1.1.1:5000", SECRET),
        ("live", "rtsp://admin:12345@cam.example.com/", SECRET),
        ("live", "rtsp:///one", HOST),
    ],
)
def test_address_is_refused(kind: str, address: str, message: Message) -> None:
    with pytest.raises(Invalid) as refused:
        read_payload("slot", slot_with({"open": kind, "url": address}))

    assert refused.value.errors == {"action.url": [message]}


@pytest.mark.parametrize(
    ("action", "field", "message"),
    [
        (None, "action", N_("格式不对。")),
        ({}, "action", N_("请选择打开什么。")),
        ({"open": "shell", "command": "rm"}, "action", N_("不是可选的值。")),
        ({"open": "column"}, "action.column", N_("请填写此项。")),
        ({"open": "column", "column": "x"}, "action.column", N_("格式不对。")),
        ({"open": "item", "item": ID, "url": "https://a.example"}, "action.url", N_("没有这一项。")),
        ({"open": "video", "asset": "x"}, "action.asset", N_("格式不对。")),
    ],
)
def test_action_is_refused_at_its_field(action: object, field: str, message: Message) -> None:
    with pytest.raises(Invalid) as refused:
        read_payload("slot", slot_with(action))

    assert refused.value.errors == {field: [message]}
