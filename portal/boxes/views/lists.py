"""What the lists of boxes share: the filters of the address, their chips, and the words of states."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flask import request
from flask_babel import gettext as _

from portal.access.roles import Role
from portal.boxes.queries.fleet import Wanted
from portal.boxes.states import BoxState, Health
from portal.catalog.catalogue import catalogue
from portal.core.ids import GroupId
from portal.core.messages import N_, Message
from portal.tenants.tree import GroupTree
from portal.web.i18n import language, translate
from portal.web.paging import list_address
from portal.web.state import state

LONGEST_SEARCH: Final = 80

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
    return Wanted(
        text=text_of("q"),
        groups=groups,
        health=Health(health) if health else None,
        state=BoxState(state) if state else BoxState.BOUND,
        model=text_of("model"),
        firmware=text_of("firmware"),
        behind=request.args.get("behind") == "1",
        trouble=request.args.get("trouble") == "1",
        **more,
    )


def link_to(endpoint: str) -> Link:
    """This function will return what makes the address of a list with some parameters changed; None takes one away."""

    def link(**changes: str | int | None) -> str:
        return list_address(endpoint, changes)

    return link


def kept(*but: str) -> dict[str, str]:
    """This function will return the parameters of the address that a form beside the filters has to send along, without its own."""
    return {name: value for name, value in request.args.items() if value and name not in {*but, "page"}}


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
    named: list[tuple[str, str, Mapping[str, str]]] = [
        ("trouble", _("先看"), {"1": _("有问题的")} if wall else {}),
        ("province", _("省公司"), provinces or {}),
        ("group", _("分组"), groups),
        ("health", _("状态"), health),
        ("behind", _("版本"), {"1": _("落后")}),
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
    mine = state().actor.role == Role.PROVINCE
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
