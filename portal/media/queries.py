"""Reads of media; each within the tenant of its session."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.errors import NotFound
from portal.core.ids import MediaId, is_id
from portal.media.apk.queries import MEDIA_TYPE, app_files
from portal.media.limits import RECYCLE_BIN_DAYS, TENANT_BYTES
from portal.media.models import AppFile, Conversion, MediaAsset, UnfinishedUpload
from portal.media.renditions import Rendition
from portal.media.states import Kind, Purpose, Stage
from portal.media.storage import storage

SORTS: Mapping[str, Any] = {"created": MediaAsset.created_at, "name": MediaAsset.name, "bytes": MediaAsset.bytes}


@dataclass(frozen=True)
class AssetInfo:
    """What a zone document says about a file; `poster` of a video is a picture of its own.

    `deleted` is true while the file lies in the recycle bin: what already shows it goes on, nothing new may refer to it.
    """

    sha256: str
    kind: Kind
    bytes: int
    type: str
    width: int
    height: int
    seconds: float | None
    poster: Rendition | None
    variants: tuple[Rendition, ...]
    deleted: bool

    @property
    def files(self) -> tuple[Rendition, ...]:
        """Every file that has to lie below `/pub/assets/` for a box to show this one, each once."""
        main = Rendition(self.sha256, self.bytes, self.type, self.width, self.height)
        every = (main, *self.variants, *((self.poster,) if self.poster else ()))
        return tuple({each.sha256: each for each in every}.values())


@dataclass(frozen=True)
class Quota:
    """How many bytes a tenant's files take, the recycle bin included, and how many they may."""

    used: int
    limit: int

    @property
    def left(self) -> int:
        """How many bytes more it may upload."""
        return max(0, self.limit - self.used)


def media_list(
    *, kind: Kind | None = None, purpose: Purpose | None = None, search: str = "", deleted: bool = False
) -> Select[MediaAsset]:
    """This function will return the statement for the library or, with `deleted`, the recycle bin, to be sorted by `SORTS`.

    `search` is looked for in names and in their pinyin.
    """
    statement = select(MediaAsset).where(
        MediaAsset.deleted_at.is_not(None) & kept() if deleted else MediaAsset.deleted_at.is_(None)
    )
    if kind is not None:
        statement = statement.where(MediaAsset.kind == kind)
    if purpose is not None:
        statement = statement.where(MediaAsset.purpose == purpose)
    words = search.strip()
    if words:
        by_sound = MediaAsset.pinyin.icontains(words.replace(" ", ""), autoescape=True)
        statement = statement.where(or_(MediaAsset.name.icontains(words, autoescape=True), by_sound))
    return statement


def kept() -> ColumnElement[bool]:
    """This function will return the condition that an asset is in the library or still in the recycle bin.

    The row of one that fell out of the bin stays, so that the same file uploaded again is the same asset; its files go.
    """
    return or_(MediaAsset.deleted_at.is_(None), MediaAsset.deleted_at > clock.now() - timedelta(days=RECYCLE_BIN_DAYS))


def get_media(session: Session, media_id: MediaId) -> MediaAsset:
    """This function will return the asset, also one in the recycle bin; raises `NotFound`."""
    # PostgreSQL calls a made-up id an error of the statement; it is an absence like any other.
    found = session.scalar(select(MediaAsset).where(MediaAsset.id == media_id, kept())) if is_id(media_id) else None
    if found is None:
        raise NotFound
    return found


def find_media(session: Session, sha256: str) -> MediaAsset | None:
    """This function will return the tenant's asset with this main rendition, wherever it is, or None."""
    return session.scalar(select(MediaAsset).where(MediaAsset.sha256 == sha256))


def find_rendition(session: Session, sha256: str) -> Rendition | None:
    """This function will return the tenant's file with this hash, main one, smaller one or poster, or None."""
    named = or_(
        cast(MediaAsset.variants, Text).contains(sha256, autoescape=True),
        cast(MediaAsset.poster, Text).contains(sha256, autoescape=True),
    )
    row = find_media(session, sha256) or session.scalars(select(MediaAsset).where(named).limit(1)).first()
    files = asset_info(row).files if row is not None else ()
    return next((rendition for rendition in files if rendition.sha256 == sha256), None)


def asset_infos(session: Session, shas: Collection[str]) -> Mapping[str, AssetInfo]:
    """This function will return, what is known about those of the files that the tenant has, by SHA-256; one query, or two where some are apps.

    What lies in the recycle bin is there too, marked `deleted`.
    """
    if not shas:
        return {}
    rows = session.scalars(select(MediaAsset).where(MediaAsset.sha256.in_(sorted(shas))))
    found = {row.sha256: asset_info(row) for row in rows}
    apps = app_files(session, set(shas) - found.keys())
    return found | {sha256: app_info(row) for sha256, row in apps.items()}


def app_info(row: AppFile) -> AssetInfo:
    """This function will return what a zone document says about an app: no size in pixels, one file."""
    return AssetInfo(row.sha256, Kind.APP, row.bytes, MEDIA_TYPE, 0, 0, None, None, (), deleted=False)


def asset_info(row: MediaAsset) -> AssetInfo:
    """This function will return what a zone document says about the asset."""
    return AssetInfo(
        sha256=row.sha256,
        kind=Kind(row.kind),
        bytes=row.bytes,
        type=row.type,
        width=row.width,
        height=row.height,
        seconds=row.seconds,
        poster=Rendition.from_json(row.poster) if row.poster else None,
        variants=tuple(Rendition.from_json(each) for each in row.variants),
        deleted=row.deleted_at is not None,
    )


def quota(session: Session) -> Quota:
    """This function will return what the session's tenant uses, waiting videos and open uploads included, and may use."""
    stored = select(func.sum(MediaAsset.stored_bytes)).where(kept()).scalar_subquery()
    waiting = select(func.sum(Conversion.source_bytes)).where(Conversion.stage == Stage.WAITING).scalar_subquery()
    reserved = select(func.sum(UnfinishedUpload.reserved)).scalar_subquery()
    apps = select(func.sum(AppFile.bytes)).scalar_subquery()
    used = session.scalar(
        select(
            func.coalesce(stored, 0) + func.coalesce(waiting, 0) + func.coalesce(reserved, 0) + func.coalesce(apps, 0)
        )
    )
    return Quota(int(used or 0), TENANT_BYTES)


def open_published(sha256: str) -> BinaryIO:
    """This function will open a rendition for the publisher, who has its hash from a row of the tenant.

    Raises `FileNotFoundError`.
    """
    return storage().open(sha256)


def open_rendition(session: Session, media_id: MediaId, sha256: str) -> tuple[Rendition, BinaryIO]:
    """This function will open one of the asset's own files, for the console; raises `NotFound` for any other hash."""
    info = asset_info(get_media(session, media_id))
    for rendition in info.files:
        if rendition.sha256 == sha256:
            return rendition, storage().open(sha256)
    raise NotFound
