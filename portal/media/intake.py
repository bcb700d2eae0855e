"""Several uploaded files at once, each in a transaction of its own, so that a bad one spoils none of the others."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from portal.core.context import Context
from portal.core.database import commit, tenant_session
from portal.core.errors import Conflict, Refused
from portal.core.messages import Message
from portal.media.commands import add_image, add_video
from portal.media.limits import IMAGES
from portal.media.models import MediaAsset
from portal.media.rules import clean_name
from portal.media.states import Purpose

_BRAND = 12  # an ISO base media file says what it is in its first twelve bytes
_STILL_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"})


@dataclass(frozen=True)
class Upload:
    """One file as it came in."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True)
class Taken:
    """What became of one file: its asset's id, or the sentence why it was not taken."""

    name: str
    media_id: str | None = None
    refusal: Message | None = None


def take_in(ctx: Context, uploads: Iterable[Upload], purpose: Purpose) -> tuple[Taken, ...]:
    """This function will take in files one after another, pictures for `purpose`; what each is, its content says.

    Raises `Forbidden`; whatever else is wrong with a file stands in its own answer.
    """
    return tuple(_take_one(ctx, upload, purpose) for upload in uploads)


def _take_one(ctx: Context, upload: Upload, purpose: Purpose) -> Taken:
    name = clean_name(upload.name)
    try:
        if _is_video(upload.stream):
            return Taken(name, _take_video(ctx, upload))
        data = upload.stream.read(IMAGES.bytes + 1)
        return Taken(name, _on_its_own(ctx, lambda own: add_image(own, data, upload.name, purpose)))
    except (Refused, Conflict) as refusal:
        return Taken(name, refusal=refusal.message)


def _is_video(stream: BinaryIO) -> bool:
    start = stream.read(_BRAND)
    stream.seek(0)
    return start[4:8] == b"ftyp" and start[8:12] not in _STILL_BRANDS


def _take_video(ctx: Context, upload: Upload) -> str:
    with tempfile.TemporaryDirectory(prefix="portal-upload-") as folder:
        path = Path(folder) / "upload.mp4"
        with path.open("wb") as target:
            shutil.copyfileobj(upload.stream, target)
        return _on_its_own(ctx, lambda own: add_video(own, path, upload.name))


def _on_its_own(ctx: Context, act: Callable[[Context], MediaAsset]) -> str:
    with tenant_session(ctx.tenant_id, writes=True) as session:
        asset = act(Context(session, ctx.actor, ctx.tenant, ctx.request))
        commit(session)
        return asset.id
