"""Writes of conversions: received, cancelled, put away; and how the one who works on it takes it and ends it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import PortalError, Refused
from portal.core.ids import new_id
from portal.core.messages import N_
from portal.media.commands import ask_apart, check_quota, hold, put_pictures, video_row
from portal.media.conversion.queries import get_conversion, is_free, waiting_count
from portal.media.limits import SOURCES
from portal.media.models import Conversion, ConversionRun, MediaAsset
from portal.media.rules import clean_name
from portal.media.scanning import ScannedFile
from portal.media.sources import look_at
from portal.media.states import Stage, Step, stage_after
from portal.media.storage import storage
from portal.media.video import PreparedVideo


@dataclass(frozen=True)
class Received:
    """What became of an upload: the conversion that waits, or the asset that was once made of the very same file."""

    conversion_id: str | None = None
    asset_id: str | None = None


def receive_video(ctx: Context, path: ScannedFile, filename: str) -> Received:
    """This function will take in a video that has to be converted; the worker does that later, and the file stays the caller's.

    The same file again leads to the conversion that waits or to the asset that it became. Raises `Forbidden`, `DiskFull`, and `Refused` as
    `look_at` does, with `media_quota`, or with `too_many_waiting`. Like `add_image` it wants an unused session.
    """
    ask_apart(ctx)
    source = look_at(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        storage().put(sha256, file)
    ask(ctx, Permission.MEDIA_UPLOAD)
    known = _known(ctx, sha256)
    if known is not None:
        return known
    if waiting_count(ctx.session) >= SOURCES.waiting_per_tenant:
        raise Refused(
            "too_many_waiting", N_("还有 %(n)d 个视频在排队转换，请等一些完成后再传。", n=SOURCES.waiting_per_tenant)
        )
    size = path.stat().st_size
    check_quota(ctx, size)
    row = Conversion(
        id=new_id(), stage=Stage.WAITING.value, name=clean_name(filename), source_sha256=sha256, source_bytes=size,
        seconds=source.seconds, uploaded_by=ctx.actor.user_id, created_at=clock.now(),
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.add(ConversionRun(id=row.id))
    record(ctx, Event.VIDEO_RECEIVED, _target(row), name=row.name, sha256=sha256)
    return Received(conversion_id=row.id)


def cancel_conversion(ctx: Context, conversion_id: str) -> None:
    """This function will end a conversion before it is ready; whoever works on it stops within seconds.

    Raises `Forbidden`, `NotFound`, and `Conflict` where it has already ended.
    """
    ask(ctx, Permission.MEDIA_UPLOAD)
    row = get_conversion(ctx.session, conversion_id, lock=True)
    _end(row, Step.CANCEL)
    record(ctx, Event.VIDEO_CANCELLED, _target(row), name=row.name, sha256=row.source_sha256)


def put_away(ctx: Context) -> int:
    """This function will take what has ended out of the tenant's sight, and return how many conversions that were."""
    ask(ctx, Permission.MEDIA_UPLOAD)
    ended = select(Conversion).where(Conversion.ended_at.is_not(None), Conversion.seen_at.is_(None))
    rows = ctx.session.scalars(ended).all()
    for row in rows:
        row.seen_at = clock.now()
        record(ctx, Event.VIDEO_PUT_AWAY, _target(row), name=row.name)
    return len(rows)


def take_run(session: Session, conversion_id: str, holder: str) -> int | None:
    """This function will make `holder` the one who works on a conversion, and return which attempt this is; None if another was faster."""
    took = session.execute(
        update(ConversionRun)
        .where(ConversionRun.id == conversion_id, is_free())
        .values(holder=holder, beat_at=clock.now(), attempts=ConversionRun.attempts + 1, percent=0)
    )
    if not took.rowcount:  # type: ignore[attr-defined]
        return None
    return session.scalar(select(ConversionRun.attempts).where(ConversionRun.id == conversion_id))


def beat(session: Session, conversion_id: str, holder: str, percent: int) -> bool:
    """This function will say that `holder` still works, and return whether it should: it was neither cancelled nor taken for dead."""
    mine = update(ConversionRun).where(ConversionRun.id == conversion_id, ConversionRun.holder == holder)
    alive = session.execute(mine.values(beat_at=clock.now(), percent=percent))
    stage = session.scalar(select(Conversion.stage).where(Conversion.id == conversion_id))
    return bool(alive.rowcount) and stage == Stage.WAITING  # type: ignore[attr-defined]


def give_back(session: Session, conversion_id: str, holder: str) -> None:
    """This function will let the next one begin anew at once; an attempt that was given back does not count."""
    mine = update(ConversionRun).where(ConversionRun.id == conversion_id, ConversionRun.holder == holder)
    earlier = clock.now() - timedelta(seconds=1)
    session.execute(mine.values(holder=None, beat_at=earlier, attempts=ConversionRun.attempts - 1, percent=0))


def finish(ctx: Context, conversion_id: str, holder: str, made: PreparedVideo) -> MediaAsset | None:
    """This function will make the conversion's result an asset of the tenant; None where it is no longer `holder`'s to end.

    Raises `Refused` with `media_quota`. The video itself lies in the storage already.
    """
    ask(ctx, Permission.MEDIA_UPLOAD)
    row = _mine(ctx, conversion_id, holder)
    if row is None:
        return None
    put_pictures([made.poster])
    result = video_row(made)
    result.uploaded_by = row.uploaded_by
    asset = hold(ctx, result, row.name, freed=row.source_bytes)
    row.asset_id = asset.id
    _end(row, Step.FINISH)
    record(ctx, Event.VIDEO_READY, _target(row), name=row.name, sha256=asset.sha256)
    return asset


def fail(ctx: Context, conversion_id: str, holder: str, why: PortalError) -> None:
    """This function will end a conversion that cannot succeed, with the sentence that says why."""
    ask(ctx, Permission.MEDIA_UPLOAD)
    row = _mine(ctx, conversion_id, holder)
    if row is None:
        return
    row.reason = why.message
    _end(row, Step.FAIL)
    record(ctx, Event.VIDEO_FAILED, _target(row), name=row.name, sha256=row.source_sha256, reason=why.code)


def _known(ctx: Context, sha256: str) -> Received | None:
    wanted = select(Conversion).where(Conversion.source_sha256 == sha256, Conversion.stage != Stage.FAILED)
    for row in ctx.session.scalars(wanted.order_by(Conversion.created_at.desc())):
        if row.stage == Stage.WAITING:
            return Received(conversion_id=row.id)
        asset = ctx.session.scalar(select(MediaAsset).where(MediaAsset.id == row.asset_id)) if row.asset_id else None
        if asset is not None and asset.deleted_at is None:
            return Received(asset_id=asset.id)
    return None


def _mine(ctx: Context, conversion_id: str, holder: str) -> Conversion | None:
    row = get_conversion(ctx.session, conversion_id, lock=True)
    holds = ctx.session.scalar(select(ConversionRun.holder).where(ConversionRun.id == conversion_id)) == holder
    return row if holds and row.stage == Stage.WAITING else None


def _end(row: Conversion, step: Step) -> None:
    row.stage = stage_after(Stage(row.stage), step).value
    row.ended_at = clock.now()


def _target(row: Conversion) -> Target:
    return Target("conversion", row.id, row.name)
