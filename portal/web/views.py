"""Pages and answers that belong to no room: preferences, how long a session still lives."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, redirect, request, session

from portal.access.permissions import Permission
from portal.core import clock
from portal.core.errors import NotFound
from portal.web.access import needs, public
from portal.web.hooks import hooks
from portal.web.i18n import LANGUAGE_TAGS
from portal.web.state import state

blueprint = Blueprint("web", __name__)

_TOLD_FOR = timedelta(days=180)  # RFC 9116 wants less than a year

_NAME = re.compile("[a-z][a-z_]{0,39}")
_MOST_COLUMNS, _MOST_LISTS = 30, 100

# Field of the form -> what it is kept as, and the values it may have with what each is kept as.
_CHOICES = {
    "theme": ("theme", {"light": "light", "dark": "dark", "auto": "auto"}),
    "density": ("density", {"comfortable": "comfortable", "compact": "compact"}),
    "lang": ("language", {tag: code for code, tag in LANGUAGE_TAGS.items()}),
}


@blueprint.post("/preferences")
@public
def preferences() -> Response:
    """This function will keep the chosen theme, density or language and lead back to the page one came from."""
    chosen = {
        kept_as: values[request.form[name]]
        for name, (kept_as, values) in _CHOICES.items()
        if request.form.get(name) in values
    }
    current = state()
    if current.signed_in is not None:
        hooks().save_preferences(current.actor, chosen)
    else:
        session.update(chosen)
    return redirect(same_site(request.referrer) or "/")  # type: ignore[return-value]


@blueprint.post("/preferences/columns/<listing>")
@needs(Permission.SELF_MANAGE)
def columns(listing: str) -> Response:
    """This function will keep which columns of `listing` the reader leaves out, and lead back to it; raises `NotFound`."""
    signed_in = state().signed_in
    known = signed_in.hidden_columns if signed_in else {}
    offered, shown = request.form.getlist("column")[:_MOST_COLUMNS], set(request.form.getlist("shown"))
    hidden = sorted({each for each in offered if _NAME.fullmatch(each)} - shown)
    if not _NAME.fullmatch(listing) or (listing not in known and len(known) >= _MOST_LISTS):
        raise NotFound
    hooks().save_preferences(state().actor, {"hidden_columns": {**known, listing: hidden}})
    return redirect(same_site(request.referrer) or "/", 303)  # type: ignore[return-value]


@blueprint.get("/session/status")
@needs(Permission.SELF_MANAGE, passive=True, any_level=True)
def session_status() -> Response:
    """This function will say how many seconds the session lives if nobody does anything, without prolonging it."""
    signed_in = state().signed_in
    left = int((signed_in.ends_at - clock.now()).total_seconds()) if signed_in else 0
    return jsonify(seconds_left=max(0, left))


@blueprint.post("/session/stay")
@needs(Permission.SELF_MANAGE)
def session_stay() -> Response:
    """This function will prolong the session of somebody who says that the work goes on; being called is all it takes."""
    return Response(status=204)


@blueprint.get("/.well-known/security.txt")
@public
def security_txt() -> Response:
    """This function will tell where weaknesses are reported (RFC 9116): to the contact of the settings, else to security@ (RFC 2142)."""
    host = urlsplit(current_app.config["BASE_URL"]).hostname
    contact = current_app.config["SECURITY_CONTACT"] or f"mailto:security@{host}"
    expires = (clock.now() + _TOLD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires}",
        "Preferred-Languages: zh, en",
        f"Canonical: {current_app.config['BASE_URL'].rstrip('/')}{request.path}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


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
