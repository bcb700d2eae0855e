"""Writes of media. Files come first and rows last, so that no lock of the database waits for a picture to be drawn.

The transaction begins with the first statement on `ctx.session`: whoever calls `add_image`, `add_video` or `refit_image`
should not have used the session before. A file whose row then fails is left alone; `jobs.remove_unheld` takes it later.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.database import session_beside
from portal.core.errors import Conflict, NotFound, Refused
from portal.core.ids import MediaId
from portal.core.messages import N_
from portal.core.pinyin import pinyin_of
from portal.media.images import Crop, PreparedImage, prepare_image
from portal.media.limits import MEBIBYTE
from portal.media.models import MediaAsset
from portal.media.queries import asset_info, find_media, get_media, quota
from portal.media.renditions import Picture
from portal.media.rules import clean_name
from portal.media.scanning import ScannedFile, scan_bytes
from portal.media.states import Kind, Purpose
from portal.media.storage import storage
from portal.media.usage import Use, uses_of
from portal.media.video import PreparedVideo, prepare_video


class MediaInUse(Refused):
    """The file cannot go: `uses` shows it."""

    def __init__(self, uses: tuple[Use, ...]) -> None:
        super().__init__(
            "media_in_use", N_("还有 %(count)d 处在用这个文件，请先在那里换掉它。", count=len(uses)), status=409
        )
        self.uses = uses


def add_image(ctx: Context, data: bytes, filename: str, purpose: Purpose) -> MediaAsset:
    """This function will take in an uploaded picture for a place on the TV and return its asset.

    The same picture again gives the asset that is there, taken out of the recycle bin if it lay in it. The work is the same
    whether or not this or another tenant has the picture. Raises `Forbidden`, `DiskFull`, and `Refused` as `prepare_image`
    does or with `media_quota`; `KeptOut` as `scan_bytes` does.
    """
    ask_apart(ctx)
    scan_bytes(ctx.actor, ctx.request, ctx.tenant, data, filename)
    prepared = prepare_image(data, purpose)
    put_pictures(prepared.files.values())
    return hold(ctx, _image_row(prepared, purpose), filename)


def refit_image(ctx: Context, media_id: MediaId, purpose: Purpose, crop: Crop | None = None) -> MediaAsset:
    """This function will make, of a picture's original or a part of it, the picture for a place on the TV and return its asset.

    Raises `NotFound` where the tenant has no such picture, and what `add_image` raises.
    """
    ask_apart(ctx)
    with session_beside(ctx.session) as reading:  # apart, so that no write lock is held while the picture is drawn
        row = get_media(reading, media_id)
        original, name = row.original_sha256, row.name
    if original is None:
        raise NotFound
    with storage().open(original) as file:
        prepared = prepare_image(file.read(), purpose, crop)
    put_pictures(prepared.files.values())
    return hold(ctx, _image_row(prepared, purpose), name)


def add_video(ctx: Context, path: ScannedFile, filename: str) -> MediaAsset:
    """This function will take in the uploaded video at `path`, which stays the caller's, and return its asset.

    It works in a temporary folder beside `path`. For the rest see `add_image`; refusals as `prepare_video`.
    """
    ask_apart(ctx)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        prepared = prepare_video(path, Path(folder))
        with prepared.path.open("rb") as file:
            storage().put(prepared.sha256, file)
    put_pictures([prepared.poster])
    return hold(ctx, video_row(prepared), filename)


def delete_media(ctx: Context, media_id: MediaId) -> None:
    """This function will put an asset into the recycle bin, where it stays for 30 days.

    Raises `Forbidden`, `NotFound`, and `MediaInUse` while a draft, a release or something in the recycle bin shows it.
    """
    ask(ctx, Permission.MEDIA_DELETE)
    row = get_media(ctx.session, media_id)
    if row.deleted_at is not None:
        return
    uses = uses_of(ctx.session, [row.sha256])
    if uses:
        raise MediaInUse(uses)
    row.deleted_at = clock.now()
    record(ctx, Event.MEDIA_DELETED, _target(row), name=row.name, sha256=row.sha256)


def restore_media(ctx: Context, media_id: MediaId) -> MediaAsset:
    """This function will take an asset out of the recycle bin; raises `Forbidden`, and `NotFound` after its 30 days."""
    ask(ctx, Permission.MEDIA_DELETE)
    row = get_media(ctx.session, media_id)
    if row.deleted_at is not None:
        _restore(ctx, row)
    return row


def ask_apart(ctx: Context) -> None:
    """This function will ask for the right to upload before a file is worked on; `hold` asks again where it writes.

    It does so in a session apart, so that no write lock is held meanwhile. Raises `Forbidden`.
    """
    with session_beside(ctx.session) as reading:
        ask(replace(ctx, session=reading), Permission.MEDIA_UPLOAD)


def put_pictures(pictures: Iterable[Picture]) -> None:
    """This function will keep pictures in the storage."""
    for each in pictures:
        storage().put(each.rendition.sha256, BytesIO(each.data))


def _image_row(prepared: PreparedImage, purpose: Purpose) -> MediaAsset:
    main = prepared.main.rendition
    return MediaAsset(
        sha256=main.sha256,
        original_sha256=prepared.original.rendition.sha256,
        kind=Kind.IMAGE.value,
        purpose=purpose.value,
        type=main.type,
        bytes=main.bytes,
        stored_bytes=sum(len(each.data) for each in prepared.files.values()),
        width=main.width,
        height=main.height,
        variants=[each.rendition.as_json() for each in prepared.variants],
        look=prepared.look,
    )


def video_row(prepared: PreparedVideo) -> MediaAsset:
    """This function will return the asset of a video, not yet held by anybody."""
    return MediaAsset(
        sha256=prepared.sha256,
        kind=Kind.VIDEO.value,
        type="video/mp4",
        bytes=prepared.bytes,
        stored_bytes=prepared.bytes + len(prepared.poster.data),
        width=prepared.info.width,
        height=prepared.info.height,
        seconds=prepared.info.seconds,
        poster=prepared.poster.rendition.as_json(),
        variants=[],
    )


def hold(ctx: Context, row: MediaAsset, filename: str, *, freed: int = 0) -> MediaAsset:
    """This function will let the tenant hold `row`, or return the row by which it holds the same file already.

    Its uploader is the actor unless the row names one; `freed` bytes are given up for it. Raises `Refused` with `media_quota`.
    """
    ask(ctx, Permission.MEDIA_UPLOAD)
    held = find_media(ctx.session, row.sha256)
    if held is not None:
        if held.deleted_at is not None:
            _restore(ctx, held)
        return held
    check_quota(ctx, row.stored_bytes - freed)
    row.name = clean_name(filename)
    row.pinyin = pinyin_of(row.name, MediaAsset.pinyin.type.length)
    row.uploaded_by, row.created_at = row.uploaded_by or ctx.actor.user_id, clock.now()
    ctx.session.add(row)
    try:
        ctx.session.flush()
    except IntegrityError as race:
        raise Conflict(N_("同一个文件正在另一处上传。请稍等几秒，在素材库里找到它。")) from race
    made = asset_info(row).renditions
    record(ctx, Event.MEDIA_ADDED, _target(row), name=row.name, kind=row.kind, sha256=row.sha256, renditions=made)
    return row


def check_quota(ctx: Context, wanted: int) -> None:
    """This function will raise `Refused` with `media_quota` where the tenant has not so many bytes left."""
    state = quota(ctx.session)
    if wanted > state.left:
        raise Refused(
            "media_quota",
            N_(
                "素材空间不够：已用 %(used)d MB，共 %(limit)d MB。请删除不用的素材，或联系运营中心扩容。",
                used=state.used // MEBIBYTE,
                limit=state.limit // MEBIBYTE,
            ),
        )


def _restore(ctx: Context, row: MediaAsset) -> None:
    row.deleted_at = None
    record(ctx, Event.MEDIA_RESTORED, _target(row), name=row.name, sha256=row.sha256)


def _target(row: MediaAsset) -> Target:
    return Target("media_asset", row.id, row.name)
