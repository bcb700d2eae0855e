"""Writes of uploads in pieces: begin, append, finish, drop.

A piece writes to the file alone, under a lock of the file: no row changes, so that hundreds of megabytes make no work for the database.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.core import clock
from portal.core.context import Context
from portal.core.database import session_beside
from portal.core.errors import Conflict, Refused
from portal.core.files import FULL, DiskFull
from portal.core.ids import new_id
from portal.core.messages import N_
from portal.media import workshop
from portal.media.commands import check_quota
from portal.media.intake import Taken, on_its_own, take_file
from portal.media.limits import MEBIBYTE, SOURCES, UPLOADS
from portal.media.models import UnfinishedUpload
from portal.media.rules import clean_name
from portal.media.states import Purpose
from portal.media.uploading.queries import FOLDER, OpenUpload, get_own_upload, opened, own_count, part_of

_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class Begun:
    """What a browser says of a file before it sends any of it: its name, its length, and a stamp by which it knows the file again."""

    name: str
    bytes: int
    stamp: str
    purpose: Purpose


def begin_upload(ctx: Context, begun: Begun) -> OpenUpload:
    """This function will open an upload, its length counted against the tenant's quota, or return the one that broke off earlier.

    Raises `Forbidden`, and `Refused` for a length that is nothing or too much, with `media_quota`, or with `too_many_uploads`.
    """
    ask(ctx, Permission.MEDIA_UPLOAD)
    _judge_length(begun.bytes)
    name, stamp = clean_name(begun.name), begun.stamp[: UPLOADS.stamp_characters]
    known = select(UnfinishedUpload).where(
        UnfinishedUpload.user_id == ctx.actor.user_id,
        UnfinishedUpload.name == name,
        UnfinishedUpload.bytes == begun.bytes,
        UnfinishedUpload.stamp == stamp,
        UnfinishedUpload.purpose == begun.purpose.value,
    )
    row = ctx.session.scalars(known.order_by(UnfinishedUpload.created_at)).first()
    if row is None:
        row = _open(ctx, name, stamp, begun)
    return opened(row)


def append_piece(ctx: Context, upload_id: str, offset: int, piece: IO[bytes]) -> OpenUpload:
    """This function will add a piece that begins at `offset`, which has to be where the upload stands, and return how far it is now.

    A piece that breaks off leaves what arrived of it. Raises `Forbidden`, `NotFound`, `Conflict` (`wrong_offset`) for any other place, and
    `Refused` for bytes beyond the length that was said. It holds no lock of the database.
    """
    row = _own_apart(ctx, upload_id)
    with _locked(part_of(row.id)) as file:
        if file.seek(0, os.SEEK_END) != offset:
            raise Conflict(N_("这一段的位置不对，请从服务器已收到的地方继续。"), code="wrong_offset")
        _copy(piece, file, min(row.bytes - offset, UPLOADS.piece_bytes))
    if piece.read(1):
        raise Refused("piece_too_long", N_("收到的比文件说的还长。文件可能正在被改动，请重新选择。"))
    return opened(row)


def finish_upload(ctx: Context, upload_id: str) -> Taken:
    """This function will take in an upload that is whole, with the same checks as any other, and forget the upload.

    Killed in the middle it can be asked again, and the file is taken once. Raises `Forbidden`, `NotFound`, and `Conflict` (`not_whole`) while
    bytes are missing.
    """
    row = _own_apart(ctx, upload_id)
    with _locked(part_of(row.id)) as file:
        if file.seek(0, os.SEEK_END) != row.bytes:
            raise Conflict(N_("文件还没有传完。"), code="not_whole")
        # What was reserved for it is free again before the file itself is counted.
        on_its_own(ctx, lambda own: _release(own, row.id))
        taken = take_file(ctx, part_of(row.id), row.name, Purpose(row.purpose))
        on_its_own(ctx, lambda own: own.session.delete(get_own_upload(own, row.id)))
    workshop.clear(FOLDER, f"{row.id}.part")
    return taken


def drop_upload(ctx: Context, upload_id: str) -> None:
    """This function will give up an upload; raises `Forbidden` and `NotFound`."""
    ask(ctx, Permission.MEDIA_UPLOAD)
    ctx.session.delete(get_own_upload(ctx, upload_id))
    ctx.session.flush()
    workshop.clear(FOLDER, f"{upload_id}.part")


def _open(ctx: Context, name: str, stamp: str, begun: Begun) -> UnfinishedUpload:
    if own_count(ctx.session, ctx.actor.user_id) >= UPLOADS.open_per_person:
        raise Refused(
            "too_many_uploads",
            N_("您还有 %(n)d 个文件没有传完，请先传完或取消一些。", n=UPLOADS.open_per_person),
        )
    check_quota(ctx, begun.bytes)
    row = UnfinishedUpload(
        id=new_id(), user_id=ctx.actor.user_id, name=name, bytes=begun.bytes, reserved=begun.bytes, stamp=stamp,
        purpose=begun.purpose.value, created_at=clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _judge_length(length: int) -> None:
    if length < 1:
        raise Refused("upload_empty", N_("这个文件是空的。请重新选择。"))
    if length > SOURCES.bytes:
        raise Refused(
            "upload_too_large",
            N_("文件太大，最多 %(limit)d MB。请压缩或剪短后再上传。", limit=SOURCES.bytes // MEBIBYTE),
        )


def _own_apart(ctx: Context, upload_id: str) -> UnfinishedUpload:
    with session_beside(ctx.session) as reading:
        own = replace(ctx, session=reading)
        ask(own, Permission.MEDIA_UPLOAD)
        return get_own_upload(own, upload_id)


def _release(ctx: Context, upload_id: str) -> None:
    get_own_upload(ctx, upload_id).reserved = 0


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open the bytes of an upload for appending, for this process and thread alone; raises `Conflict` where another one is at it."""
    workshop.place(FOLDER)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise Conflict(N_("这个文件的另一段正在接收，请稍后继续。"), code="busy") from busy
        yield file


def _copy(piece: IO[bytes], file: BinaryIO, most: int) -> None:
    try:
        while most > 0 and (data := piece.read(min(most, _COPY_BYTES))):
            file.write(data)
            most -= len(data)
        file.flush()
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull from error
        raise
