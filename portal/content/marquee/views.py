"""Pages of the marquee (跑马灯)."""

from flask import Blueprint

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.editing.frame import show
from portal.content.editing.pages import Editor
from portal.content.kinds import Kind
from portal.content.limits import MARQUEE_CHARACTERS
from portal.content.marquee.forms import MarqueeForm
from portal.content.queries import objects
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("marquee", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/marquee")

_editor = Editor(
    Kind.MARQUEE, MarqueeForm, "marquee", extras=lambda form, view: {"most_characters": MARQUEE_CHARACTERS}
)
_editor.mount(blueprint, Feature.MARQUEE)


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW, feature=Feature.MARQUEE)
def index() -> str:
    """This function will show every message, urgent and important ones first."""
    session = ctx().session
    views = sorted(
        objects(session, [Kind.MARQUEE]).values(),
        key=lambda view: (not view.envelope.payload.urgent, -view.envelope.payload.priority, view.id),  # type: ignore[attr-defined]
    )
    return show("marquee/index.html", views=views)
