"""The page of the television and its workers; all are public and the same for everybody."""

import json

from flask import Blueprint, Response, current_app, make_response, render_template, url_for

from portal.core.database import platform_session
from portal.releases.signing.ring import current_root
from portal.tv.policy import REACH_POLICY, player_policy
from portal.tv.shell import STATIC, player_shell
from portal.web.access import public

blueprint = Blueprint("tv", __name__, url_prefix="/tv")


@blueprint.get("/")
@public
def index() -> Response:
    """This function will show the player full screen; which channel it follows stands in the address or is remembered.

    The page brings the root key's public part: a player that was never bound pins what it finds at its first start.
    """
    root, _ = _root()
    response = make_response(
        render_template("tv/index.html", shell=player_shell(), base_url=current_app.config["BASE_URL"], root=root)
    )
    response.headers["Content-Security-Policy"] = player_policy(current_app.config["LIVE_HOSTS"], framed_by="'none'")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/worker.js")
@public
def worker() -> Response:
    """This function will send the service worker with the list of files that a start without a network needs."""
    shell = player_shell()
    _, kid = _root()
    listed = {
        "version": f"{shell.version}{kid}",
        "page": url_for("tv.index"),
        "files": [url_for("static", filename=file) for file in (*shell.files, "img/mark.svg")],
    }
    script = (STATIC / "tv-worker.js").read_text(encoding="utf-8")
    response = Response(f"const SHELL = {json.dumps(listed)};\n{script}", mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/reach.js")
@public
def reach() -> Response:
    """This function will send the script that asks whether a web page answers, under a policy of its own."""
    response = Response((STATIC / "tv-reach.js").read_text(encoding="utf-8"), mimetype="text/javascript")
    response.headers["Content-Security-Policy"] = REACH_POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response


def _root() -> tuple[str, str]:
    """The root key's public part as JSON, and its id; both empty before there is one."""
    with platform_session() as session:
        found = current_root(session)
        return (json.dumps(found.public_jwk), found.kid) if found else ("", "")
