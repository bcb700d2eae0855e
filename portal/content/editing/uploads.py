"""A picture or video that arrives inside an editor's form.

It is taken in on its own, before the form is judged, so that a form that has to be corrected does not ask for it again.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage

from portal.core.context import Context
from portal.core.database import commit, tenant_session
from portal.media.commands import add_image, add_video
from portal.media.states import Purpose
from portal.media.models import MediaAsset
from portal.web.state import ctx


def take_image(field: FileField, purpose: Purpose) -> str | None:
    """This function will take in the picture of an upload field for a place on the TV; returns its SHA-256, None without one.

    Raises `Refused` as `add_image` does.
    """
    upload = _upload(field)
    if upload is None:
        return None
    data = upload.stream.read()
    return _on_its_own(lambda own: add_image(own, data, upload.filename or "", purpose)).sha256


def take_video(field: FileField) -> str | None:
    """This function will take in the MP4 of an upload field; returns its SHA-256, None without one. Raises `Refused`."""
    upload = _upload(field)
    if upload is None:
        return None
    with tempfile.TemporaryDirectory(prefix="portal-upload-") as folder:
        path = Path(folder) / "upload.mp4"
        upload.save(path)
        return _on_its_own(lambda own: add_video(own, path, upload.filename or "")).sha256


def _upload(field: FileField) -> FileStorage | None:
    upload = field.data
    return upload if isinstance(upload, FileStorage) and upload.filename else None


def _on_its_own(act: Callable[[Context], MediaAsset]) -> MediaAsset:
    asking = ctx()
    with tenant_session(asking.tenant_id, writes=True) as session:
        asset = act(Context(session, asking.actor, asking.tenant, asking.request))
        commit(session)
        return asset
