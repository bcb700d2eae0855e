"""The first page after sign-in: a tenant's, and the staff's by role."""

from typing import cast

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.database import system_session
from portal.dashboard.board import tenant_board
from portal.dashboard.staff import staff_board
from portal.orders.rules.entitlement import Entitlement
from portal.web.access import needs
from portal.web.state import ctx, state

blueprint = Blueprint("dashboard", __name__)

_LONGEST_SEARCH = 80


@blueprint.get("/e/<enterprise:enterprise_id>")
@needs(Permission.TENANT_VIEW)
def tenant() -> str:
    """This function will show what waits in the tenant, what is on air and what the package holds."""
    return render_template("dashboard/tenant.html", **tenant_board(ctx(), cast(Entitlement, state().entitled)))


@blueprint.get("/center")
@needs(Permission.SELF_MANAGE)
def staff() -> Response | str:
    """This function will show what waits for somebody of the staff, by role; a member is led to the own tenant."""
    signed_in = state().signed_in
    if signed_in is not None and signed_in.tenant is not None:
        return redirect(url_for("dashboard.tenant", enterprise_id=signed_in.tenant.enterprise_id))
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    with system_session(reason="what waits for the staff, over all tenants") as session:
        board = staff_board(session, ctx().actor, text)
    return render_template(f"dashboard/{board.template}.html", **board.shown)
