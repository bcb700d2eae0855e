"""The television on drafts: a page to try things on, the player in its frame, and the document that it fetches."""

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.content.editing.frame import asset_url
from portal.content.editing.pages import editor_of
from portal.content.editing.sides import envelope_typed
from portal.content.kinds import Kind
from portal.core.canonical import canonical
from portal.core.context import Context
from portal.core.database import session_beside
from portal.core.errors import Invalid, NotFound
from portal.core.ids import GroupId, ObjectId, is_id
from portal.preview.private import with_private_addresses
from portal.preview.queries import draft_document, looked_at
from portal.tenants.queries import group_tree
from portal.tv.policy import player_policy
from portal.tv.shell import player_shell
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("preview", __name__, url_prefix="/e/<enterprise:enterprise_id>/preview")

SCREENS = ("desktop", "splash", "zone", "ads")


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW)
def index() -> str:
    """This function will show the television large, with any box group, any moment, dark or light."""
    tree = group_tree(ctx().session)
    asked = request.args.get("screen", "desktop")
    return render_template(
        "preview/index.html",
        screen=asked if asked in SCREENS else "desktop",
        tree=tree,
        group=_group() or tree.root.id,
        crumbs=[(_("内容"), None), (_("在电视上试看"), None)],
    )


@blueprint.get("/player")
@needs(Permission.CONTENT_VIEW, passive=True)
def player() -> Response:
    """This function will send the player for a frame; what it shows at first stands in its address, which it reads itself."""
    response = make_response(
        render_template("preview/player.html", shell=player_shell(), source=url_for("preview.document"))
    )
    policy = player_policy(current_app.config["LIVE_HOSTS"], framed_by="'self'")
    response.headers["Content-Security-Policy"] = policy
    return response


@blueprint.get("/document")
@needs(Permission.CONTENT_VIEW, passive=True)
def document() -> Response:
    """This function will send what a group's boxes would be sent if every draft were published now, with addresses of the console."""
    drawn = with_private_addresses(draft_document(ctx(), group_tree(ctx().session), _group()), asset_url)
    response = Response(canonical(drawn), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


@blueprint.post("/look/<content>")
@needs(Permission.CONTENT_EDIT, passive=True)
def look(content: str) -> Response:
    """This function will send the same document with what an editor's form holds now, saved or not, in the place of its object's draft.

    Nothing is written, and no lock is taken for it. What could not be saved either is not drawn (204).
    """
    editor = editor_of(_kind(content))
    form = editor.form()
    form.settle()
    object_id = request.form.get("object_id", "")
    if not is_id(object_id):
        raise NotFound
    asking = ctx()
    try:
        typed = envelope_typed(editor.kind, form)
        with session_beside(asking.session) as reading:
            own = Context(reading, asking.actor, asking.tenant, asking.request)
            drawn = looked_at(own, group_tree(reading), ObjectId(object_id), typed, _group())
    except Invalid:
        return Response(status=204)
    return Response(canonical(with_private_addresses(drawn, asset_url)), mimetype="application/json")


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        raise NotFound
    return Kind(name)


def _group() -> GroupId | None:
    asked = request.args.get("group")
    if not asked:
        return None
    if not is_id(asked):
        raise NotFound
    return GroupId(asked)
