"""Pages of the splash (开机前导页): a filmstrip of the frames that run before the desktop appears."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.aiming import standing
from portal.content.arranging import move_to_position
from portal.content.editing import acts
from portal.content.editing.frame import aim_at_group_asked, group_asked, groups, show
from portal.content.editing.pages import Editor, Page
from portal.content.editing.uploads import take_picture
from portal.content.kinds import Kind
from portal.content.limits import FRAME_POSITIONS, FRAME_SECONDS
from portal.content.queries import ObjectView, get_object, objects
from portal.content.splash.forms import FrameForm
from portal.core.errors import Invalid, NotFound
from portal.core.messages import N_, Message
from portal.media.limits import IMAGES, SHAPES
from portal.media.states import Purpose
from portal.web.access import needs
from portal.web.paging import whole
from portal.web.state import ctx

blueprint = Blueprint("splash", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/splash")


def _too_many() -> Message:
    return N_("开机前导页最多 %(n)d 帧，每帧 %(s)d 秒。", n=FRAME_POSITIONS, s=FRAME_SECONDS)


def _is_position(number: object) -> bool:
    return isinstance(number, int) and 1 <= number <= FRAME_POSITIONS


def _prepare(form: FrameForm) -> None:
    if not _is_position(form.payload()["position"]):
        raise Invalid({"position": _too_many()})
    take_picture(form, "image", Purpose.FRAME)


def _fill(form: FrameForm) -> None:
    asked = request.args.get("position", 1, type=whole)
    if not _is_position(asked):
        raise NotFound
    form.position.data = str(asked)
    aim_at_group_asked(form)


def _extras(form: FrameForm, view: ObjectView | None) -> Mapping[str, Any]:
    return {
        "seconds": FRAME_SECONDS,
        "shape": SHAPES[Purpose.FRAME],
        "max_bytes": IMAGES.bytes,
    }


_editor = Editor(Kind.FRAME, FrameForm, "splash", extras=_extras, prepare=_prepare, fill=_fill)
_editor.mount(blueprint, Feature.SPLASH)


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW, feature=Feature.SPLASH)
def index() -> str:
    """This function will show the frames one after another, as one group's boxes run them."""
    session = ctx().session
    tree = groups()
    group = group_asked(tree, request.args.get("group"))
    views = objects(session, [Kind.FRAME])
    found = standing(views.values(), tree.path(group))
    frames = []
    for position in range(1, FRAME_POSITIONS + 1):
        here = found.get(f"frame:{position}")
        variants = [view for view in views.values() if view.envelope.key == f"frame:{position}"]
        frames.append({"position": position, "view": here.view if here else None, "variants": variants})
    return show("splash/index.html", tree=tree, group=group, frames=frames, seconds=FRAME_SECONDS)


@blueprint.post("/<id:object_id>/move")
@needs(Permission.CONTENT_EDIT, feature=Feature.SPLASH)
def move(object_id: str) -> Page:
    """This function will move a frame to the position `to`; what stands there takes its place."""
    to = request.form.get("to", type=whole)
    if to is None or not _is_position(to):
        return acts.refusal([_too_many()], url_for("splash.index")), Invalid.status

    def run(void: bool) -> str:
        before = get_object(ctx().session, object_id, Kind.FRAME).envelope.payload.position  # type: ignore[attr-defined]
        moved = move_to_position(ctx(), Kind.FRAME, object_id, acts.version(), to, void_approval=void)
        now = next(saved.version for saved in moved if saved.object_id == object_id)
        acts.offer_undo(_("已换次序，存为草稿。"), request.path, {"version": str(now), "to": str(before)})
        return ""

    return acts.act(run, url_for("splash.index"))
