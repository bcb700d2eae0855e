"""A picture or video for an editor's form: uploaded with it, or chosen from the library and made fit for its place.

It is taken in on its own, before the form is judged, so that a form that has to be corrected does not ask for it again.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage

from portal.content.editing.forms import UPLOAD
from portal.core.context import Context
from portal.core.database import commit, session_beside
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import MediaId
from portal.core.messages import N_
from portal.media.commands import add_image, refit_image
from portal.media.images import Crop
from portal.media.intake import take_video
from portal.media.models import MediaAsset
from portal.media.queries import find_media, get_media, names_of
from portal.media.states import Kind, Purpose
from portal.web.state import ctx


def take_picture(form: Any, name: str, purpose: Purpose) -> None:
    """This function will put into the field `name` the picture that was uploaded or chosen, made fit for its place.

    The upload arrives in the field `<name>_upload` and goes before what was chosen. Raises `Invalid` at the field.
    """
    upload = _upload(form, name)
    if upload is not None:
        form[name].data = _at_field(name, lambda: image_of(upload, purpose))
    elif form[name].data:
        form[name].data = _at_field(name, lambda: fitted(form[name].data, purpose))


def take_film(form: Any, name: str) -> None:
    """This function will put into the field `name` the video that was uploaded, if one was; raises `Invalid` at the field."""
    upload = _upload(form, name)
    if upload is not None:
        form[name].data = _at_field(name, lambda: video_of(upload))


def image_of(upload: FileStorage, purpose: Purpose) -> str:
    """This function will take in an uploaded picture and return its SHA-256; raises `Refused` as `add_image` does."""
    data = upload.stream.read()
    return _on_its_own(lambda own: add_image(own, data, upload.filename or "", purpose)).sha256


def video_of(upload: FileStorage) -> str:
    """This function will take in an uploaded video and return its SHA-256.

    Raises `Refused` as `take_video` does, and for one that was taken but has to be converted first: it comes into the library.
    """
    with tempfile.TemporaryDirectory(prefix="portal-upload-") as folder:
        path = Path(folder) / "upload"
        upload.save(path)
        received = take_video(ctx(), path, upload.filename or "")
    if received.asset_id is None:
        raise Refused("video_converting", N_("已收下，正在转换成电视能放的格式；好了以后从媒体库选它。"))
    with session_beside(ctx().session) as reading:
        return get_media(reading, MediaId(received.asset_id)).sha256


def fitted(sha256: str, purpose: Purpose) -> str:
    """This function will return the picture of the library made fit for another place, as its SHA-256.

    What the tenant does not have, and what is no picture, comes back as it is: the rules say what is wrong with it.
    """
    with session_beside(ctx().session) as reading:
        row = find_media(reading, sha256)
    if row is None or row.kind != Kind.IMAGE or row.purpose == purpose or row.original_sha256 is None:
        return sha256
    media_id = MediaId(row.id)
    return _on_its_own(lambda own: refit_image(own, media_id, purpose)).sha256


def named(chosen: Sequence[str]) -> list[tuple[str, str]]:
    """This function will return those of the files that the library has, as SHA-256 and name."""
    with session_beside(ctx().session) as reading:
        names = names_of(reading, set(chosen))
    return [(sha256, names[sha256]) for sha256 in chosen if sha256 in names]


def cropped(sha256: str, purpose: Purpose, crop: Crop) -> str:
    """This function will return a part of a picture of the library, made fit for a place, as its SHA-256; raises `NotFound`."""
    with session_beside(ctx().session) as reading:
        row = find_media(reading, sha256)
    if row is None or row.kind != Kind.IMAGE or row.original_sha256 is None:
        raise NotFound
    media_id = MediaId(row.id)
    return _on_its_own(lambda own: refit_image(own, media_id, purpose, crop)).sha256


def uploads(files: list[FileStorage]) -> list[FileStorage]:
    """This function will return those that a person chose; a browser sends an empty one where nobody did."""
    return [file for file in files if file.filename]


def _upload(form: Any, name: str) -> FileStorage | None:
    data = form[name + UPLOAD].data
    return data if isinstance(data, FileStorage) and data.filename else None


def _at_field(name: str, take: Callable[[], str]) -> str:
    try:
        return take()
    except Refused as refused:
        raise Invalid({name + UPLOAD: refused.message}) from refused


def _on_its_own(act: Callable[[Context], MediaAsset]) -> MediaAsset:
    asking = ctx()
    with session_beside(asking.session, writes=True) as session:
        asset = act(Context(session, asking.actor, asking.tenant, asking.request))
        commit(session)
        return asset
