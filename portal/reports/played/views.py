"""The report about plays of one tenant, and its file."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.policy import own_groups
from portal.core.errors import NotFound
from portal.core.ids import GroupId, is_id
from portal.core.messages import N_
from portal.reports.played import columns, queries, words
from portal.reports.played.planned import planned_seconds
from portal.reports.played.queries import Asked, By
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree
from portal.web.access import needs
from portal.web.exports import hand_out
from portal.web.i18n import translate
from portal.web.paging import MOST_ROWS, Page, Paging, list_address
from portal.web.state import ctx

blueprint = Blueprint("plays", __name__, url_prefix="/e/<enterprise:enterprise_id>/plays")

_LONGEST_KEY = 64


@blueprint.get("")
@needs(Permission.BOXES_VIEW)
def index() -> str:
    """This function will show what played where and how often; a group editor sees the own subtree."""
    session = ctx().session
    tree = group_tree(session)
    asked = _asked(tree)
    planned = planned_seconds(session, asked) if asked.by is By.PART and asked.list in {"", "ads"} else None
    lines, totals = queries.report(session, asked)
    return render_template(
        "reports/played/index.html",
        asked=asked,
        lines=lines,
        totals=totals,
        days=queries.by_day(session, asked),
        planned=planned,
        chips=_chips(asked, tree),
        words=words,
        link=_link,
        By=By,
        most=queries.MOST_LINES,
        tree=tree,
    )


@blueprint.post("")
@needs(Permission.BOXES_VIEW, reads=True)
def export() -> Response:
    """This function will hand the report out as Excel, every line of it."""
    session = ctx().session
    asked = _asked(group_tree(session))
    found, totals = queries.report(session, asked, limit=MOST_ROWS)
    page = Page(found, totals.lines, Paging.from_request(["plays"], default="plays"))
    return hand_out("plays", N_("播放统计"), page, columns.of_lines(asked.by), columns.sums_of_lines(totals))


def _asked(tree: GroupTree) -> Asked:
    first, last = words.period()
    by = request.args.get("by", "")
    box = request.args.get("box", "")
    groups = _groups(tree)
    if box and (not is_id(box) or queries.box_called(ctx().session, box, groups) is None):
        raise NotFound
    part = request.args.get("part", "")
    return Asked(
        first,
        last,
        By(by) if by in set(By) else By.THING,
        groups,
        words.asked_list(),
        request.args.get("item", "")[:_LONGEST_KEY],
        part if is_id(part) else "",
        box,
    )


def _groups(tree: GroupTree) -> frozenset[GroupId] | None:
    own, asked = own_groups(ctx().actor), request.args.get("group", "")
    if not asked:
        return own
    if asked not in tree:
        raise NotFound
    below = frozenset(tree.subtree(GroupId(asked)))
    return below if own is None else below & own


def _chips(asked: Asked, tree: GroupTree) -> list[dict[str, Any]]:
    session = ctx().session
    lists = {name: translate(label) for name, label in words.LIST_LABELS.items()}
    groups = {str(node.id): f"{'— ' * depth}{node.name}" for depth, node in tree.walk()}
    group = request.args.get("group", "")
    chips = [words.chip(_("类别"), "list", asked.list, lists, _link, part=None, item=None)]
    if asked.list in {"ads", "zone"}:
        label = _("播放列表") if asked.list == "ads" else _("栏目")
        chips.append(words.chip(label, "part", asked.part, queries.parts(session, asked.list), _link, item=None))
    chips.append(words.chip(_("分组"), "group", group, groups, _link))
    chips[-1]["value"] = chips[-1]["value"].lstrip("— ")
    if asked.item:
        name = queries.name_of(session, asked.list, asked.item)
        title = words.thing(asked.list, name.title if name else "", asked.item)
        chips.append({"label": _("内容"), "value": title, "clear": _link(item=None), "options": []})
    if asked.box:
        called = queries.box_called(session, asked.box, asked.groups) or ""
        chips.append({"label": _("机顶盒"), "value": called, "clear": _link(box=None), "options": []})
    return chips


def _link(**changes: str | int | None) -> str:
    return list_address("plays.index", changes)
