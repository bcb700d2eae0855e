"""The real player on both sides of a submission: its frame, and the document it draws. Their own permission, asked at each call."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for

from portal.access.permissions import Permission
from portal.core.canonical import canonical
from portal.core.errors import NotFound
from portal.core.ids import GroupId, is_id
from portal.desk.case import sides
from portal.desk.drawing import asset_url
from portal.desk.held import held
from portal.preview.private import with_private_addresses
from portal.preview.queries import document_for
from portal.review.queries import get_submission_row
from portal.tv.policy import player_policy
from portal.tv.shell import player_shell
from portal.web.access import needs
from portal.web.state import ctx

_SIDE = "/center/review/<enterprise:enterprise_id>/<id:submission_id>/tv/<any(before, after):side>"

blueprint = Blueprint("players", __name__)


@blueprint.get(_SIDE)
@needs(Permission.REVIEW_COMPARE, passive=True)
def player(submission_id: str, side: str) -> Response:
    """This function will send the player for a frame of the desk; where it begins stands in its address, which it reads itself. Raises `NotFound`."""
    get_submission_row(ctx().session, submission_id)
    source = url_for("players.document", submission_id=submission_id, side=side)
    return framed(source)


@blueprint.get(f"{_SIDE}/document")
@needs(Permission.REVIEW_COMPARE, passive=True)
def document(submission_id: str, side: str) -> Response:
    """This function will send what a group's boxes show now, or would with the submission, with addresses of the console."""
    group = request.args.get("group")
    if group and not is_id(group):
        raise NotFound
    both = sides(ctx(), submission_id, held().features)
    compiled = document_for(ctx(), both.tree, both.of(side), GroupId(group) if group else None)
    return sent(with_private_addresses(compiled, asset_url))


def framed(source: str) -> Response:
    """This function will return the player for a frame of the portal's own pages, on the document at `source`."""
    response = make_response(render_template("preview/player.html", shell=player_shell(), source=source))
    policy = player_policy(current_app.config["LIVE_HOSTS"], framed_by="'self'")
    response.headers["Content-Security-Policy"] = policy
    return response


def sent(document: Mapping[str, Any]) -> Response:
    """This function will return a zone document for a player, unchanged ones as 304."""
    response = Response(canonical(document), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]
