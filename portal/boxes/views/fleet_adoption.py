"""How far what is on air has come over all enterprises, and what the center tells boxes of many at once. Part of the blueprint of the list."""

from typing import Any, Final

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.boxes.commands.everywhere import tell_everywhere
from portal.boxes.queries import fleet
from portal.boxes.queries.adoption import adoption_cells, shares_by
from portal.boxes.states import CommandKind
from portal.boxes.views import lists, shares
from portal.boxes.views.everywhere import blueprint
from portal.boxes.views.fleet import asked_for, own_province
from portal.boxes.views.telling import say_told
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.database import system_session
from portal.core.errors import NotFound, Refused
from portal.core.ids import BoxId, is_id
from portal.web.access import needs
from portal.web.i18n import language, translate
from portal.web.state import state

__all__ = ["blueprint"]

_KNOWN: Final = ("province", "enterprise", "model", "firmware")


@blueprint.get("/adoption")
@needs(Permission.FLEET_VIEW)
def adoption() -> str:
    """This function will show how many boxes show what is on air, and why the others do not; a province sees its own."""
    return shares.page(_shares())


@blueprint.post("/adoption")
@needs(Permission.FLEET_VIEW, reads=True)
def adoption_export() -> Response:
    """This function will hand the same out as Excel."""
    return shares.handed_out("all_adoption", _shares())


def _shares() -> shares.Shares:
    by, book = shares.asked_way(_KNOWN), catalogue()
    with system_session(reason="how far what is on air has come, over all enterprises") as session:
        cells = adoption_cells(session, clock.now(), province=own_province(), everywhere=True)
        tenants = fleet.tenants_of(session, {cell.tenant_id for cell in cells})
    provinces = {tenant_id: tenant.province_code or "" for tenant_id, tenant in tenants.items()}
    found = shares_by(cells, shares.KEYS.get(by, lambda cell: provinces[cell.tenant_id]))

    def named(key: Any) -> tuple[str, str]:
        if by == "enterprise":
            return tenants[key].short_name, tenants[key].enterprise_id
        if by == "province":
            entry = book.provinces.get(key)
            return (entry.name.in_language(language()), key) if entry else (_("运营中心（全国）"), "")
        return key or "—", key

    return shares.Shares(cells, _KNOWN, found, named)


@blueprint.post("/selection")
@needs(Permission.FLEET_COMMAND)
def selection() -> Response:
    """This function will do with the chosen boxes, or with all of the filtered list, what the bar says."""
    act, back = request.form.get("act", ""), lists.link_to("fleet.index")()
    if act not in set(CommandKind):
        raise NotFound
    chosen = _chosen()
    if not chosen:
        flash(_("先选中机顶盒。"), "info")
        return redirect(back, 303)
    try:
        told = tell_everywhere(state().actor, state().meta, chosen, CommandKind(act))
    except Refused as refusal:
        flash(translate(refusal.message), "error")
        return redirect(back, 303)
    say_told(told)
    return redirect(back, 303)


def _chosen() -> list[BoxId]:
    most = catalogue().boxes.command_rounds
    if request.form.get("all") != "1":
        return [BoxId(each) for each in request.form.getlist("chosen") if is_id(each)][: most + 1]
    with system_session(reason="boxes of all enterprises that are told something") as session:
        wanted = lists.completed(session, asked_for())
        return fleet.selected(session, fleet.boxes(wanted, clock.now()), most)
