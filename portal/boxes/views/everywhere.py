"""The wall of the boxes of all enterprises, for the center; of its own, for a province. Part of the blueprint of the list."""

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.boxes.commands.everywhere import tell_everywhere
from portal.boxes.models.bound import Box
from portal.boxes.queries import fleet
from portal.boxes.states import CommandKind
from portal.boxes.views import lists, walls
from portal.boxes.views.fleet import asked_for, blueprint, own_province
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.database import system_session
from portal.core.ids import BoxId, is_id
from portal.web.access import needs
from portal.web.state import state

__all__ = ["blueprint"]


@blueprint.get("/wall")
@needs(Permission.FLEET_VIEW)
def wall_page() -> str:
    """This function will show what the boxes of all enterprises showed last, a page of them; a province sees its own."""
    return render_template("boxes/wall.html", **_shown())


@blueprint.get("/wall/tiles")
@needs(Permission.FLEET_VIEW, passive=True)
def wall_tiles() -> str:
    """This function will draw the tiles alone, for a wall that refreshes itself; that is no activity of its person."""
    return render_template("boxes/_wall.html", **_shown())


@blueprint.post("/wall/pictures")
@needs(Permission.FLEET_COMMAND)
def wall_pictures() -> Response:
    """This function will ask the boxes that the page shows for a picture each."""
    chosen = [BoxId(each) for each in request.form.getlist("chosen") if is_id(each)][: catalogue().boxes.wall_tiles]
    told = tell_everywhere(state().actor, state().meta, chosen, CommandKind.SCREENSHOT)
    walls.say_asked(told)
    return redirect(lists.link_to("fleet.wall_page")(), 303)


def _shown() -> dict[str, Any]:
    """In the order of the enterprises, so that a wall stands still while it refreshes."""
    now, wanted = clock.now(), asked_for()
    link = lists.link_to("fleet.wall_page")
    with system_session(reason="what the boxes of all enterprises showed last") as session:
        page = walls.page_of(session, fleet.boxes(wanted, now), {"enterprise": Box.tenant_id, "bound": Box.id})
        enterprises = fleet.tenants_of(session, [tile.box.tenant_id for tile in page["tiles"]])
    return {
        **page,
        **walls.addresses("fleet"),
        "wanted": wanted,
        "link": link,
        "chips": lists.everywhere_chips(link, wanted, (), (), wall=True),
        "narrowed": wanted != fleet.Wanted(province=own_province()),
        "enterprises": enterprises,
    }
