"""Pages that are the same for all kinds: the recycle bin, an object's history, and the files that forms offer."""

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as WerkzeugResponse

from portal.access.permissions import Permission
from portal.content.arranging import Turned, set_hidden, turn_back
from portal.content.commands import restore_revision
from portal.content.editing import acts
from portal.content.editing.frame import show
from portal.content.editing.links import index_of, page_of
from portal.content.editing.pages import Page
from portal.content.editing.shelf import shelf
from portal.content.editing.sides import shown_fields
from portal.content.editing.uploads import cropped
from portal.content.envelope import read_envelope
from portal.content.kinds import spec_of
from portal.content.presence import be_present, leave
from portal.content.queries import find_row, get_revision, names_of, revisions_of
from portal.content.recycling import KEPT_FOR, Recycled, recycled
from portal.content.states import WORKING
from portal.core.errors import NotFound
from portal.core.ids import ObjectId, is_id
from portal.core.messages import N_
from portal.media.images import Crop
from portal.media.states import Kind as FileKind
from portal.media.states import Purpose
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets, state_word
from portal.web.formats import short_moment
from portal.web.i18n import translate
from portal.web.rendering import translated
from portal.web.state import ctx
from portal.web.views import same_site

blueprint = Blueprint("content", __name__, url_prefix="/e/<enterprise:enterprise_id>/content")


@blueprint.get("/recycle-bin")
@needs(Permission.CONTENT_VIEW)
def recycle_bin() -> str:
    """This function will show what was deleted, and until when it can come back."""
    found = recycled(ctx().session)
    names = names_of(ctx().session, {one.revision.author_id for one in found})
    return show("content/recycle_bin.html", recycled=found, names=names, days=KEPT_FOR.days, spec_of=spec_of)


@blueprint.post("/recycle-bin")
@needs(Permission.CONTENT_VIEW, reads=True)
def recycle_bin_export() -> WerkzeugResponse:
    """This function will hand the recycle bin out as Excel."""
    found = recycled(ctx().session)
    names = names_of(ctx().session, {one.revision.author_id for one in found})
    columns: list[Column[Recycled]] = [
        Column(_("名称"), 40, lambda one: translated(one.envelope.title)),
        Column(_("类型"), 14, lambda one: spec_of(one.object.kind).label),
        Column(_("删除"), 20, lambda one: one.deleted_at),
        Column(_("编辑"), 16, lambda one: names.get(one.revision.author_id or "", "")),
        Column(_("现在"), 12, lambda one: state_word("deleted" if one.thrown_away_at else one.state)),
        Column(_("清除"), 20, lambda one: one.thrown_away_at),
    ]
    return hand_out_sheets("recycle_bin", N_("回收站"), [Sheet(_("回收站"), found, columns)])


@blueprint.get("/<id:object_id>/history")
@needs(Permission.CONTENT_VIEW)
def history(object_id: str) -> str:
    """This function will show every revision of an object, newest first, and what one of them says."""
    session = ctx().session
    row = find_row(session, object_id)
    revisions = revisions_of(session, ObjectId(object_id))
    if row is None or row.purged_at is not None or not revisions:
        raise NotFound
    chosen = next((one for one in revisions if one.id == request.args.get("revision")), revisions[0])
    people = {revision.author_id for revision in revisions} | {revision.submitted_by for revision in revisions}
    spec = spec_of(row.kind)
    return show(
        "content/history.html",
        tree=None,
        row=row,
        spec=spec,
        revisions=revisions,
        chosen=chosen,
        fields=shown_fields(read_envelope(chosen.envelope)),
        names=names_of(session, people),
        crumbs=[(str(_("内容")), None), (translate(spec.label), index_of(spec.kind)), (str(_("历史版本")), None)],
        page=page_of(spec.kind, row.id) if any(one.state in WORKING for one in revisions) else None,
    )


@blueprint.post("/<id:object_id>/presence")
@needs(Permission.CONTENT_EDIT, passive=True)
def presence(object_id: str) -> Response:
    """This function will note that a page edits the object, or with `leave` no more, and say who else does and what stands there."""
    page = request.form.get("page", "")
    if not is_id(page):
        raise NotFound
    if request.form.get("leave"):
        leave(ctx(), ObjectId(object_id), page)
        return Response(status=204)
    others = be_present(ctx(), ObjectId(object_id), page)
    row = find_row(ctx().session, object_id)
    people = [{"name": one.name, "since": short_moment(one.since), "own": one.own} for one in others]
    return jsonify(people=people, version=row.version if row else 0)


@blueprint.post("/<id:object_id>/restore")
@needs(Permission.CONTENT_EDIT)
def restore(object_id: str) -> Page:
    """This function will make an older revision's content the draft; without one named, the newest, out of the recycle bin."""
    named = request.form.get("revision")
    revisions = revisions_of(ctx().session, ObjectId(object_id))
    if not revisions:
        raise NotFound
    revision = get_revision(ctx().session, named) if named else revisions[0]

    def run(void: bool) -> str:
        restore_revision(ctx(), object_id, revision.id, acts.version(), void_approval=void)
        return str(_("「%(title)s」已恢复为草稿，审核发布后才会显示。", title=translated(revision.title)))

    history_page = url_for("content.history", object_id=object_id)
    bin_page = same_site(request.form.get("back")) or url_for("content.recycle_bin")
    return acts.act(run, history_page if named else bin_page)


@blueprint.post("/hidden")
@needs(Permission.CONTENT_EDIT)
def hide() -> Page:
    """This function will hide what was chosen, each as `id:version`, or show it again where `act` says so; as drafts.

    With `undo` it takes back what such an act did: the drafts `dropped` said nothing else.
    """
    versions = acts.chosen_versions()
    hidden = request.form.get("act") != "show"
    back = same_site(request.form.get("back")) or "/"

    def run(void: bool) -> str:
        if request.form.get("undo"):
            turn_back(ctx(), versions, acts.chosen_versions("dropped"), hidden=hidden)
            return str(_("已撤销。"))
        turned = set_hidden(ctx(), versions, hidden=hidden, void_approval=void)
        if turned.saved:
            acts.offer_undo(_said(len(turned.saved), hidden=hidden), request.path, _taking_back(turned, hidden, back))
        return ""

    return acts.act(run, back)


def _taking_back(turned: Turned, hidden: bool, back: str) -> acts.Fields:
    marks = [(one.object_id in turned.fresh, f"{one.object_id}:{one.version}") for one in turned.saved]
    return {
        "undo": "1",
        "act": "show" if hidden else "hide",
        "chosen": [mark for fresh, mark in marks if not fresh],
        "dropped": [mark for fresh, mark in marks if fresh],
        "back": back,
    }


def _said(number: int, *, hidden: bool) -> str:
    if hidden:
        return str(
            ngettext(
                "%(num)d 项已隐藏，存为草稿，审核发布后生效。", "%(num)d 项已隐藏，存为草稿，审核发布后生效。", number
            )
        )
    return str(
        ngettext(
            "%(num)d 项已恢复显示，存为草稿，审核发布后生效。",
            "%(num)d 项已恢复显示，存为草稿，审核发布后生效。",
            number,
        )
    )


@blueprint.post("/crop")
@needs(Permission.MEDIA_UPLOAD)
def crop() -> Response:
    """This function will cut the part that was chosen out of a picture's original, for a place on the TV, and name the new picture."""
    purpose, sha256 = request.form.get("purpose", ""), request.form.get("sha256", "")
    if purpose not in set(Purpose):
        raise NotFound
    part = Crop(*(_part(name) for name in ("left", "top", "width")))
    return jsonify(sha256=cropped(sha256, Purpose(purpose), part))


def _part(name: str) -> float:
    """A part of a picture's edge as it was typed; nonsense is nothing of it."""
    found = request.form.get(name, 0.0, type=float)
    return found if 0 <= found <= 1 else 0.0


@blueprint.get("/files/<any(image, video, all):kind>")
@needs(Permission.MEDIA_VIEW, passive=True)
def files(kind: str) -> str:
    """This function will show the files of the library whose name is searched for, as choices of a form's field `name`."""
    name = request.args.get("name", "")
    chosen = request.args.get(name, "")
    wanted = None if kind == "all" else FileKind(kind)
    found = shelf(ctx().session, wanted, chosen, request.args.get("find", "")[:100])
    several = request.args.get("several") == "1"
    return render_template("content/_files.html", files=found, name=name, several=several, chosen=chosen)
