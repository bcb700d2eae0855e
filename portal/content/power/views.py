"""Pages of timed power (定时开关机)."""

from flask import Blueprint, render_template

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.describe import window_text
from portal.content.editing import pages
from portal.content.editing.bar import draft_bar
from portal.content.editing.pages import Editor, Page
from portal.content.kinds import Kind
from portal.content.power.forms import PowerForm
from portal.content.queries import objects
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("power", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/power")

_editor = Editor(Kind.POWER, PowerForm, "power")


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW, feature=Feature.POWER)
def index() -> str:
    """This function will show the hours of every group that has hours of its own."""
    session = ctx().session
    return render_template(
        "power/index.html",
        views=list(objects(session, [Kind.POWER]).values()),
        tree=group_tree(session),
        bar=draft_bar(session),
        window_text=window_text,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.CONTENT_EDIT, feature=Feature.POWER)
def new() -> Page:
    """This function will set the hours of a group."""
    return _editor.new()


@blueprint.route("/<id:object_id>", methods=["GET", "POST"])
@needs(Permission.CONTENT_EDIT, feature=Feature.POWER)
def edit(object_id: str) -> Page:
    """This function will change hours."""
    return _editor.edit(object_id)


@blueprint.post("/<id:object_id>/delete")
@needs(Permission.CONTENT_EDIT, feature=Feature.POWER)
def delete(object_id: str) -> Page:
    """This function will delete hours, so that boxes stay on."""
    return pages.delete("power", object_id)


@blueprint.post("/<id:object_id>/discard")
@needs(Permission.CONTENT_EDIT, feature=Feature.POWER)
def discard(object_id: str) -> Page:
    """This function will drop the draft of hours."""
    return pages.discard("power", object_id)
