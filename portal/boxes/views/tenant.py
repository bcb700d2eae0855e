"""The boxes of one tenant: the list, one box, its pictures."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from portal.access import policy
from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.boxes.queries import fleet, one
from portal.boxes.states import CommandKind, Health
from portal.boxes.views import lists
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.ids import BoxId, GroupId, is_id
from portal.core.messages import N_
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree
from portal.web.access import needs
from portal.web.exports import hand_out
from portal.web.paging import Paging, paged
from portal.web.state import ctx

# The address of a picture carries the moment at which it came, so it never changes; the browser may keep it while the wall is open.
_KEPT = "private, max-age=3600"

blueprint = Blueprint("boxes", __name__, url_prefix="/e/<enterprise:enterprise_id>/boxes")


@blueprint.get("")
@needs(Permission.BOXES_VIEW)
def index() -> str:
    """This function will list the tenant's boxes with how they are; a group editor sees those of the own subtree."""
    session, listed = ctx().session, _listed()
    tally, versions = fleet.tally_and_versions(session, own_groups(), listed["now"])
    link = lists.link_to("boxes.index")
    return render_template(
        "boxes/index.html",
        **listed,
        tally=tally,
        Health=Health,
        link=link,
        chips=lists.chips(link, fleet.models(session, own_groups()), versions, listed["tree"]),
        narrowed=listed["wanted"] != fleet.Wanted(groups=own_groups()),
        labels=lists,
        heads=lists.heads("group", _("分组")),
        kinds=list(CommandKind),
    )


@blueprint.post("")
@needs(Permission.BOXES_VIEW, reads=True)
def export() -> WerkzeugResponse:
    """This function will hand the list out as Excel."""
    listed = _listed()
    tree = listed["tree"]
    columns = lists.file_columns(
        listed["shown"], listed["now"], _("分组"), lambda row: tree.label(GroupId(row.group_id))
    )
    return hand_out("boxes", N_("机顶盒"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    session, now = ctx().session, clock.now()
    tree = group_tree(session)
    wanted = wanted_here(tree)
    paging = Paging.from_request(list(fleet.BOX_SORTS), default="name")
    page = paged(session, fleet.boxes(wanted, now, paging.sort), fleet.BOX_SORTS, paging, fleet.boxes(wanted, now))
    shown = fleet.shown_of(session, page.rows)
    return {
        "page": page,
        "tree": tree,
        "wanted": wanted,
        "shown": shown,
        "health": {box_id: fleet.health_of(each.status, now).value for box_id, each in shown.items()},
        "now": now,
    }


@blueprint.get("/<id:box_id>")
@needs(Permission.BOXES_VIEW)
def box(box_id: BoxId) -> str:
    """This function will show one box: what it is, how it is, what it was told, when its serial number was bound before."""
    session, now = ctx().session, clock.now()
    row, shown = one.get_box_and_shown(session, box_id, own_groups())
    return render_template(
        "boxes/box.html",
        row=row,
        shown=shown,
        health=fleet.health_of(shown.status, now).value,
        group=group_tree(session).label(GroupId(row.group_id)),
        told=one.commands_of(session, row),
        pictures=one.screenshots_of(session, row),
        history=one.history_of(session, row),
        labels=lists,
        kinds=list(CommandKind),
        stamps=stamps_of(session, [row.id]),
        crumbs=[(_("机顶盒"), lists.link_to("boxes.index")()), (row.name or row.serial, None)],
        now=now,
    )


@blueprint.get("/<id:box_id>/screenshots/<id:screenshot_id>.jpg")
@needs(Permission.BOXES_VIEW)
def picture(box_id: BoxId, screenshot_id: str) -> Response:
    """This function will send a picture that the box took of its own screen."""
    session = ctx().session
    found = one.get_screenshot(session, one.get_box(session, box_id, own_groups()), screenshot_id)
    return Response(found.image, mimetype="image/jpeg")


@blueprint.get("/<id:box_id>/screenshots/<id:screenshot_id>/small.jpg")
@needs(Permission.BOXES_VIEW, passive=True)
def small_picture(box_id: BoxId, screenshot_id: str) -> Response:
    """This function will send the small form of a picture; a wall that refreshes itself asks for it, which is no activity."""
    session = ctx().session
    data = one.get_small_screenshot(session, one.get_box(session, box_id, own_groups()), screenshot_id)
    return Response(data, mimetype="image/jpeg", headers={"Cache-Control": _KEPT})


def own_groups() -> frozenset[GroupId] | None:
    """This function will return the groups whose boxes the actor may see; None for all."""
    return policy.own_groups(ctx().actor)


def wanted_here(tree: GroupTree) -> fleet.Wanted:
    """This function will return which boxes the current address asks for, among those that the actor may see."""
    groups, asked = own_groups(), request.args.get("group", "")
    if asked:
        if asked not in tree:
            raise NotFound
        below = tree.subtree(GroupId(asked))
        groups = below if groups is None else groups & below
    job = request.args.get("job", "")
    wanted = lists.wanted_of(groups, job_id=job if is_id(job) else "")
    return lists.completed(ctx().session, wanted)
