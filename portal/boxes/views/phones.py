"""The phones of whoever installed a box, or wants to: masked, and shown in full on request, which is recorded. Part of the blueprint of the list."""

from flask import url_for

from portal.access.permissions import Permission
from portal.boxes.commands import deciding, managing
from portal.boxes.views.wall import blueprint
from portal.core.ids import BoxId
from portal.tenants.installing.views.tenant import phone_page
from portal.web.access import needs
from portal.web.state import ctx

__all__ = ["blueprint"]


@blueprint.post("/<id:box_id>/installer-phone")
@needs(Permission.INSTALLATION_REVEAL)
def installer_phone(box_id: BoxId) -> str:
    """This function will show in full the phone that a box was installed with."""
    box = managing.reveal_installer(ctx(), box_id)
    return phone_page(box.name or box.serial, box.installer_phone or "", url_for("boxes.box", box_id=box.id))


@blueprint.post("/waiting/<id:request_id>/phone")
@needs(Permission.INSTALLATION_REVEAL)
def waiting_phone(request_id: str) -> str:
    """This function will show in full the phone that was typed on a box which waits."""
    row = deciding.reveal_asker(ctx(), request_id)
    return phone_page(row.serial, row.installer_phone or "", url_for("boxes.waiting"))
