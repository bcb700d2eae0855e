"""The timeline and the plan as Excel, from the addresses of their pages."""

from typing import Any, Final

from flask import Blueprint, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.database import system_session
from portal.core.messages import N_
from portal.releases.adoption import adoption
from portal.releases.history import (
    Entry,
    Planned,
    TakenDown,
    approved_everywhere,
    entries,
    kind_of,
    latest_everywhere,
    planned,
    running_everywhere,
    taken_down,
)
from portal.releases.showing import kinds_counted
from portal.releases.states import LABELS
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets, state_word
from portal.web.paging import whole
from portal.web.rendering import translated
from portal.web.state import ctx, state

blueprint = Blueprint("release_sheets", __name__)

MOST_RELEASES: Final = 1000
"""How many releases a file holds at most: each is read with its whole manifest, to say what it changed."""


@blueprint.post("/e/<enterprise:enterprise_id>/releases/")
@needs(Permission.RELEASES_VIEW, reads=True)
def timeline() -> Response:
    """This function will hand out the tenant's releases, newest first from where the page stands, what is planned, what was taken down."""
    session = ctx().session
    shown = adoption(session)
    releases: list[Column[Entry]] = [
        Column(_("版本"), 8, lambda one: one.release.number),
        Column(_("状态"), 12, lambda one: _("正在播出") if _is_shown(one) else state_word(one.state)),
        Column(_("标题"), 40, lambda one: translated(one.release.title)),
        Column(_("类型"), 12, lambda one: LABELS[kind_of(one.release)]),
        Column(_("改动"), 30, lambda one: kinds_counted(one.changed)),
        Column(_("经办"), 16, lambda one: one.release.maker),
        Column(_("时间"), 20, lambda one: one.release.created_at),
        Column(_("正在播它的机顶盒"), 16, lambda one: shown.by_release.get(one.release.number, 0)),
        Column(_("说明"), 40, lambda one: translated(one.release.reason)),
    ]
    coming: list[Column[Planned]] = [
        Column(_("送审"), 40, lambda one: translated(one.submission.title)),
        Column(_("发布时间"), 20, lambda one: one.submission.publish_at),
        Column(_("已通过"), 10, lambda one: one.approved),
        Column(_("待审"), 10, lambda one: one.submitted),
    ]
    down: list[Column[TakenDown]] = [
        Column(_("内容"), 40, lambda one: translated(one.title)),
        Column(_("原因"), 40, lambda one: one.reason),
        Column(_("时间"), 20, lambda one: one.at),
    ]
    below = request.args.get("below", type=whole)
    found = entries(session, group_tree(session).root.id, limit=MOST_RELEASES, below=below)
    sheets: list[Sheet[Any]] = [
        Sheet(_("版本记录"), found, releases),
        Sheet(_("已定时"), planned(ctx()), coming),
        Sheet(_("已下架"), taken_down(ctx()), down),
    ]
    return hand_out_sheets("releases", N_("版本记录"), sheets)


@blueprint.post("/center/releases")
@needs(Permission.RELEASES_PLAN, reads=True)
def plan() -> Response:
    """This function will hand out what is being written, waits, is scheduled and went on air last, over all tenants."""
    with system_session(reason="the plan of releases over all tenants, as a file") as system:
        waiting, running, latest = (
            approved_everywhere(system, state().actor),
            running_everywhere(system, state().actor),
            latest_everywhere(system, state().actor),
        )
    enterprise = [
        Column[Any](_("企业"), 24, lambda row: row[0].short_name),
        Column[Any](_("企业ID"), 16, lambda row: row[0].enterprise_id),
    ]
    submission = [
        *enterprise,
        Column[Any](_("送审"), 40, lambda row: translated(row[1].title)),
        Column[Any](_("项数"), 8, lambda row: row[2]),
        Column[Any](_("送审时间"), 20, lambda row: row[1].submitted_at),
    ]
    release = [
        *enterprise,
        Column[Any](_("版本"), 8, lambda row: row[1].number),
        Column[Any](_("标题"), 40, lambda row: translated(row[1].title)),
        Column[Any](_("经办"), 16, lambda row: row[1].maker),
        Column[Any](_("类型"), 12, lambda row: LABELS[kind_of(row[1])]),
        Column[Any](_("时间"), 20, lambda row: row[1].created_at),
    ]
    at = Column[Any](_("发布时间"), 20, lambda row: row[1].publish_at)
    tries = Column[Any](_("试过"), 8, lambda row: row[1].attempts)
    sheets: list[Sheet[Any]] = [
        Sheet(_("发布中"), running, [*release, tries]),
        Sheet(_("待发布"), [row for row in waiting if row[1].publish_at is None], submission),
        Sheet(_("已定时"), [row for row in waiting if row[1].publish_at is not None], [*submission, at]),
        Sheet(_("刚发布的"), latest, release),
    ]
    return hand_out_sheets("plan", N_("发布计划"), sheets)


def _is_shown(one: Entry) -> bool:
    return one.on_air and one.state == "published"
