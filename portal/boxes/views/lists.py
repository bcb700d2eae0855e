"""What the lists of boxes share: the filters of the address, their chips, and the words of states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access.policy import own_province
from portal.boxes.models.bound import Box, BoxRequest
from portal.boxes.queries.adoption import old_firmware
from portal.boxes.queries.fleet import Shown, Wanted, health_of
from portal.boxes.states import BoxState, Health, Reason
from portal.catalog.catalogue import catalogue
from portal.core.ids import GroupId
from portal.core.messages import N_, Message
from portal.tenants.tree import GroupTree
from portal.web.exports import Column
from portal.web.formats import masked_phone
from portal.web.i18n import language, translate
from portal.web.paging import kept_parameters, list_address, whole
from portal.web.state import state

LONGEST_SEARCH: Final = 80
_LARGEST_RELEASE: Final = 2**31
_LONGEST_NUMBER: Final = 11

HEALTH_LABELS: Mapping[Health, Message] = {
    Health.ONLINE: N_("在线"),
    Health.FAULTY: N_("故障"),
    Health.OFFLINE: N_("离线"),
    Health.NEVER: N_("从未上线"),
}
STATE_LABELS: Mapping[BoxState, Message] = {
    BoxState.BOUND: N_("已绑定"),
    BoxState.UNBOUND: N_("已解绑"),
    BoxState.STOLEN: N_("已报失"),
}
SCREEN_LABELS: Mapping[str, Message] = {
    "desktop": N_("桌面"),
    "zone": N_("专区"),
    "ads": N_("广告联播"),
    "splash": N_("前导页"),
    "live": N_("直播"),
    "app": N_("应用"),
    "off": N_("待机"),
}
REASON_LABELS: Mapping[Reason, Message] = {
    Reason.DOWNLOADING: N_("正在下载"),
    Reason.STALE: N_("取不到新版本"),
    Reason.SIGNATURE: N_("签名验证失败"),
    Reason.REJECTED: N_("拒收了指针"),
    Reason.DISK: N_("空间不足"),
    Reason.FIRMWARE: N_("固件旧"),
    Reason.UNKNOWN: N_("原因不明"),
    Reason.OFFLINE: N_("离线"),
    Reason.NEVER: N_("从未上线"),
}
COMMAND_LABELS: Mapping[str, Message] = {"resync": N_("同步内容"), "screenshot": N_("截屏"), "restart": N_("重启")}

Link = Callable[..., str]


def one_of(name: str, known: Any) -> str:
    """This function will return a parameter of the address where it is a known value, else nothing."""
    value = request.args.get(name, "")
    return value if value in known else ""


def text_of(name: str) -> str:
    """This function will return a parameter of the address as bounded text."""
    return request.args.get(name, "").strip()[:LONGEST_SEARCH]


def wanted_of(groups: Sequence[GroupId] | frozenset[GroupId] | None, **more: Any) -> Wanted:
    """This function will return which boxes the current address asks for, within `groups` where they are given."""
    health, state = one_of("health", set(Health)), one_of("state", set(BoxState))
    reason, release = one_of("reason", set(Reason)), request.args.get("release", type=whole)
    return Wanted(
        text=text_of("q"),
        groups=groups,
        health=Health(health) if health else None,
        state=BoxState(state) if state else BoxState.BOUND,
        model=text_of("model"),
        firmware=text_of("firmware"),
        behind=request.args.get("behind") == "1",
        trouble=request.args.get("trouble") == "1",
        reason=Reason(reason) if reason else None,
        release=release if release and 0 < release < _LARGEST_RELEASE else None,
        **more,
    )


def completed(session: Session, wanted: Wanted) -> Wanted:
    """This function will return the same with what the database has to say first, where a reason of being behind is asked for."""
    return wanted if wanted.reason is None else replace(wanted, old_firmware=old_firmware(session))


def link_to(endpoint: str) -> Link:
    """This function will return what makes the address of a list with some parameters changed; None takes one away."""

    def link(**changes: str | int | None) -> str:
        return list_address(endpoint, changes)

    return link


def heads(name: str, label: str) -> list[dict[str, str]]:
    """This function will return the columns of a list of boxes; the second, `name`, says whose or where a box is."""
    return [
        {"label": _("房间"), "key": "name"},
        {"label": label, "name": name},
        {"label": _("状态"), "name": "state"},
        {"label": _("型号 / 固件"), "name": "model"},
        {"label": _("内容版本"), "name": "release"},
        {"label": _("在播"), "name": "screen"},
        {"label": _("上次心跳"), "key": "seen"},
    ]


def file_columns(
    shown: Mapping[str, Shown], now: datetime, label: str, place: Callable[[Box], str]
) -> list[Column[Box]]:
    """This function will return what a file says of every box of a list; the second column says whose or where a box is."""
    return [
        Column(_("房间"), 20, lambda row: row.name),
        Column(label, 28, place),
        Column(_("序列号"), 24, lambda row: row.serial),
        Column(_("状态"), 12, lambda row: _standing(row, shown[row.id], now)),
        Column(_("型号"), 18, lambda row: row.model),
        Column(_("固件"), 14, lambda row: shown[row.id].status.firmware or row.firmware),
        Column(_("内容版本"), 10, lambda row: shown[row.id].release),
        Column(_("落后"), 8, lambda row: shown[row.id].lag if row.state == BoxState.BOUND else None),
        Column(_("在播"), 12, lambda row: SCREEN_LABELS.get(shown[row.id].status.screen or "", "")),
        Column(_("上次心跳"), 20, lambda row: shown[row.id].status.seen_at),
        Column(_("绑定"), 20, lambda row: row.bound_at),
    ]


def waiting_columns() -> list[Column[BoxRequest]]:
    """This function will return what a file says of every box that waits, phone numbers masked."""
    return [
        Column(_("序列号"), 24, lambda row: row.serial),
        Column(_("型号"), 18, lambda row: row.model),
        Column(_("固件"), 14, lambda row: row.firmware),
        Column(_("填写的手机号"), 16, lambda row: masked_phone(row.installer_phone)),
        Column(_("上报"), 20, lambda row: row.asked_at),
        Column(_("失效"), 20, lambda row: row.expires_at),
    ]


def _standing(row: Box, shown: Shown, now: datetime) -> Message:
    state = BoxState(row.state)
    return HEALTH_LABELS[health_of(shown.status, now)] if state is BoxState.BOUND else STATE_LABELS[state]


def kept(*but: str) -> dict[str, str]:
    """This function will return what a form beside the filters has to send along, for the templates."""
    return kept_parameters(*but)


def chips(
    link: Link,
    models: Sequence[str],
    versions: Sequence[str],
    tree: GroupTree | None = None,
    *,
    provinces: Mapping[str, str] | None = None,
    wall: bool = False,
) -> list[dict[str, Any]]:
    """This function will return the filters that a list offers; those of groups and provinces where it has them.

    A wall shows boxes that are bound, and may show those alone that are in trouble.
    """
    health = {each.value: translate(label) for each, label in HEALTH_LABELS.items()}
    states = {each.value: translate(label) for each, label in STATE_LABELS.items() if each is not BoxState.BOUND}
    groups: dict[str, str] = (
        {} if tree is None else {str(node.id): f"{'— ' * depth}{node.name}" for depth, node in tree.walk()}
    )
    reasons = {each.value: translate(label) for each, label in REASON_LABELS.items()}
    release = request.args.get("release", "")
    releases = (
        {release: translate(N_("版本 %(n)d", n=int(release)))}
        if release.isdecimal() and len(release) < _LONGEST_NUMBER
        else {}
    )
    named: list[tuple[str, str, Mapping[str, str]]] = [
        ("trouble", _("先看"), {"1": _("有问题的")} if wall else {}),
        ("province", _("省公司"), provinces or {}),
        ("group", _("分组"), groups),
        ("health", _("状态"), health),
        ("behind", _("版本"), {"1": _("落后")}),
        ("reason", _("落后原因"), {} if wall else reasons),
        ("release", _("在播版本"), releases),
        ("model", _("型号"), {each: each for each in models}),
        ("firmware", _("固件"), {each: each for each in versions}),
        ("state", _("已离开的"), {} if wall else states),
    ]
    return [_chip(link, name, label, options) for name, label, options in named if options]


def everywhere_chips(
    link: Link, wanted: Wanted, models: Sequence[str], versions: Sequence[str], *, wall: bool = False
) -> list[dict[str, Any]]:
    """This function will return the filters of a list over all enterprises; a province that sees only its own chooses among none."""
    provinces = {code: entry.name.in_language(language()) for code, entry in catalogue().provinces.items()}
    mine = own_province(state().actor) is not None
    found = chips(link, models, versions, provinces={} if mine else provinces, wall=wall)
    if wanted.enterprise:
        chip = {"label": _("企业"), "value": wanted.enterprise, "clear": link(enterprise=None), "options": []}
        found.insert(0, chip)
    return found


def _chip(link: Link, name: str, label: str, options: Mapping[str, str]) -> dict[str, Any]:
    now = request.args.get(name, "")
    return {
        "label": label,
        "value": options.get(now, now).lstrip("— "),
        "clear": link(**{name: None}),
        "options": [(text, link(**{name: code}), code == now) for code, text in options.items()],
    }
