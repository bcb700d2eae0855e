"""The numbers of this room, in one place: what is taken in, what is made of it, how much a tenant may keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.media.states import Purpose

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class ImageLimits:
    """What a picture may be at most (and at least) to be decoded at all; edges in pixels."""

    bytes: int = 10 * MEBIBYTE
    pixels: int = 40_000_000
    longest_edge: int = 12_000
    shortest_edge: int = 16
    decoded_at_once: int = 2


@dataclass(frozen=True)
class VideoLimits:
    """What a video may be at most; boxes decode H.264 up to 1080p in 8 bits, 4:2:0."""

    bytes: int = 500 * MEBIBYTE
    width: int = 1920
    height: int = 1080
    seconds: int = 600
    index_bytes: int = 16 * MEBIBYTE
    handled_at_once: int = 2


@dataclass(frozen=True)
class SourceLimits:
    """What a video may be at most to be made into one that boxes play; `attempts` is how often a broken-off run begins anew."""

    bytes: int = 2048 * MEBIBYTE
    width: int = 4096
    height: int = 2304
    seconds: int = VideoLimits.seconds
    probing_seconds: int = 4
    attempts: int = 3
    lease_seconds: int = 30
    waiting_per_tenant: int = 100


@dataclass(frozen=True)
class UploadLimits:
    """An upload in pieces: how long a piece is, how many a person may have open or choose at once, how long one may rest before it is thrown away."""

    piece_bytes: int = 4 * MEBIBYTE
    open_per_person: int = 200
    rest_hours: int = 48
    stamp_characters: int = 40
    files_at_once: int = 50


@dataclass(frozen=True)
class ScanLimits:
    """How long a file may wait for the installation's scanner and be looked at by it, and how many one process has looked at at a time."""

    seconds: float = 60.0
    at_once: int = 2


@dataclass(frozen=True)
class ApkLimits:
    """What an Android app may be at most, on the disk, unpacked, and in everything that it says of itself."""

    bytes: int = 200 * MEBIBYTE
    unpacked_bytes: int = 1024 * MEBIBYTE
    entries: int = 20_000
    directory_bytes: int = 4 * MEBIBYTE
    ratio: int = 200
    name_characters: int = 1000
    manifest_bytes: int = 2 * MEBIBYTE
    resources_bytes: int = 64 * MEBIBYTE
    icon_bytes: int = 4 * MEBIBYTE
    signature_bytes: int = 8 * MEBIBYTE
    signature_parts: int = 64
    chunks: int = 200_000
    strings: int = 500_000
    string_bytes: int = 100_000
    attributes: int = 200
    depth: int = 64
    permissions: int = 200
    permission_characters: int = 200
    package_characters: int = 255
    name_shown: int = 50
    version_shown: int = 100


@dataclass(frozen=True)
class Shape:
    """How a picture is made fit for a place: its size on a 1920x1080 screen, cut to that ratio or whole inside it.

    A `lossless` picture (drawn art with few colours) becomes PNG even without transparency.
    """

    width: int
    height: int
    cut: bool = False
    lossless: bool = False


_FULL_SCREEN = Shape(1920, 1080)

SHAPES: Mapping[Purpose, Shape] = MappingProxyType(
    {
        Purpose.LOGO: Shape(360, 120, lossless=True),
        Purpose.SLOT_LARGE: Shape(852, 486, cut=True),
        Purpose.SLOT_MIDDLE: Shape(414, 231, cut=True),
        Purpose.SLOT_SMALL: Shape(326, 190, cut=True),
        Purpose.ITEM: _FULL_SCREEN,
        Purpose.AD: _FULL_SCREEN,
        Purpose.FRAME: _FULL_SCREEN,
        Purpose.ICON: Shape(96, 96, cut=True, lossless=True),
    }
)

# A 1280x720 screen shows everything at two thirds of its size on a 1920x1080 one.
SMALL_SCREEN = (2, 3)

JPEG_QUALITY = 85
ORIGINAL_EDGE = 3840
ORIGINAL_JPEG_QUALITY = 92
POSTER_AT_SECONDS = 1.0

IMAGES = ImageLimits()
VIDEOS = VideoLimits()
SOURCES = SourceLimits()
UPLOADS = UploadLimits()
SCANS = ScanLimits()
APKS = ApkLimits()

TENANT_BYTES = 20 * 1024 * MEBIBYTE
RECYCLE_BIN_DAYS = 30
UNHELD_FILE_SECONDS = 24 * 60 * 60
NAME_CHARACTERS = 120
TAG_CHARACTERS = 20
TAGS_PER_FILE = 20
CHOSEN_AT_ONCE = 500
