"""What may be fetched below /pub/, and with which headers: the table of the box contract."""

import re
from dataclasses import dataclass

from portal.releases.public_names import ASSET_TYPES, CHANNEL_PATTERN, SCHEMAS, SHA256_PATTERN

Headers = list[tuple[str, str]]

POINTER = "public, max-age=30"
KEYS = "public, max-age=300"
IMMUTABLE = "public, max-age=31536000, immutable"

OPEN_TO_ALL = ("Access-Control-Allow-Origin", "*")
"""The player may stand on any host: these files hold no secret, and no cookie is read or set here."""

COMMON: Headers = [("X-Content-Type-Options", "nosniff"), OPEN_TO_ALL]
INERT: Headers = [*COMMON, ("Content-Security-Policy", "default-src 'none'; sandbox")]
"""With these a browser that opens an uploaded file runs nothing of it in the portal's name. JSON of the portal's own making
needs no policy, and every header costs the server more than reading the file does."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Small files of one kind: kept in memory, with a gzip variant when one lies beside them."""

    pattern: re.Pattern[str]
    content_type: str
    cache_control: str
    compressed: bool = False

    @property
    def lasting(self) -> bool:
        """Whether a file is named by its bytes, so that it never holds others."""
        return self.cache_control == IMMUTABLE


def _kind(pattern: str, content_type: str, cache_control: str, *, compressed: bool = False) -> Kind:
    return Kind(re.compile(pattern), content_type, cache_control, compressed)


_KINDS = (
    _kind(rf"channels/{CHANNEL_PATTERN}/current\.json", "application/json", POINTER),
    _kind(rf"channels/{CHANNEL_PATTERN}/current\.jws", "application/jose+json", POINTER),
    _kind(rf"releases/{SHA256_PATTERN}\.json", "application/json", IMMUTABLE, compressed=True),
    _kind(rf"releases/{SHA256_PATTERN}\.json\.gz", "application/gzip", IMMUTABLE),
    _kind(r"keys\.json", "application/jwk-set+json", KEYS, compressed=True),
    _kind(r"keys\.jws", "application/jose+json", KEYS, compressed=True),
    _kind(r"keys\.(json|jws)\.gz", "application/gzip", KEYS),
    _kind(r"roots\.json", "application/json", KEYS),
    _kind(rf"schema/({'|'.join(SCHEMAS)})\.json", "application/schema+json", KEYS),
)
_ASSET = re.compile(rf"assets/({SHA256_PATTERN})\.({'|'.join(ASSET_TYPES)})")


def kind_of(path: str) -> Kind | None:
    """This function will return the kind of a small file by its path, None for everything else."""
    return next((kind for kind in _KINDS if kind.pattern.fullmatch(path)), None)


def asset_of(path: str) -> tuple[str, str] | None:
    """This function will return the SHA-256 and the extension that the path of an asset names, None for everything else."""
    match = _ASSET.fullmatch(path)
    return (match[1], match[2]) if match else None


def headers_of(path: str) -> Headers:
    """This function will return the headers that go with a file wherever it is served from; raises `ValueError` for no published name."""
    if (asset := asset_of(path)) is not None:
        return asset_headers(*asset)
    if (kind := kind_of(path)) is None:
        raise ValueError(f"not a published name: {path!r}")
    return [("Content-Type", kind.content_type), ("Cache-Control", kind.cache_control), *COMMON]


def asset_headers(sha256: str, ext: str) -> Headers:
    """This function will return the headers of an asset but those that depend on the file and the range asked for."""
    shown = ASSET_TYPES[ext].startswith(("image/", "video/"))
    headers = [
        ("Content-Type", ASSET_TYPES[ext]),
        ("ETag", f'"{sha256}"'),
        ("Cache-Control", IMMUTABLE),
        ("Accept-Ranges", "bytes"),
        *INERT,
    ]
    return headers if shown else [*headers, ("Content-Disposition", f'attachment; filename="{sha256}.{ext}"')]
