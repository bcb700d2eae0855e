"""What the files of the reports about plays say of every line."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _

from portal.core.sheets import Cell
from portal.reports.played import words
from portal.reports.played.everywhere import EnterpriseLine
from portal.reports.played.queries import By, Line, Totals
from portal.web.exports import Column
from portal.web.i18n import translate

_MINUTE = 60


def of_lines(by: By) -> list[Column[Line]]:
    """This function will return the columns of a tenant's report; the id of what a line stands for comes last."""
    return [
        Column(_("类别"), 12, lambda line: words.LIST_LABELS.get(line.list, "")),
        Column(translate(words.HEADS[by]), 36, lambda line: words.called(by, line)),
        Column(_("属于"), 24, lambda line: line.part),
        Column(_("播放次数"), 12, lambda line: line.plays),
        Column(_("完整播放"), 12, lambda line: line.completed),
        Column(_("时长（分钟）"), 14, lambda line: line.seconds // _MINUTE),
        Column(_("机顶盒数"), 12, lambda line: line.boxes),
        Column(_("编号"), 40, lambda line: line.key),
    ]


def sums_of_lines(totals: Totals) -> list[Cell]:
    """This function will return the last line of a tenant's report; boxes that play several things are not added up."""
    return [_("合计"), None, None, totals.plays, totals.completed, totals.seconds // _MINUTE]


def sums_of_enterprises(totals: Totals, lines: Iterable[EnterpriseLine]) -> list[Cell]:
    """This function will return the last line of the report over all enterprises."""
    return [
        _("合计"),
        None,
        None,
        sum(line.things for line in lines),
        totals.plays,
        totals.completed,
        totals.seconds // _MINUTE,
    ]


def of_enterprises(provinces: Mapping[str, str]) -> list[Column[EnterpriseLine]]:
    """This function will return the columns of the report over all enterprises."""
    return [
        Column(_("企业ID"), 16, lambda line: line.enterprise_id),
        Column(_("企业"), 28, lambda line: line.name),
        Column(_("省公司"), 14, lambda line: provinces.get(line.province_code or "", _("运营中心（全国）"))),
        Column(_("内容数"), 10, lambda line: line.things),
        Column(_("播放次数"), 12, lambda line: line.plays),
        Column(_("完整播放"), 12, lambda line: line.completed),
        Column(_("时长（分钟）"), 14, lambda line: line.seconds // _MINUTE),
    ]
