"""What the pages about adoption share: the words of reasons, and what their template is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.boxes.queries import adoption
from portal.boxes.queries.adoption import Cell, Share
from portal.boxes.states import Reason
from portal.boxes.views import lists
from portal.core.messages import N_, Message
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.i18n import translate

MOST_LINES: Final = 200

ADVICE: Final[Mapping[Reason, Message]] = {
    Reason.NEVER: N_("绑定后没有联系过，请装维人员上门看"),
    Reason.OFFLINE: N_("通电联网后会自己取新内容"),
    Reason.SIGNATURE: N_("它拒收了内容的签名：重新绑定，或换一台"),
    Reason.REJECTED: N_("它认为频道的序号倒退、冲突或过期：重新同步，不行就报修"),
    Reason.DISK: N_("装不下新内容：清理，或换一台"),
    Reason.STALE: N_("知道有新版本却取不到：查它到内容服务器的网络"),
    Reason.DOWNLOADING: N_("刚刚发布，正在下载，稍等再看"),
    Reason.FIRMWARE: N_("固件不是该型号最新的，先升级固件"),
    Reason.UNKNOWN: N_("请它同步一次，不行再重启"),
}
WAYS: Final[Mapping[str, Message]] = {
    "release": N_("按版本"),
    "group": N_("按分组"),
    "province": N_("按省公司"),
    "enterprise": N_("按企业"),
    "model": N_("按型号"),
    "firmware": N_("按固件"),
}
KEYS: Final[Mapping[str, Callable[[Cell], Any]]] = {
    "release": lambda cell: cell.release,
    "group": lambda cell: cell.group_id,
    "enterprise": lambda cell: cell.tenant_id,
    "model": lambda cell: cell.model,
    "firmware": lambda cell: cell.firmware,
}


def asked_way(known: tuple[str, ...]) -> str:
    """This function will return by what the address wants the boxes told apart, one of `known`, the first of them by default."""
    asked = request.args.get("by", "")
    return asked if asked in known else known[0]


@dataclass(frozen=True)
class Shares:
    """All boxes, and some of them told apart by what the address asks for.

    `named` returns what a key is called, and the value of the list's filter that leads to its boxes ("" where there is none).
    """

    cells: Sequence[Cell]
    known: tuple[str, ...]
    shares: Mapping[Any, Share]
    named: Callable[[Any], tuple[str, str]]


def page(found: Shares) -> str:
    """This function will draw the page: all boxes, why some lag, and how far the parts of them are."""
    known, shares = found.known, found.shares
    lines = [(*found.named(key), share) for key, share in list(shares.items())[:MOST_LINES]]
    return render_template(
        "boxes/adoption.html",
        whole=adoption.share_of(found.cells),
        by=asked_way(known),
        known=known,
        lines=lines,
        left_out=max(0, len(shares) - MOST_LINES),
        ways_of=WAYS,
        advice=ADVICE,
        labels=lists,
    )


def handed_out(name: str, found: Shares) -> Response:
    """This function will hand the page out as Excel: how far the parts are, all of them, and why some lag."""
    whole = adoption.share_of(found.cells)
    parts: list[Column[tuple[Any, Share]]] = [
        Column(translate(WAYS[asked_way(found.known)]), 40, lambda row: found.named(row[0])[0]),
        Column(_("在播最新（%）"), 12, lambda row: row[1].percent),
        Column(_("已绑定"), 10, lambda row: row[1].boxes),
        Column(_("落后"), 10, lambda row: row[1].behind),
    ]
    why: list[Column[tuple[Reason, Message]]] = [
        Column(_("原因"), 20, lambda row: row[1]),
        Column(_("台数"), 10, lambda row: whole.reasons[row[0]]),
        Column(_("怎么办"), 60, lambda row: ADVICE[row[0]]),
    ]
    reasons = [(reason, label) for reason, label in lists.REASON_LABELS.items() if whole.reasons.get(reason)]
    sheets: list[Sheet[Any]] = [
        Sheet(_("内容到达"), list(found.shares.items()), parts),
        Sheet(_("为什么落后"), reasons, why),
    ]
    return hand_out_sheets(name, N_("内容到达"), sheets)
