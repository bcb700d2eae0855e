"""Pages of the zone (专栏/专区): the tree of columns, and the items of the column one stands in."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.arranging import move_below, reorder
from portal.content.editing import acts
from portal.content.editing.frame import show
from portal.content.editing.pages import Editor, Page
from portal.content.editing.uploads import take_film, take_picture, uploads
from portal.content.kinds import Kind
from portal.content.limits import COLUMN_TITLE_CHARACTERS, ITEM_HTML_CHARACTERS, ITEM_SECONDS, ITEM_TITLE_CHARACTERS
from portal.content.ordering import next_order
from portal.content.queries import ObjectView, get_object, objects
from portal.content.zone.arriving import Refusal, take_in
from portal.content.zone.forms import ColumnForm, ItemForm
from portal.content.zone.queries import Node, zone_tree
from portal.content.zone.rules import Item
from portal.core.database import session_beside
from portal.core.errors import Invalid, NotFound
from portal.core.ids import ObjectId
from portal.media.limits import IMAGES, MEBIBYTE, SHAPES, SOURCES
from portal.media.queries import asset_infos
from portal.media.states import Purpose
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("zone", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/zone")

ZONE_KINDS = (Kind.COLUMN, Kind.ITEM)


@blueprint.get("/")
@blueprint.get("/<id:column_id>")
@needs(Permission.CONTENT_VIEW, feature=Feature.ZONE)
def index(column_id: str | None = None) -> str:
    """This function will show the tree, and the items of one column of the second level as a grid."""
    session = ctx().session
    views = objects(session, ZONE_KINDS)
    zone = zone_tree(views)
    place = zone.find(column_id) if column_id else zone.first_place()
    if column_id and place is None:
        raise NotFound
    first, second = place or (None, None)
    if second is None and first is not None and column_id is None and first.columns:
        second = first.columns[0]
    items = second.items if second else []
    gone = [view for view in views.values() if view.envelope.deleted and _is_here(view.envelope.refs, second)]
    files = {sha256 for item in items for sha256 in item.envelope.assets}
    return show(
        "zone/index.html",
        zone=zone,
        first=first,
        second=second,
        items=items,
        gone=gone,
        infos=asset_infos(session, files),
        round_seconds=_round(items),
        image_megabytes=IMAGES.bytes // MEBIBYTE,
        video_megabytes=SOURCES.bytes // MEBIBYTE,
    )


def _round(items: list[ObjectView]) -> int:
    """How long one round through what is shown takes, in seconds; a video that plays to its end counts for nothing."""
    shown = [item.envelope.payload for item in items if item.envelope.shown]
    return sum(payload.seconds or 0 for payload in shown if isinstance(payload, Item))


def _number_new(form: ColumnForm | ItemForm, kind: Kind, above: str | None) -> None:
    """What is new stands at the end of its column."""
    if form.order.data is not None:
        return
    with session_beside(ctx().session) as reading:
        there = [view.envelope for view in objects(reading, [kind]).values()]
    refs = (above,) if above else ()
    form.order.data = next_order([one.payload.order for one in there if one.refs == refs])  # type: ignore[attr-defined]


def _prepare_column(form: ColumnForm) -> None:
    _number_new(form, Kind.COLUMN, form.parent.data)
    take_picture(form, "icon", Purpose.ICON)


def _prepare_item(form: ItemForm) -> None:
    _number_new(form, Kind.ITEM, form.column.data)
    form.clean()
    take_picture(form, "asset", Purpose.ITEM)
    take_film(form, "video")


def _column_extras(form: ColumnForm, view: ObjectView | None) -> Mapping[str, Any]:
    session = ctx().session
    zone = zone_tree(objects(session, ZONE_KINDS))
    form.offer(zone, view.id if view else None)
    return {
        "zone": zone,
        "here": view.id if view else form.parent.data,
        "title_characters": COLUMN_TITLE_CHARACTERS,
        "shape": SHAPES[Purpose.ICON],
        "image_bytes": IMAGES.bytes,
    }


def _item_extras(form: ItemForm, view: ObjectView | None) -> Mapping[str, Any]:
    session = ctx().session
    zone = zone_tree(objects(session, ZONE_KINDS))
    form.offer(zone)
    return {
        "zone": zone,
        "here": form.column.data,
        "title_characters": ITEM_TITLE_CHARACTERS,
        "html_characters": ITEM_HTML_CHARACTERS,
        "image_bytes": IMAGES.bytes,
    }


def _fill_column(form: ColumnForm) -> None:
    form.parent.data = request.args.get("parent", "")


def _fill_item(form: ItemForm) -> None:
    form.column.data = request.args.get("column", "")
    form.kind.data = request.args.get("kind", form.kind.default)


def _column_back(form: ColumnForm, object_id: str | None) -> str:
    """Whoever has made a column most likely types the next one below it, which waits there with the focus."""
    made = request.method == "POST" and request.endpoint == "zone.new_column"
    if made and object_id:
        return url_for("zone.index", column_id=object_id, made="1")
    return _at(object_id or form.parent.data)


def _at(column_id: str | None) -> str:
    return url_for("zone.index", column_id=column_id) if column_id else url_for("zone.index")


def _column_of(item_id: str) -> str:
    return _at(get_object(ctx().session, item_id, Kind.ITEM).envelope.refs[0])


_columns = Editor(
    Kind.COLUMN,
    ColumnForm,
    "zone",
    extras=_column_extras,
    prepare=_prepare_column,
    fill=_fill_column,
    back=_column_back,
    template="zone/column.html",
)
_columns.mount(blueprint, Feature.ZONE, "column", "/columns")
_items = Editor(
    Kind.ITEM,
    ItemForm,
    "zone",
    extras=_item_extras,
    prepare=_prepare_item,
    fill=_fill_item,
    back=lambda form, object_id: _at(form.column.data),
    template="zone/item.html",
    leave=_column_of,
)
_items.mount(blueprint, Feature.ZONE, "item", "/items")


def _is_here(refs: tuple[ObjectId, ...], second: Node | None) -> bool:
    return second is not None and refs == (second.view.id,)


@blueprint.post("/<id:column_id>/upload")
@needs(Permission.CONTENT_EDIT, feature=Feature.ZONE)
def upload(column_id: str) -> Page:
    """This function will make an item of every picture and video that was dropped on a column."""
    files = uploads(request.files.getlist("files"))
    try:
        made, refusals = take_in(files, request.form.getlist("asset"), column_id, ITEM_SECONDS)
    except Invalid as invalid:
        return acts.refusal(acts.sentences(invalid), _at(column_id)), invalid.status
    for refused in refusals:
        flash(_say(refused), "error")
    if made:
        flash(ngettext("%(num)d 个条目已存为草稿。", "%(num)d 个条目已存为草稿。", made), "ok")
    elif not refusals:
        flash(_("请先选择图片或视频。"), "warning")
    return redirect(url_for("zone.index", column_id=column_id), 303)  # type: ignore[return-value]


def _say(refused: Refusal) -> str:
    return str(_("%(name)s：%(reason)s", name=refused.name, reason=translate(refused.message)))


def _standing_order(kind: Kind, ids: list[str]) -> list[str]:
    known = objects(ctx().session, [kind])
    there = [known[ObjectId(one)] for one in ids if ObjectId(one) in known]
    return [view.id for view in sorted(there, key=lambda view: (view.envelope.payload.order, view.id))]  # type: ignore[attr-defined]


def _order(kind: Kind) -> Page:
    """Put brothers and sisters into the order that was posted, after a button moved one of them up or down."""
    ids = list(dict.fromkeys(request.form.getlist("order")))
    for name, step in (("move_up", -1), ("move_down", 1)):
        moved = request.form.get(name)
        if moved in ids:
            at = ids.index(moved)
            ids.insert(min(max(at + step, 0), len(ids)), ids.pop(at))

    def run(void: bool) -> str:
        before = _standing_order(kind, ids)
        if reorder(ctx(), kind, ids, void_approval=void):
            here = request.form.get("here", "")
            acts.offer_undo(_("次序已存为草稿。"), request.path, {"order": before, "here": here})
        return ""

    return acts.act(run, _at(request.form.get("here")))


@blueprint.post("/columns/order")
@needs(Permission.CONTENT_EDIT, feature=Feature.ZONE)
def order_columns() -> Page:
    """This function will put the columns of one parent in order."""
    return _order(Kind.COLUMN)


@blueprint.post("/columns/nest")
@needs(Permission.CONTENT_EDIT, feature=Feature.ZONE)
def nest() -> Page:
    """This function will move a column of the second level below another one of the first."""
    column, parent = request.form.get("column", ""), request.form.get("parent", "")

    def run(void: bool) -> str:
        [above] = get_object(ctx().session, column, Kind.COLUMN).envelope.refs or ("",)
        [saved] = move_below(ctx(), column, acts.version(), parent, void_approval=void)
        fields = {"column": column, "version": str(saved.version), "parent": above, "here": column}
        acts.offer_undo(_("已移到另一个一级栏目下，存为草稿。"), request.path, fields)
        return ""

    return acts.act(run, _at(request.form.get("here")))


@blueprint.post("/items/order")
@needs(Permission.CONTENT_EDIT, feature=Feature.ZONE)
def order_items() -> Page:
    """This function will put the items of one column in order."""
    return _order(Kind.ITEM)
