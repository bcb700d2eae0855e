"""The part of the media library that stands in an editor's form: the last pictures or videos, one of which can be chosen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from portal.content.editing.frame import asset_url
from portal.media.models import MediaAsset
from portal.media.queries import media_list
from portal.media.states import Kind

_SHOWN: Final = 24
_LOOKED_AT: Final = 3 * _SHOWN


@dataclass(frozen=True)
class Shelved:
    """One file to choose: its SHA-256, the address of a still picture of it, its name; `seconds` of a video."""

    sha256: str
    url: str
    name: str
    seconds: float | None = None


def shelf(session: Session, kind: Kind | None = None, chosen: str | None = None, search: str = "") -> list[Shelved]:
    """This function will return the newest files, all or those of a kind, `chosen` first; the same picture in several sizes counts once.

    One query, or two where what is chosen is not among the newest.
    """
    wanted = media_list(kind=kind, search=search).order_by(MediaAsset.created_at.desc()).limit(_LOOKED_AT)
    rows = list(session.scalars(wanted))
    if chosen and all(row.sha256 != chosen for row in rows):
        rows = [*session.scalars(media_list(kind=kind).where(MediaAsset.sha256 == chosen)), *rows]
    rows.sort(key=lambda row: row.sha256 != chosen)
    return [_shelved(row) for row in _once(rows)][:_SHOWN]


def _once(rows: Iterable[MediaAsset]) -> list[MediaAsset]:
    seen: dict[str, MediaAsset] = {}
    for row in rows:
        seen.setdefault(row.original_sha256 or row.sha256, row)
    return list(seen.values())


def _shelved(row: MediaAsset) -> Shelved:
    still = row.poster["sha256"] if row.poster else row.sha256
    return Shelved(row.sha256, asset_url(still), row.name, row.seconds)
