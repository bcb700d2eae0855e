"""Content in words: the label of every field, and an envelope as a list of fields for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from portal.content.envelope import Envelope
from portal.core.messages import N_, THEN, Message, Words, listed

FIELD_LABELS: Mapping[str, Message] = MappingProxyType(
    {
        "image": N_("图片"),
        "position": N_("位置"),
        "title": N_("标题"),
        "subtitle": N_("副标题"),
        "action": N_("按确定键后"),
        "parent": N_("上级栏目"),
        "icon": N_("图标"),
        "order": N_("次序"),
        "column": N_("所属栏目"),
        "kind": N_("类型"),
        "html": N_("正文"),
        "asset": N_("图片或视频"),
        "seconds": N_("停留秒数"),
        "text": N_("文字"),
        "colour": N_("颜色"),
        "speed": N_("速度"),
        "edge": N_("在屏幕的哪一边"),
        "priority": N_("优先级"),
        "urgent": N_("加急"),
        "over_ads": N_("广告上也显示"),
        "items": N_("条目"),
        "playlist": N_("播放列表"),
        "package": N_("包名"),
        "version_code": N_("版本号"),
        "version_name": N_("版本名"),
        "name": N_("名称"),
        "signer_sha256": N_("签名证书"),
        "permissions": N_("要的权限"),
        "targets": N_("给谁看"),
        "windows": N_("什么时候显示"),
        "hidden": N_("先不显示"),
        "deleted": N_("删除"),
    }
)

_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
YES, NO, ALL, ALWAYS = N_("是"), N_("否"), N_("全部分组"), N_("一直显示")


def field_label(name: str) -> Message:
    """This function will return what people call a field; a name without a label stands for itself."""
    return FIELD_LABELS.get(name, N_(name))


def field_list(envelope: Envelope) -> list[tuple[Message, str | Message]]:
    """This function will return an envelope as (label, value) pairs, in the order of its form."""
    stored = envelope.to_json()
    pairs = [(field_label(name), _text(value)) for name, value in stored["payload"].items()]
    pairs.append((field_label("targets"), ALL if not envelope.targets else N_("%(n)d 个分组", n=len(envelope.targets))))
    if envelope.spec.has_windows:
        windows = [window_text(window) for window in stored["windows"]]
        pairs.append((field_label("windows"), listed(windows, THEN) if windows else ALWAYS))
    pairs.append((field_label("hidden"), YES if envelope.hidden else NO))
    return pairs


def window_text(window: Mapping[str, Any]) -> Message:
    """This function will return a stored window as people say it: from when to when, on which days, at which hours."""
    first, until = window.get("from"), window.get("until")
    parts: list[Words] = []
    if first and until:
        parts.append(N_("%(first)s 至 %(until)s", first=first, until=until))
    elif first or until:
        parts.append(N_("%(first)s 起", first=first) if first else N_("到 %(until)s", until=until))
    if window.get("days"):
        parts.append(listed([_WEEKDAYS[day - 1] for day in window["days"]]))
    if window.get("start") or window.get("end"):
        parts.append(f"{window.get('start') or '00:00'}–{window.get('end') or '24:00'}")
    return listed(parts, Message(" ")) if parts else ALWAYS


def _text(value: object) -> str | Message:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return N_("%(n)d 项", n=len(value))
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    return str(value)
