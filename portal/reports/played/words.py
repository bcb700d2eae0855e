"""The words of the reports about plays, and what their addresses ask for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import request

from portal.core import clock
from portal.core.messages import N_, Message
from portal.reports.played.queries import LISTS, MOST_DAYS, By, Line
from portal.web.i18n import translate

LIST_LABELS: Final[Mapping[str, Message]] = {
    "ads": N_("广告联播"),
    "zone": N_("专区"),
    "splash": N_("开机前导页"),
    "marquee": N_("跑马灯"),
}
BY_LABELS: Final[Mapping[By, Message]] = {
    By.THING: N_("按内容"),
    By.PART: N_("按播放列表、栏目"),
    By.LIST: N_("按类别"),
    By.DAY: N_("按天"),
    By.GROUP: N_("按分组"),
    By.BOX: N_("按机顶盒"),
}
HEADS: Final[Mapping[By, Message]] = {
    By.THING: N_("内容"),
    By.PART: N_("播放列表、栏目"),
    By.LIST: N_("类别"),
    By.DAY: N_("日期"),
    By.GROUP: N_("分组"),
    By.BOX: N_("机顶盒"),
}
PERIODS: Final = (7, 30, 90)
_USUAL: Final = 7


def period() -> tuple[date, date]:
    """This function will return the first and the last day that the address asks for: `from` and `until`, or the last `days`, today included.

    No more than `MOST_DAYS`, nothing to come, and a first day that is none counts as absent.
    """
    today = clock.today()
    last = min(_date("until") or today, today)
    days = request.args.get("days", "")
    usual = int(days) if days in map(str, PERIODS) else _USUAL
    first = _date("from") or last - timedelta(days=usual - 1)
    return min(max(first, last - timedelta(days=MOST_DAYS - 1)), last), last


def asked_list() -> str:
    """This function will return the list that the address asks for, nothing for all."""
    asked = request.args.get("list", "")
    return asked if asked in LISTS else ""


def chip(label: str, name: str, value: str, options: Mapping[str, str], link: Any, **also: None) -> dict[str, Any]:
    """This function will return a filter of the report; clearing or changing it clears `also` too, which made sense only beside it."""
    return {
        "label": label,
        "value": options.get(value, value),
        "clear": link(**{name: None, **also}),
        "options": [(text, link(**{name: code, **also}), code == value) for code, text in options.items()],
    }


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def thing(name: str, title: str, item: str) -> str:
    """This function will return what a thing is called: its title when it was on air last, else the beginning of its id."""
    if name == "splash" and title:
        return translate(N_("第 %(n)s 帧", n=title))
    return title or translate(N_("已删除 %(id)s", id=item[:8]))


def called(by: By, line: Line) -> str:
    """This function will return what a line of a tenant's report stands for, in the reader's words."""
    match by:
        case By.THING:
            return thing(line.list, line.title, line.key)
        case By.LIST:
            return translate(LIST_LABELS[line.key])
        case By.DAY:
            return line.key
        case By.PART:
            return line.title or translate(N_("不属于任何播放列表或栏目"))
        case _:
            return line.title or translate(N_("已删除 %(id)s", id=line.key[:8]))
