"""The boxes of all tenants, for the center; those of its own enterprises, for a province."""

from flask import Blueprint, render_template

from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.boxes.queries import fleet
from portal.boxes.views import lists
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.database import system_session
from portal.web.access import needs
from portal.web.paging import Paging, paged
from portal.web.state import state

blueprint = Blueprint("fleet", __name__, url_prefix="/center/boxes")

_MOST_WAITING = 200


@blueprint.get("")
@needs(Permission.FLEET_VIEW)
def index() -> str:
    """This function will list boxes with the enterprise of each."""
    now, wanted = clock.now(), asked_for()
    paging = Paging.from_request(list(fleet.BOX_SORTS), default="bound", descending=True)
    with system_session(reason="list of the boxes of all enterprises") as session:
        page = paged(session, fleet.boxes(wanted, now, paging.sort), fleet.BOX_SORTS, paging)
        shown = fleet.shown_of(session, page.rows)
        enterprises = fleet.tenants_of(session, [row.tenant_id for row in page.rows])
        models, versions = fleet.choices(session)
    link = lists.link_to("fleet.index")
    return render_template(
        "boxes/fleet.html",
        page=page,
        shown=shown,
        enterprises=enterprises,
        health={box_id: fleet.health_of(each.status, now).value for box_id, each in shown.items()},
        wanted=wanted,
        link=link,
        chips=lists.everywhere_chips(link, wanted, models, versions),
        narrowed=wanted != fleet.Wanted(province=own_province()),
        labels=lists,
        now=now,
    )


@blueprint.get("/waiting")
@needs(Permission.FLEET_VIEW)
def waiting() -> str:
    """This function will list the boxes that wait anywhere; each is decided on its enterprise's page."""
    with system_session(reason="boxes of all enterprises that wait") as session:
        rows = session.scalars(fleet.waiting_everywhere(own_province(), clock.now()).limit(_MOST_WAITING)).all()
        enterprises = fleet.tenants_of(session, [row.tenant_id for row in rows])
    return render_template("boxes/waiting_everywhere.html", rows=rows, enterprises=enterprises)


def asked_for() -> fleet.Wanted:
    """This function will return which boxes the current address asks for, among those that the actor may see."""
    province = own_province() or lists.one_of("province", catalogue().provinces) or None
    return lists.wanted_of(None, enterprise=lists.text_of("enterprise"), province=province)


def own_province() -> str | None:
    """This function will return the province whose boxes alone the actor may see; None for all."""
    actor = state().actor
    return (actor.province_code or "") if actor.role == Role.PROVINCE else None
