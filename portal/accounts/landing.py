"""Where somebody who signed in is led: to the page first asked for, if it is one's own, else to the dashboard."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.access.policy import allows
from portal.access.roles import LAYER_OF
from portal.accounts.queries import Seat
from portal.core.context import Actor
from portal.web.access import mark_of
from portal.web.hooks import hooks
from portal.web.pipeline import TENANT_ARGUMENT
from portal.web.views import same_site


def absolute_limit() -> timedelta:
    """This function will return how long a session may last in any case."""
    return timedelta(hours=current_app.config["ABSOLUTE_HOURS"])


def landing(seat: Seat, wanted: str | None) -> str:
    """This function will return `wanted` where it is a page of this site that the seat may open, else the dashboard."""
    path = same_site(wanted)
    if path is not None and _may_open(seat, path):
        return path
    if seat.tenant is not None:
        return url_for("dashboard.tenant", enterprise_id=seat.tenant.enterprise_id)
    return url_for("dashboard.staff")


def wanted_enterprise(wanted: str | None) -> str | None:
    """This function will return the enterprise ID in whose space the wanted page lies, or None."""
    _, arguments = _match(same_site(wanted))
    return arguments.get(TENANT_ARGUMENT)


def _may_open(seat: Seat, path: str) -> bool:
    endpoint, arguments = _match(path)
    if endpoint is None:
        return False
    permission = mark_of(current_app, endpoint).permission
    enterprise_id = arguments.get(TENANT_ARGUMENT)
    tenant = hooks().find_tenant(enterprise_id) if enterprise_id else None
    if permission is None or (enterprise_id is not None and tenant is None):
        return False
    actor = Actor(
        user_id=None,
        username="",
        display_name="",
        role=seat.role,
        layer=LAYER_OF[seat.role],
        province_code=seat.province_code,
        tenant_id=seat.tenant.id if seat.tenant else None,
    )
    return allows(actor, permission, tenant)


def _match(path: str | None) -> tuple[str | None, dict[str, str]]:
    if path is None:
        return None, {}
    try:
        endpoint, arguments = current_app.url_map.bind("localhost").match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return None, {}
    return str(endpoint), {key: str(value) for key, value in arguments.items()}
