"""Pages and answers that belong to no room: preferences, how long a session still lives."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, redirect, request, session

from portal.access.permissions import Permission
from portal.core import clock
from portal.web.access import needs, public
from portal.web.hooks import hooks
from portal.web.state import state

blueprint = Blueprint("web", __name__)

_CHOICES = {"theme": {"light", "dark", "auto"}, "density": {"comfortable", "compact"}, "language": {"zh", "en"}}


@blueprint.post("/preferences")
@public
def preferences() -> Response:
    """This function will keep the chosen theme, density or language and lead back to the page one came from."""
    chosen = {key: value for key, value in request.form.items() if value in _CHOICES.get(key, set())}
    current = state()
    if current.signed_in is not None:
        hooks().save_preferences(current.actor, chosen)
    else:
        session.update(chosen)
    return redirect(same_site(request.referrer) or "/")  # type: ignore[return-value]


@blueprint.get("/session/status")
@needs(Permission.SELF_MANAGE, passive=True)
def session_status() -> Response:
    """This function will say how many seconds the session lives if nobody does anything, without prolonging it."""
    signed_in = state().signed_in
    left = int((signed_in.ends_at - clock.now()).total_seconds()) if signed_in else 0
    return jsonify(seconds_left=max(0, left))


def same_site(address: str | None) -> str | None:
    """This function will return path and query of `address` where it lies on this site, else None (no open redirect)."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.netloc and parts.netloc != request.host:
        return None
    if not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
