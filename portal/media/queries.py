"""Reads of media; each within the tenant of its session."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portal.core import clock
from portal.core.canonical import canonical_sha256
from portal.core.errors import NotFound
from portal.core.ids import MediaId, TenantId, is_id
from portal.core.tenancy import unseen_of
from portal.media.apk.queries import MEDIA_TYPE, app_files
from portal.media.limits import RECYCLE_BIN_DAYS, TENANT_BYTES
from portal.media.models import AppFile, Conversion, MediaAsset, MediaTag, UnfinishedUpload
from portal.media.renditions import Rendition
from portal.media.states import Kind, Purpose, Stage

SORTS: Mapping[str, Any] = {
    "created": MediaAsset.created_at,
    "name": MediaAsset.name,
    "bytes": MediaAsset.bytes,
    "look": MediaAsset.look,
}
_TAGS_SHOWN = 100


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

    @property
    def renditions(self) -> str:
        """The SHA-256 of the list of these files: what the record of the upload vouches for."""
        return canonical_sha256([each.as_json() for each in self.files])


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
    *,
    kind: Kind | None = None,
    purpose: Purpose | None = None,
    search: str = "",
    tag: str = "",
    alike: bool = False,
    deleted: bool = False,
) -> Select[MediaAsset]:
    """This function will return the statement for the library or, with `deleted`, the recycle bin, to be sorted by `SORTS`.

    `search` is looked for in names and in their pinyin; `alike` keeps what looks like another picture made for the same place.
    """
    statement = select(MediaAsset).where(
        MediaAsset.deleted_at.is_not(None) & kept() if deleted else MediaAsset.deleted_at.is_(None)
    )
    if kind is not None:
        statement = statement.where(MediaAsset.kind == kind)
    if purpose is not None:
        statement = statement.where(MediaAsset.purpose == purpose)
    if tag:
        statement = statement.where(MediaAsset.id.in_(select(MediaTag.asset_id).where(MediaTag.tag == tag)))
    if alike:
        statement = statement.where(_has_a_double())
    words = search.strip()
    if words:
        by_sound = MediaAsset.pinyin.icontains(words.replace(" ", ""), autoescape=True)
        statement = statement.where(or_(MediaAsset.name.icontains(words, autoescape=True), by_sound))
    return statement


def _has_a_double() -> ColumnElement[bool]:
    other = aliased(MediaAsset)
    same = (other.tenant_id == MediaAsset.tenant_id) & (other.look == MediaAsset.look) & (other.id != MediaAsset.id)
    return exists().where(same, other.purpose == MediaAsset.purpose, other.deleted_at.is_(None))


def tags_of(session: Session, media_ids: Collection[str]) -> Mapping[str, list[str]]:
    """This function will return the tags of some files, sorted, by the file's id; one query."""
    found: dict[str, list[str]] = {}
    wanted = select(MediaTag.asset_id, MediaTag.tag).where(MediaTag.asset_id.in_(list(media_ids)))
    for asset_id, tag in session.execute(wanted.order_by(MediaTag.tag)):
        found.setdefault(asset_id, []).append(tag)
    return found


def all_tags(session: Session) -> list[str]:
    """This function will return the tags that the tenant's files have, the most used first, at most a hundred."""
    return [row.tag for row in session.execute(_most_used())]


def tags_on_page(session: Session, media_ids: Collection[str]) -> tuple[Mapping[str, list[str]], list[str]]:
    """This function will return `tags_of` the files and `all_tags` together; one query."""
    own = select(MediaTag.asset_id, MediaTag.tag, literal(0).label("uses")).where(
        MediaTag.asset_id.in_(list(media_ids))
    )
    used = _most_used().subquery()
    every = select(null().label("asset_id"), used.c.tag, used.c.uses)
    found: dict[str, list[str]] = {}
    ranked: list[tuple[int, str]] = []
    for asset_id, tag, uses in session.execute(union_all(own, every)):
        if asset_id is None:
            ranked.append((-uses, tag))
        else:
            found.setdefault(asset_id, []).append(tag)
    return {asset_id: sorted(tags) for asset_id, tags in found.items()}, [tag for _, tag in sorted(ranked)]


def _most_used() -> Select[str, int]:
    uses = func.count().label("uses")
    return select(MediaTag.tag, uses).group_by(MediaTag.tag).order_by(uses.desc(), MediaTag.tag).limit(_TAGS_SHOWN)


def doubles_of(session: Session, row: MediaAsset) -> Sequence[MediaAsset]:
    """This function will return the tenant's other pictures that look like this one and were made for the same place."""
    if row.look is None:
        return ()
    same = (MediaAsset.look == row.look) & (MediaAsset.purpose == row.purpose) & (MediaAsset.id != row.id)
    return session.scalars(select(MediaAsset).where(same, MediaAsset.deleted_at.is_(None))).all()


def kept() -> ColumnElement[bool]:
    """This function will return the condition that an asset is in the library or still in the recycle bin.

    The row of one that fell out of the bin stays, so that the same file uploaded again is the same asset; its files go.
    """
    return or_(MediaAsset.deleted_at.is_(None), MediaAsset.deleted_at > clock.now() - timedelta(days=RECYCLE_BIN_DAYS))


def get_media(session: Session, media_id: MediaId) -> MediaAsset:
    """This function will return the asset, also one in the recycle bin; raises `NotFound`, as for one that its reader may not see."""
    if media_id in unseen_of(session):
        raise NotFound
    # PostgreSQL calls a made-up id an error of the statement; it is an absence like any other.
    found = session.scalar(select(MediaAsset).where(MediaAsset.id == media_id, kept())) if is_id(media_id) else None
    if found is None:
        raise NotFound
    return found


def find_media(session: Session, sha256: str) -> MediaAsset | None:
    """This function will return the tenant's asset with this main rendition, wherever it is, or None."""
    return session.scalar(select(MediaAsset).where(MediaAsset.sha256 == sha256))


def names_of(session: Session, shas: Collection[str]) -> Mapping[str, str]:
    """This function will return what those of the files that the library has are called, by SHA-256; one query."""
    rows = session.scalars(select(MediaAsset).where(MediaAsset.sha256.in_(sorted(shas)))) if shas else ()
    return {row.sha256: row.name for row in rows}


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


def asset_infos_of(
    system: Session, shas: Mapping[TenantId, Collection[str]]
) -> Mapping[TenantId, Mapping[str, AssetInfo]]:
    """This function will return what `asset_infos` tells of pictures and videos, of each tenant its own files; `system` is a session over all, one query."""
    found: dict[TenantId, dict[str, AssetInfo]] = {tenant_id: {} for tenant_id in shas}
    wanted = {sha256 for files in shas.values() for sha256 in files}
    if wanted:
        theirs = MediaAsset.tenant_id.in_(list(shas)), MediaAsset.sha256.in_(sorted(wanted))
        for row in system.scalars(select(MediaAsset).where(*theirs)):
            found[TenantId(row.tenant_id)][row.sha256] = asset_info(row)
    return found


def renditions(session: Session, shas: Collection[str]) -> Mapping[MediaId, AssetInfo]:
    """This function will return what `asset_infos` tells of pictures and videos, by the id of their row, which their records name."""
    rows = session.scalars(select(MediaAsset).where(MediaAsset.sha256.in_(sorted(shas)))) if shas else ()
    return {MediaId(row.id): asset_info(row) for row in rows}


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
