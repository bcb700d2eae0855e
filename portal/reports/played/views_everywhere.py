"""The report about plays of all enterprises, for the center; of its own, for a province."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.policy import own_province
from portal.catalog.catalogue import catalogue
from portal.core.database import system_session
from portal.core.messages import N_
from portal.reports.played import columns, everywhere, words
from portal.reports.played.queries import Asked
from portal.web.access import needs
from portal.web.exports import hand_out
from portal.web.i18n import language, translate
from portal.web.paging import MOST_ROWS, Page, Paging, list_address
from portal.web.state import state

blueprint = Blueprint("all_plays", __name__, url_prefix="/center/reports/plays")


@blueprint.get("")
@needs(Permission.REPORTS_VIEW)
def index() -> str:
    """This function will show how much the boxes of each enterprise played; a province sees its own."""
    asked, province = _asked(), _province()
    with system_session(reason="plays of all enterprises, summed up") as session:
        lines = everywhere.enterprise_lines(session, asked, province)
        totals = everywhere.enterprise_totals(session, asked, province)
        days = everywhere.plays_by_day(session, asked, province)
    return render_template(
        "reports/played/everywhere.html",
        asked=asked,
        lines=lines,
        totals=totals,
        days=days,
        chips=_chips(asked, province),
        words=words,
        link=_link,
        book=catalogue(),
        onward={"from": asked.first, "until": asked.last, "list": asked.list or None},
    )


@blueprint.post("")
@needs(Permission.REPORTS_VIEW, reads=True)
def export() -> Response:
    """This function will hand the report out as Excel, every line of it."""
    asked, province = _asked(), _province()
    with system_session(reason="plays of all enterprises, to be exported") as session:
        lines = everywhere.enterprise_lines(session, asked, province, limit=MOST_ROWS)
        totals = everywhere.enterprise_totals(session, asked, province)
    page = Page(lines, len(lines), Paging.from_request(["plays"], default="plays"))
    sums = columns.sums_of_enterprises(totals, lines)
    return hand_out("all_plays", N_("播放统计"), page, columns.of_enterprises(_provinces()), sums)


def _asked() -> Asked:
    first, last = words.period()
    return Asked(first, last, list=words.asked_list())


def _province() -> str | None:
    own = own_province(state().actor)
    if own is not None:
        return own
    asked = request.args.get("province", "")
    return asked if asked in catalogue().provinces else None


def _provinces() -> dict[str, str]:
    return {code: entry.name.in_language(language()) for code, entry in catalogue().provinces.items()}


def _chips(asked: Asked, province: str | None) -> list[dict[str, Any]]:
    lists = {name: translate(label) for name, label in words.LIST_LABELS.items()}
    chips = [words.chip(_("类别"), "list", asked.list, lists, _link)]
    if own_province(state().actor) is None:
        chips.append(words.chip(_("省公司"), "province", province or "", _provinces(), _link))
    return chips


def _link(**changes: str | int | None) -> str:
    return list_address("all_plays.index", changes)
