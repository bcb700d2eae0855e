"""Pages of timed power (定时开关机)."""

from flask import Blueprint, render_template

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.describe import window_text
from portal.content.editing.bar import draft_bar
from portal.content.editing.pages import Editor
from portal.content.kinds import Kind
from portal.content.power.forms import PowerForm
from portal.content.queries import objects
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("power", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/power")

_editor = Editor(Kind.POWER, PowerForm, "power")
_editor.mount(blueprint, Feature.POWER)


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
