"""The wall of a tenant's boxes (远程监播): what each showed last, large at a click, fresh on request. Part of the blueprint of the list."""

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.boxes.commands import managing
from portal.boxes.models.bound import Box
from portal.boxes.queries import fleet, one, wall
from portal.boxes.states import CommandKind
from portal.boxes.views import lists, walls
from portal.boxes.views.tenant import own_groups, wanted_here
from portal.boxes.views.waiting import blueprint
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.ids import BoxId, GroupId, is_id
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.refusals import telling_refusal
from portal.web.state import ctx

__all__ = ["blueprint"]


@blueprint.get("/wall")
@needs(Permission.BOXES_VIEW)
def wall_page() -> str:
    """This function will show what the boxes showed last, a page of them; a group editor sees those of the own subtree."""
    return render_template("boxes/wall.html", **_shown())


@blueprint.get("/wall/tiles")
@needs(Permission.BOXES_VIEW, passive=True)
def wall_tiles() -> str:
    """This function will draw the tiles alone, for a wall that refreshes itself; that is no activity of its person."""
    return render_template("boxes/_wall.html", **_shown())


@blueprint.post("/wall/pictures")
@needs(Permission.BOXES_COMMAND)
def wall_pictures() -> Response:
    """This function will ask the boxes that the page shows for a picture each."""
    chosen = [BoxId(each) for each in request.form.getlist("chosen") if is_id(each)]
    with telling_refusal():
        told = managing.tell_those_bound(
            ctx(), chosen[: catalogue().boxes.wall_tiles], CommandKind.SCREENSHOT, own_groups()
        )
        walls.say_asked(told)
    return redirect(lists.link_to("boxes.wall_page")(), 303)


@blueprint.get("/<id:box_id>/look")
@needs(Permission.BOXES_VIEW)
def look(box_id: BoxId) -> str:
    """This function will draw a box's last picture large, with what is known of the box."""
    session, now = ctx().session, clock.now()
    row = one.get_box(session, box_id, own_groups())
    return render_template(
        "boxes/_look.html",
        tile=wall.tiles(session, [row], now, {})[0],
        group=group_tree(session).label(GroupId(row.group_id)),
        labels=lists,
    )


def _shown() -> dict[str, Any]:
    session, now = ctx().session, clock.now()
    tree = group_tree(session)
    wanted = wanted_here(tree)
    link = lists.link_to("boxes.wall_page")
    boxes = fleet.boxes(wanted, now)
    places = {str(node.id): node.name for depth, node in tree.walk() if depth}
    return {
        **walls.page_of(session, boxes, {"name": Box.name, "bound": Box.id}, places),
        "wanted": wanted,
        "link": link,
        **walls.addresses("boxes"),
        "chips": lists.chips(link, (), (), tree, wall=True),
        "narrowed": wanted != fleet.Wanted(groups=own_groups()),
        "enterprises": {},
    }
