"""Uploads in pieces, as the page of uploads speaks with them: JSON, for a person's own browser."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.database import session_beside
from portal.core.errors import Conflict, Refused
from portal.media.intake import Taken
from portal.media.limits import IMAGES, SOURCES, UPLOADS
from portal.media.states import Purpose
from portal.media.telling import arrived_file
from portal.media.uploading.commands import Begun, append_piece, begin_upload, drop_upload, finish_upload
from portal.media.uploading.queries import OpenUpload, arrived, get_own_upload, own_uploads
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("uploads", __name__, url_prefix="/e/<enterprise:enterprise_id>/media/uploads")

Answer = dict[str, Any] | tuple[dict[str, Any], int]


@blueprint.record_once
def _tell_templates(setup: BlueprintSetupState) -> None:
    """Files are dropped on pages of several rooms: each knows the bounds, in bytes."""
    limits = {"piece": UPLOADS.piece_bytes, "video": SOURCES.bytes, "image": IMAGES.bytes}
    setup.app.jinja_env.globals["upload_limits"] = limits


@blueprint.get("")
@needs(Permission.MEDIA_UPLOAD, passive=True)
def index() -> Answer:
    """This function will say which of one's own uploads are not whole, and how far each is."""
    return {"uploads": [_said(one) for one in own_uploads(ctx())]}


@blueprint.post("")
@needs(Permission.MEDIA_UPLOAD)
def begin() -> Answer:
    """This function will open an upload, or say where the one of the same file broke off."""
    form = request.form
    purpose = form.get("purpose", "")
    begun = Begun(
        form.get("name", ""),
        form.get("bytes", 0, type=int),
        form.get("stamp", ""),
        Purpose(purpose) if purpose in set(Purpose) else Purpose.ITEM,
    )
    try:
        return _said(begin_upload(ctx(), begun)), 201
    except Refused as refused:
        return {"message": translate(refused.message)}, refused.status


@blueprint.post("/<id:upload_id>/piece")
@needs(Permission.MEDIA_UPLOAD)
def piece(upload_id: str) -> Answer:
    """This function will add a piece, or say from where the upload has to go on."""
    get_own_upload(ctx(), upload_id)
    sent, offset = request.files.get("piece"), request.form.get("offset", type=int)
    if sent is None or offset is None:
        raise BadRequest
    try:
        return _said(append_piece(ctx(), upload_id, offset, sent.stream))
    except Conflict as conflict:
        return {"message": translate(conflict.message), "offset": arrived(upload_id)}, conflict.status
    except Refused as refused:
        return {"message": translate(refused.message)}, refused.status


@blueprint.post("/<id:upload_id>/finish")
@needs(Permission.MEDIA_UPLOAD)
def finish(upload_id: str) -> Answer:
    """This function will take in what has arrived whole and say what became of it."""
    try:
        return _become(finish_upload(ctx(), upload_id))
    except Conflict as conflict:
        return {"message": translate(conflict.message), "offset": arrived(upload_id)}, conflict.status


@blueprint.post("/<id:upload_id>/drop")
@needs(Permission.MEDIA_UPLOAD)
def drop(upload_id: str) -> Response:
    """This function will give up an upload."""
    drop_upload(ctx(), upload_id)
    return Response(status=204)


def _said(one: OpenUpload) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "bytes": one.bytes,
        "offset": one.offset,
        "stamp": one.stamp,
        **addresses(one),
    }


def addresses(one: OpenUpload) -> dict[str, str]:
    """This function will return where an upload is continued, finished and dropped."""
    return {
        "piece": url_for("uploads.piece", upload_id=one.id),
        "finish": url_for("uploads.finish", upload_id=one.id),
        "drop": url_for("uploads.drop", upload_id=one.id),
    }


def _become(taken: Taken) -> Answer:
    if taken.refusal is not None:
        return {"message": translate(taken.refusal)}, 422
    if taken.media_id is not None:
        with session_beside(ctx().session) as reading:  # the file came in by a transaction of its own
            file = arrived_file(reading, taken.media_id)
        return {"state": "ready", "href": url_for("media.asset", media_id=taken.media_id), "file": file}
    follow = url_for("conversions.follow", conversion_id=taken.conversion_id)
    return {"state": "waiting", "href": url_for("media.index"), "follow": follow}
