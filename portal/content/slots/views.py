"""Pages of the slots (专属推荐位): the desktop itself, on which one chooses a place and edits it beside."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.arranging import in_the_way, move_to_position
from portal.content.desktop import DESKTOP_KINDS, Desktop, desktop
from portal.content.editing import acts
from portal.content.editing.frame import aim_at_group_asked, group_asked, groups, link_to, show
from portal.content.editing.pages import Editor, Page
from portal.content.editing.uploads import fitted, take_film, take_picture, uploads
from portal.content.kinds import Kind
from portal.content.limits import SLOT_POSITIONS, SLOT_SUBTITLE_CHARACTERS, SLOT_TITLE_CHARACTERS
from portal.content.queries import ObjectView, get_object, objects
from portal.content.slots.arriving import put, take_in
from portal.content.slots.forms import SlotForm
from portal.content.slots.offers import offers
from portal.content.slots.places import SIZE_LABELS, is_position, purpose_of, shape_of
from portal.core.context import Context
from portal.core.database import session_beside
from portal.core.errors import Invalid, NotFound
from portal.core.ids import GroupId, ObjectId
from portal.core.messages import N_
from portal.media.limits import IMAGES, UPLOADS
from portal.tenants.tree import GroupTree
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.paging import whole
from portal.web.state import ctx, features

blueprint = Blueprint("slots", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/slots")

Known = Mapping[ObjectId, ObjectView]


def _board(known: Known, tree: GroupTree, selected: int | None) -> dict[str, Any]:
    """The television with its ten places, for the group that the address names."""
    group = group_asked(tree, request.args.get("group"))
    found = desktop(known, tree.path(group))
    places = [_place(found, position, group, tree) for position in range(1, SLOT_POSITIONS + 1)]
    return {
        "group": group,
        "places": places,
        "selected": selected,
        "purposes": [purpose_of(position).value for position in range(1, SLOT_POSITIONS + 1)],
        "changed": [place["position"] for place in places if place["view"] and place["view"].is_changed],
        "variants": found.variants(_key(selected)) if selected else [],
    }


def _place(found: Desktop, position: int, group: GroupId, tree: GroupTree) -> dict[str, Any]:
    view = found.at(_key(position))
    shown: dict[str, Any] = {"group": group} if group != tree.root.id else {}
    if not may(ctx(), Permission.CONTENT_EDIT):
        href = link_to(view) if view else url_for("slots.index", **shown)
    elif view:
        href = url_for("slots.edit", object_id=view.id, **shown)
    else:
        href = url_for("slots.new", position=position, **shown)
    return {"position": position, "view": view, "href": href}


def _key(position: int | None) -> str:
    return f"slot:{position}"


def _extras(form: SlotForm, view: ObjectView | None) -> Mapping[str, Any]:
    known = objects(ctx().session, [*DESKTOP_KINDS, Kind.COLUMN, Kind.ITEM, Kind.APP])
    offered = offers(known, features())
    form.offer(offered.actions, offered.columns, offered.items, offered.apps)
    position = form.place if is_position(form.place) else None
    return {
        **_board(known, groups(), position),
        "shape": shape_of(position) if position else None,
        "purpose": purpose_of(position).value if position else "",
        "size_label": translate(SIZE_LABELS[purpose_of(position)]) if position else "",
        "title_characters": SLOT_TITLE_CHARACTERS,
        "subtitle_characters": SLOT_SUBTITLE_CHARACTERS,
        "image_bytes": IMAGES.bytes,
    }


def _prepare(form: SlotForm) -> None:
    if not is_position(form.place):
        raise Invalid({"position": N_("桌面首页只有 %(n)d 个推荐位。", n=SLOT_POSITIONS)})
    take_picture(form, "image", purpose_of(form.place or 1))
    take_film(form, "video")


def _fill(form: SlotForm) -> None:
    asked = request.args.get("position", 1, type=whole)
    if not is_position(asked):
        raise NotFound
    form.position.data = str(asked)
    aim_at_group_asked(form)


def _shown_group() -> dict[str, Any]:
    asked = request.args.get("group")
    return {"group": asked} if asked else {}


_editor = Editor(
    Kind.SLOT,
    SlotForm,
    "slots",
    extras=_extras,
    prepare=_prepare,
    fill=_fill,
    back=lambda form, object_id: url_for("slots.index", **_shown_group()),
)
_editor.mount(blueprint, Feature.SLOTS)


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW, feature=Feature.SLOTS)
def index() -> str:
    """This function will show the desktop with its ten places, as one group sees it."""
    tree = groups()
    known = objects(ctx().session, DESKTOP_KINDS)
    return show("slots/index.html", tree=tree, **_board(known, tree, None))


@blueprint.post("/arrive")
@needs(Permission.CONTENT_EDIT, feature=Feature.SLOTS)
def arrive() -> Page:
    """This function will put pictures that were dropped together on the places from `position` on, as drafts."""
    position = request.form.get("position", 1, type=int)
    if not is_position(position):
        raise NotFound
    chosen = request.form.getlist("asset")[: UPLOADS.files_at_once]
    taken, refusals = take_in(uploads(request.files.getlist("files")), chosen, position)
    tree = groups()
    try:
        made, homeless = put(ctx(), taken, tree, group_asked(tree, request.args.get("group")), features())
    except Invalid as invalid:
        return acts.refusal(acts.sentences(invalid), url_for("slots.index", **_shown_group())), invalid.status
    for refused in [*refusals, *homeless]:
        flash(_("%(name)s：%(reason)s", name=refused.name, reason=translate(refused.message)), "error")
    if made:
        flash(ngettext("%(num)d 张图片已放上，存为草稿。", "%(num)d 张图片已放上，存为草稿。", made), "ok")
    elif not refusals and not homeless:
        flash(_("请先选择图片。"), "warning")
    return redirect(url_for("slots.index", **_shown_group()), 303)  # type: ignore[return-value]


@blueprint.post("/<id:object_id>/move")
@needs(Permission.CONTENT_EDIT, feature=Feature.SLOTS)
def move(object_id: str) -> Page:
    """This function will move a slot to the position `to`; what stands there takes its place."""
    to = request.form.get("place" if request.form.get("to") == "chosen" else "to", type=whole)
    if to is None or not is_position(to):
        message = N_("桌面首页只有 %(n)d 个推荐位。", n=SLOT_POSITIONS)
        return acts.refusal([message], url_for("slots.index")), Invalid.status
    images = _refitted(object_id, to)

    def run(void: bool) -> str:
        version = acts.version()
        before = get_object(ctx().session, object_id, Kind.SLOT).envelope.payload.position  # type: ignore[attr-defined]
        moved = move_to_position(ctx(), Kind.SLOT, object_id, version, to, images=images, void_approval=void)
        said = _("已换位，两处都存为草稿。") if len(moved) > 1 else _("已移到第 %(n)d 位，存为草稿。", n=to)
        now = next(saved.version for saved in moved if saved.object_id == object_id)
        acts.offer_undo(said, request.full_path.rstrip("?"), {"version": str(now), "to": str(before)})
        return ""

    return acts.act(run, url_for("slots.edit", object_id=object_id, **_shown_group()))


def _refitted(object_id: str, to: int) -> dict[str, str]:
    """Pictures of what will change places, made fit for the new ones, before any transaction begins."""
    asking = ctx()
    with session_beside(asking.session) as reading:
        own = Context(reading, asking.actor, asking.tenant, asking.request)
        moved = get_object(reading, object_id, Kind.SLOT)
        here = moved.envelope.payload.position  # type: ignore[attr-defined]
        places = [(moved, to), *((view, here) for view in in_the_way(own, Kind.SLOT, moved, to))]
        wanted = [(view.id, view.envelope.payload.image, purpose_of(place)) for view, place in places]  # type: ignore[attr-defined]
    return {one: fitted(image, purpose) for one, image, purpose in wanted}
