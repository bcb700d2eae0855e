"""The boxes of all tenants, for the center; those of its own enterprises, for a province."""

from flask import Blueprint, render_template
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.boxes.queries import fleet
from portal.boxes.views import lists
from portal.core import clock
from portal.core.database import system_session
from portal.web.access import needs
from portal.web.paging import Paging, paged
from portal.web.state import ctx

blueprint = Blueprint("fleet", __name__, url_prefix="/center/boxes")

_MOST_WAITING = 200


@blueprint.get("")
@needs(Permission.FLEET_VIEW)
def index() -> str:
    """This function will list boxes with the enterprise of each."""
    now, enterprise = clock.now(), lists.text_of("enterprise")
    wanted = lists.wanted_of(None, enterprise=enterprise, province=_province())
    paging = Paging.from_request(list(fleet.BOX_SORTS), default="bound", descending=True)
    with system_session(reason="list of the boxes of all enterprises") as session:
        page = paged(session, fleet.boxes(wanted, now), fleet.BOX_SORTS, paging)
        shown = fleet.shown_of(session, page.rows)
        enterprises = fleet.tenants_of(session, [row.tenant_id for row in page.rows])
        models, versions = fleet.choices(session)
    link = lists.link_to("fleet.index")
    chips = lists.chips(link, models, versions)
    if enterprise:
        chips.insert(0, {"label": _("企业"), "value": enterprise, "clear": link(enterprise=None), "options": []})
    return render_template(
        "boxes/fleet.html",
        page=page,
        shown=shown,
        enterprises=enterprises,
        health={box_id: fleet.health_of(each.status, now).value for box_id, each in shown.items()},
        wanted=wanted,
        link=link,
        chips=chips,
        narrowed=wanted != fleet.Wanted(province=_province()),
        labels=lists,
        now=now,
    )


@blueprint.get("/waiting")
@needs(Permission.FLEET_VIEW)
def waiting() -> str:
    """This function will list the boxes that wait anywhere; each is decided on its enterprise's page."""
    with system_session(reason="boxes of all enterprises that wait") as session:
        rows = session.scalars(fleet.waiting_everywhere(_province(), clock.now()).limit(_MOST_WAITING)).all()
        enterprises = fleet.tenants_of(session, [row.tenant_id for row in rows])
    return render_template("boxes/waiting_everywhere.html", rows=rows, enterprises=enterprises)


def _province() -> str | None:
    actor = ctx().actor
    return actor.province_code if actor.role == Role.PROVINCE else None
