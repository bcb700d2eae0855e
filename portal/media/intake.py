"""Several uploaded files at once, each in a transaction of its own, so that a bad one spoils none of the others."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, TypeVar

from portal.core.context import Context
from portal.core.database import commit, session_beside
from portal.core.errors import Conflict, Refused
from portal.core.messages import Message
from portal.media.commands import add_image, add_video, ask_apart
from portal.media.containers import is_video
from portal.media.conversion.commands import Received, receive_video
from portal.media.headers import read_header
from portal.media.limits import IMAGES
from portal.media.rules import clean_name
from portal.media.scanning import scan_file
from portal.media.states import Purpose

_HEAD = 1024
VIDEO_ENDINGS = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp"}
)
# What the strict reading refuses and the converter may still be able to read.
_CONVERTIBLE = frozenset(
    {"video_not_mp4", "video_codec", "video_too_many_pixels", "video_tracks", "video_too_many_bytes", "video_broken"}
)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Upload:
    """One file as it came in."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True)
class Taken:
    """What became of one file: its asset's id, that of the conversion that waits, or the sentence why it was not taken."""

    name: str
    media_id: str | None = None
    conversion_id: str | None = None
    refusal: Message | None = None

    @property
    def accepted(self) -> bool:
        """Whether the file was taken, at once or to be converted."""
        return self.refusal is None


def take_in(ctx: Context, uploads: Iterable[Upload], purpose: Purpose) -> tuple[Taken, ...]:
    """This function will take in files one after another, pictures for `purpose`; what each is, its content says.

    Raises `Forbidden`; whatever else is wrong with a file stands in its own answer.
    """
    return tuple(_take_one(ctx, upload, purpose) for upload in uploads)


def take_file(ctx: Context, path: Path, filename: str, purpose: Purpose) -> Taken:
    """This function will take in the uploaded file at `path`, which stays the caller's; the rest as `take_in`."""
    name = clean_name(filename)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if not _as_video(head, name):
                data = head + file.read(IMAGES.bytes + 1 - len(head))
                asset_id = on_its_own(ctx, lambda own: add_image(own, data, filename, purpose).id)
                return Taken(name, asset_id)
        received = take_video(ctx, path, filename)
        return Taken(name, received.asset_id, received.conversion_id)
    except (Refused, Conflict) as refusal:
        return Taken(name, refusal=refusal.message)


def take_video(ctx: Context, path: Path, filename: str) -> Received:
    """This function will take in a video: at once where boxes play it as it is, otherwise to be converted.

    Raises `Forbidden` and `Refused` as `scan_file`, `add_video` and `receive_video` do.
    """
    ask_apart(ctx)
    scanned = scan_file(ctx.actor, ctx.request, ctx.tenant, path, filename)
    try:
        return Received(asset_id=on_its_own(ctx, lambda own: add_video(own, scanned, filename).id))
    except Refused as refused:
        if refused.code not in _CONVERTIBLE:
            raise
    return on_its_own(ctx, lambda own: receive_video(own, scanned, filename))


def on_its_own(ctx: Context, act: Callable[[Context], Result]) -> Result:
    """This function will do `act` in a transaction of its own for the same actor, and return what it returns."""
    with session_beside(ctx.session, writes=True) as session:
        result = act(Context(session, ctx.actor, ctx.tenant, ctx.request))
        commit(session)
        return result


def _take_one(ctx: Context, upload: Upload, purpose: Purpose) -> Taken:
    with tempfile.TemporaryDirectory(prefix="portal-upload-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as target:
            shutil.copyfileobj(upload.stream, target)
        return take_file(ctx, path, upload.name, purpose)


def _as_video(head: bytes, name: str) -> bool:
    """A file is what its content says; of one that is neither picture nor video its name decides which sentence it gets."""
    return is_video(head) or (read_header(head) is None and PurePath(name).suffix.lower() in VIDEO_ENDINGS)
