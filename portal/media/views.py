"""The media library (媒体库) of a tenant, and its files."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.accounts.models import User
from portal.core.errors import NotFound, Refused
from portal.core.ids import MediaId
from portal.core.messages import N_, Message, Words
from portal.media import queries
from portal.media.commands import MediaInUse, delete_media, restore_media
from portal.media.conversion.queries import in_sight
from portal.media.forms import UploadForm
from portal.media.intake import Taken, Upload, take_in
from portal.media.library import change_tags, clean_tag, delete_many
from portal.media.limits import IMAGES, MEBIBYTE, RECYCLE_BIN_DAYS, SHAPES, SOURCES, TAG_CHARACTERS, UPLOADS
from portal.media.models import MediaAsset
from portal.media.renditions import Rendition
from portal.media.serving import send_original, send_rendition
from portal.media.states import Kind, Purpose
from portal.media.uploading.queries import own_uploads
from portal.media.uploading.views import addresses
from portal.media.usage import Use, uses_of
from portal.media.words import KINDS, PURPOSES
from portal.web.access import needs
from portal.web.exports import Column, hand_out
from portal.web.i18n import translate
from portal.web.paging import Paging, list_address, paged
from portal.web.state import ctx, drawing

blueprint = Blueprint("media", __name__, url_prefix="/e/<enterprise:enterprise_id>/media")

_LONGEST_SEARCH = 80
_NAMED = 5
_LONGEST_QUERY = 500
_FILTERS = frozenset({"kind", "purpose", "q", "tag", "alike", "view", "sort", "page", "size", "bin"})


@blueprint.get("")
@needs(Permission.MEDIA_VIEW)
def index() -> str:
    """This function will show the library or, with `bin`, the recycle bin, as a grid or a list."""
    return render_template("media/index.html", **_listed())


@blueprint.post("")
@needs(Permission.MEDIA_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel: what is known of each file, not the files."""
    listed = _listed()
    uses, tags, kinds, purposes = listed["uses"], listed["tags"], listed["kinds"], listed["purposes"]
    columns: list[Column[MediaAsset]] = [
        Column(_("文件"), 40, lambda row: row.name),
        Column(_("类型"), 10, lambda row: kinds[row.kind]),
        Column(_("用途"), 16, lambda row: purposes.get(row.purpose or "", "")),
        Column(_("宽"), 8, lambda row: row.width),
        Column(_("高"), 8, lambda row: row.height),
        Column(_("时长（秒）"), 10, lambda row: int(row.seconds) if row.seconds else None),
        Column(_("字节"), 14, lambda row: row.bytes),
        Column(_("用在几处"), 10, lambda row: uses.get(row.sha256, 0)),
        Column(_("标签"), 24, lambda row: _("、").join(tags.get(row.id, ()))),
        Column(_("上传"), 20, lambda row: row.created_at),
    ]
    return hand_out("media", N_("媒体库"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    session = ctx().session
    kind, purpose = _one_of("kind", Kind), _one_of("purpose", Purpose)
    text, in_bin = request.args.get("q", "").strip()[:_LONGEST_SEARCH], request.args.get("bin") == "1"
    tag, alike = clean_tag(request.args.get("tag", "")), request.args.get("alike") == "1"
    statement = queries.media_list(
        kind=Kind(kind) if kind else None,
        purpose=Purpose(purpose) if purpose else None,
        search=text,
        tag=tag,
        alike=alike,
        deleted=in_bin,
    )
    paging = Paging.from_request(list(queries.SORTS), default="look" if alike else "created", descending=not alike)
    page = paged(session, statement, queries.SORTS, paging)
    tags, known_tags = queries.tags_on_page(session, [row.id for row in page.rows])
    return {
        "page": page,
        "text": text,
        "in_bin": in_bin,
        "as_list": request.args.get("view") == "list",
        "uses": _count(uses_of(session, [row.sha256 for row in page.rows])),
        "quota": queries.quota(session),
        "thumb": thumb,
        "link": _link,
        "chips": _chips(kind, purpose, tag, known_tags, alike=alike),
        "tags": tags,
        "known_tags": known_tags,
        "purposes": _words(PURPOSES),
        "kinds": _words(KINDS),
        "narrowed": bool(kind or purpose or text or tag or alike),
        "tag_characters": TAG_CHARACTERS,
        "days": RECYCLE_BIN_DAYS,
        "conversions": () if in_bin else in_sight(session),
    }


@blueprint.route("/upload", methods=["GET", "POST"])
@needs(Permission.MEDIA_UPLOAD)
def upload() -> Response | str | tuple[str, int]:
    """This function will take in many files and say what became of each."""
    form = UploadForm()
    form.offer()
    if request.method != "POST":
        return _upload_page(form, ())
    files = [file for file in form.files.data or () if file.filename]
    if not files or len(files) > UPLOADS.files_at_once:
        form.files.errors = [_("请选择 1 到 %(n)d 个文件。", n=UPLOADS.files_at_once)]
        return _upload_page(form, ()), 422
    taken = take_in(ctx(), [Upload(file.filename or "", file.stream) for file in files], form.chosen())
    accepted = sum(one.accepted for one in taken)
    if accepted == len(taken):
        flash(_said(taken), "ok")
        return redirect(url_for("media.index"), 303)
    return _upload_page(form, taken), 422


@blueprint.get("/<id:media_id>")
@needs(Permission.MEDIA_VIEW)
def asset(media_id: MediaId) -> str:
    """This function will show one file, large, with what is known about it and where it is used."""
    session = ctx().session
    return _asset_page(queries.get_media(session, media_id))


@blueprint.post("/chosen")
@needs(Permission.MEDIA_UPLOAD)
def chosen() -> Response:
    """This function will tag the chosen files, take a tag from them, or put them into the recycle bin."""
    filters: dict[str, Any] = _filters(request.form.get("back", ""))
    back = url_for("media.index", **filters)
    try:
        said = _act_on(request.form.getlist("chosen"), request.form.get("act", ""), request.form.get("tag", ""))
        flash(said, "ok")
    except Refused as refused:
        flash(translate(refused.message), "error")
    return redirect(back, 303)


def _act_on(media_ids: Sequence[str], act: str, tag: str) -> str:
    if act == "delete":
        swept = delete_many(ctx(), media_ids)
        said = str(_("已把 %(n)d 个文件放进回收站。", n=swept.deleted))
        if swept.in_use:
            some = "、".join(swept.in_use[:_NAMED])
            said += " " + str(_("还有 %(n)d 个正在使用，没有删除：%(names)s", n=len(swept.in_use), names=some))
        return said
    if act == "untag":
        return str(_("已从 %(n)d 个文件去掉标签。", n=change_tags(ctx(), media_ids, remove=tag)))
    return str(_("已给 %(n)d 个文件加上标签。", n=change_tags(ctx(), media_ids, add=tag)))


def _filters(query: str) -> dict[str, str]:
    """The filters of the list from which an act was sent; anything else in its address is left out."""
    given = parse_qs(query[:_LONGEST_QUERY])
    return {name: values[0] for name, values in given.items() if name in _FILTERS}


@blueprint.post("/<id:media_id>/tags")
@needs(Permission.MEDIA_UPLOAD)
def tag_one(media_id: MediaId) -> Response:
    """This function will give one file a tag, or take one from it."""
    queries.get_media(ctx().session, media_id)
    try:
        change_tags(ctx(), [media_id], add=request.form.get("add", ""), remove=request.form.get("remove", ""))
    except Refused as refused:
        flash(translate(refused.message), "error")
    return redirect(url_for("media.asset", media_id=media_id), 303)


@blueprint.post("/<id:media_id>/delete")
@needs(Permission.MEDIA_DELETE)
def delete(media_id: MediaId) -> Response | tuple[str, int]:
    """This function will put a file into the recycle bin, or show what still uses it."""
    try:
        delete_media(ctx(), media_id)
    except MediaInUse as in_use:
        flash(translate(in_use.message), "error")
        return _asset_page(queries.get_media(ctx().session, media_id)), in_use.status
    flash(_("已放进回收站，%(n)d 天内可以恢复。", n=RECYCLE_BIN_DAYS), "ok")
    return redirect(url_for("media.index"), 303)


@blueprint.post("/<id:media_id>/restore")
@needs(Permission.MEDIA_DELETE)
def restore(media_id: MediaId) -> Response:
    """This function will take a file out of the recycle bin."""
    restored = restore_media(ctx(), media_id)
    flash(_("「%(name)s」已恢复。", name=restored.name), "ok")
    return redirect(url_for("media.index", bin=1), 303)


@blueprint.get("/file/<string(length=64):sha256>")
@needs(Permission.MEDIA_VIEW, passive=True)
def file(sha256: str) -> Response:
    """This function will send one of the tenant's own files; another tenant's answers like one that never was."""
    found = queries.find_rendition(ctx().session, sha256)
    if found is None:
        raise NotFound
    try:
        return send_rendition(found)
    except FileNotFoundError as gone:
        raise NotFound from gone


@blueprint.get("/original/<string(length=64):sha256>")
@needs(Permission.MEDIA_VIEW, passive=True)
def original(sha256: str) -> Response:
    """This function will send the original of one of the tenant's pictures, named by its main file; boxes never see it."""
    row = queries.find_media(ctx().session, sha256)
    if row is None or row.original_sha256 is None:
        raise NotFound
    try:
        return send_original(row.original_sha256)
    except FileNotFoundError as gone:
        raise NotFound from gone


def thumb(row: MediaAsset) -> Rendition | None:
    """This function will return the smallest picture of an asset, a video's poster; None for a video without one."""
    info = queries.asset_info(row)
    if info.kind is Kind.VIDEO:
        return info.poster
    return min(info.files, key=lambda rendition: rendition.width)


def _asset_page(row: MediaAsset) -> str:
    session = drawing().session
    uploader = session.get(User, row.uploaded_by) if row.uploaded_by else None
    return render_template(
        "media/asset.html",
        row=row,
        info=queries.asset_info(row),
        uses=uses_of(session, [row.sha256]),
        tags=queries.tags_of(session, [row.id]).get(row.id, []),
        known_tags=queries.all_tags(session),
        tag_characters=TAG_CHARACTERS,
        doubles=queries.doubles_of(session, row),
        uploader=uploader.display_name if uploader else "",
        purposes=PURPOSES,
        kinds=KINDS,
        days=RECYCLE_BIN_DAYS,
        crumbs=[(_("媒体库"), url_for("media.index")), (row.name, None)],
    )


def _upload_page(form: UploadForm, taken: Sequence[Taken]) -> str:
    reader = drawing()
    return render_template(
        "media/upload.html",
        form=form,
        taken=taken,
        conversions=in_sight(reader.session),
        quota=queries.quota(reader.session),
        image_megabytes=IMAGES.bytes // MEBIBYTE,
        video_megabytes=SOURCES.bytes // MEBIBYTE,
        video_minutes=SOURCES.seconds // 60,
        open_uploads=own_uploads(reader),
        addresses=addresses,
        shapes=[(PURPOSES[purpose], SHAPES[purpose]) for purpose in PURPOSES],
        crumbs=[(_("媒体库"), url_for("media.index")), (_("上传"), None)],
    )


def _said(taken: Sequence[Taken]) -> str:
    waiting = sum(one.conversion_id is not None for one in taken)
    done = ngettext("已加入 %(num)d 个文件。", "已加入 %(num)d 个文件。", len(taken) - waiting)
    later = ngettext("%(num)d 个视频排队转换。", "%(num)d 个视频排队转换。", waiting)
    return " ".join([*([done] if waiting < len(taken) else []), *([later] if waiting else [])])


def _count(uses: Sequence[Use]) -> Mapping[str, int]:
    """How many things use each file, whichever of their versions do."""
    by_file: dict[str, set[Words]] = {}
    for use in uses:
        by_file.setdefault(use.sha256, set()).add(use.object_id or use.title)
    return {sha256: len(things) for sha256, things in by_file.items()}


def _one_of(name: str, known: type[Kind] | type[Purpose]) -> str:
    value = request.args.get(name, "")
    return value if value in {member.value for member in known} else ""


def _link(**changes: str | int | None) -> str:
    """The address of this list with some parameters changed; None takes one away. A new filter begins at the first page."""
    return list_address("media.index", changes)


def _words(labels: Mapping[Any, Message]) -> dict[str, str]:
    return {code.value: translate(label) for code, label in labels.items()}


def _chips(kind: str, purpose: str, tag: str, tags: Sequence[str], *, alike: bool) -> list[dict[str, Any]]:
    words = {
        "kind": (_("类型"), kind, _words(KINDS)),
        "purpose": (_("用途"), purpose, _words(PURPOSES)),
        "tag": (_("标签"), tag, {one: one for one in [*tags, *([tag] if tag and tag not in tags else [])]}),
        "alike": (_("重复"), "1" if alike else "", {"1": _("看起来一样的图片")}),
    }
    return [
        {
            "label": label,
            "value": choices.get(value, ""),
            "clear": _link(**{name: None}),
            "options": [(text, _link(**{name: code}), code == value) for code, text in choices.items()],
        }
        for name, (label, value, choices) in words.items()
        if choices
    ]
