"""The boxes of all tenants, for the center; those of its own enterprises, for a province."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access import policy
from portal.access.permissions import Permission
from portal.boxes.models.bound import BoxRequest
from portal.boxes.queries import fleet
from portal.boxes.views import lists
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.database import system_session
from portal.core.messages import N_
from portal.tenants.models import Tenant
from portal.tenants.queries import reference
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out, hand_out_sheets
from portal.web.paging import Paging, paged
from portal.web.state import state

blueprint = Blueprint("fleet", __name__, url_prefix="/center/boxes")

_MOST_WAITING = 200


@blueprint.get("")
@needs(Permission.FLEET_VIEW)
def index() -> str:
    """This function will list boxes with the enterprise of each."""
    listed = _listed()
    link, wanted = lists.link_to("fleet.index"), listed["wanted"]
    with system_session(reason="models and firmware of all boxes, to choose from") as session:
        province = own_province()
        models, versions = fleet.models(session, province=province), fleet.versions(session, province)
    return render_template(
        "boxes/fleet.html",
        **listed,
        link=link,
        chips=lists.everywhere_chips(link, wanted, models, versions),
        narrowed=wanted != fleet.Wanted(province=own_province()),
        labels=lists,
        heads=lists.heads("enterprise", _("企业")),
    )


@blueprint.post("")
@needs(Permission.FLEET_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel."""
    listed = _listed()
    enterprises = listed["enterprises"]
    columns = lists.file_columns(
        listed["shown"], listed["now"], _("企业"), lambda row: str(enterprises[row.tenant_id].short_name)
    )
    return hand_out("all_boxes", N_("全部机顶盒"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    now = clock.now()
    paging = Paging.from_request(list(fleet.BOX_SORTS), default="bound", descending=True)
    with system_session(reason="list of the boxes of all enterprises") as session:
        wanted = lists.completed(session, asked_for())
        page = paged(session, fleet.boxes(wanted, now, paging.sort), fleet.BOX_SORTS, paging, fleet.boxes(wanted, now))
        shown = fleet.shown_of(session, page.rows)
        enterprises = fleet.tenants_of(session, [row.tenant_id for row in page.rows])
    return {
        "page": page,
        "wanted": wanted,
        "shown": shown,
        "enterprises": enterprises,
        "health": {box_id: fleet.health_of(each.status, now).value for box_id, each in shown.items()},
        "now": now,
    }


@blueprint.get("/waiting")
@needs(Permission.FLEET_VIEW)
def waiting() -> str:
    """This function will list the boxes that wait anywhere; each is decided on its enterprise's page."""
    rows, enterprises = _waiting()
    actor, tenants = state().actor, {key: reference(row) for key, row in enterprises.items()}
    return render_template(
        "boxes/waiting_everywhere.html",
        rows=rows,
        enterprises=enterprises,
        reveals={
            row.id for row in rows if policy.allows(actor, Permission.INSTALLATION_REVEAL, tenants[row.tenant_id])
        },
    )


@blueprint.post("/waiting")
@needs(Permission.FLEET_VIEW, reads=True)
def waiting_export() -> Response:
    """This function will hand the boxes that wait anywhere out as Excel, phone numbers masked."""
    rows, enterprises = _waiting()
    columns = [Column[Any](_("企业"), 24, lambda row: enterprises[row.tenant_id].short_name), *lists.waiting_columns()]
    title = N_("各企业待确认的机顶盒")
    return hand_out_sheets("all_waiting", title, [Sheet(_("各企业待确认的机顶盒"), rows, columns)])


def _waiting() -> tuple[Sequence[BoxRequest], Mapping[str, Tenant]]:
    with system_session(reason="boxes of all enterprises that wait") as session:
        rows = session.scalars(fleet.waiting_everywhere(own_province(), clock.now()).limit(_MOST_WAITING)).all()
        return rows, fleet.tenants_of(session, [row.tenant_id for row in rows])


def asked_for() -> fleet.Wanted:
    """This function will return which boxes the current address asks for, among those that the actor may see."""
    province = own_province() or lists.one_of("province", catalogue().provinces) or None
    return lists.wanted_of(None, enterprise=lists.text_of("enterprise"), province=province)


def own_province() -> str | None:
    """This function will return the province whose boxes alone the actor may see; None for all."""
    return policy.own_province(state().actor)
