"""The files that content names, described for the zone document and placed for the publisher."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

from sqlalchemy.orm import Session

from portal.media import queries as media
from portal.media.renditions import Rendition
from portal.releases.assets import AssetInfo, Variant
from portal.releases.public_names import ASSET_TYPES, asset_path
from portal.releases.site import site

_EXTENSIONS = {media_type: ext for ext, media_type in ASSET_TYPES.items()}


@dataclass(frozen=True)
class PublishedFile:
    """One file that must lie below `/pub/assets/` before a document may name it."""

    sha256: str
    ext: str
    bytes: int


def describe(session: Session, shas: Collection[str]) -> Mapping[str, AssetInfo]:
    """This function will return, by SHA-256, what a document says about the tenant's files, posters included."""
    described: dict[str, AssetInfo] = {}
    for sha256, info in media.asset_infos(session, shas).items():
        described[sha256] = AssetInfo(
            sha256=sha256,
            bytes=info.bytes,
            type=info.type,
            url=_url(sha256, info.type),
            width=info.width or None,
            height=info.height or None,
            seconds=None if info.seconds is None else ceil(info.seconds),
            poster=info.poster.sha256 if info.poster else None,
            variants=tuple(_variant(each) for each in info.variants),
        )
        if info.poster is not None:
            described[info.poster.sha256] = _poster(info.poster)
    return described


def published_address(file: Rendition) -> str | None:
    """This function will return where boxes fetch one of the tenant's files, None for a file that does not lie there."""
    address = _url(file.sha256, file.type)
    return address if site().holds(address) else None


def files_of(document: Mapping[str, object]) -> set[PublishedFile]:
    """This function will return every file that a zone document names, variants included."""
    files: set[PublishedFile] = set()
    assets = document["assets"]
    assert isinstance(assets, list)  # noqa: S101 - the document was checked against the contract
    for asset in assets:
        for each in (asset, *asset["variants"]):
            files.add(PublishedFile(each["sha256"], _extension(each["type"]), each["bytes"]))
    return files


def _extension(media_type: str) -> str:
    return _EXTENSIONS[media_type]


def _url(sha256: str, media_type: str) -> str:
    return f"/pub/{asset_path(sha256, _extension(media_type))}"


def _variant(rendition: Rendition) -> Variant:
    return Variant(
        rendition.sha256,
        rendition.bytes,
        rendition.type,
        _url(rendition.sha256, rendition.type),
        rendition.width,
        rendition.height,
    )


def _poster(rendition: Rendition) -> AssetInfo:
    return AssetInfo(
        sha256=rendition.sha256,
        bytes=rendition.bytes,
        type=rendition.type,
        url=_url(rendition.sha256, rendition.type),
        width=rendition.width,
        height=rendition.height,
    )
