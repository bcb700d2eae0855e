"""The names of the files below /pub/: who writes and who serves them agree on them here.

Paths are part of the contract with the boxes, so there is no fan-out into sub-folders, and a name that is not one of these is neither
written nor served. A path is relative to the public folder, with `/` between its parts.
"""

import re

ASSET_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "apk": "application/vnd.android.package-archive",
}
SCHEMAS = ("pointer-1", "zone-1")

SHA256_PATTERN = "[0-9a-f]{64}"
CHANNEL_PATTERN = "[0-9a-f]{32}"


def asset_path(sha256: str, ext: str) -> str:
    """This function will name the file of an asset by the SHA-256 of its bytes (64 hex digits) and its extension, or raise ValueError."""
    if ext not in ASSET_TYPES:
        raise ValueError(f"not an extension of a published asset: {ext!r}")
    return f"assets/{_checked(sha256, SHA256_PATTERN)}.{ext}"


def document_path(sha256: str) -> str:
    """This function will name the file of a zone document by the SHA-256 of its bytes (64 hex digits), or raise ValueError."""
    return f"releases/{_checked(sha256, SHA256_PATTERN)}.json"


def channel_folder(channel: str) -> str:
    """This function will name the folder of a channel (32 hex digits), or raise ValueError."""
    return f"channels/{_checked(channel, CHANNEL_PATTERN)}"


def pointer_path(channel: str) -> str:
    """This function will name the file of a channel's pointer, or raise ValueError."""
    return f"{channel_folder(channel)}/current.json"


def signed_pointer_path(channel: str) -> str:
    """This function will name the file of a channel's signed pointer, or raise ValueError."""
    return f"{channel_folder(channel)}/current.jws"


def schema_path(name: str) -> str:
    """This function will name the file of a published JSON Schema, `pointer-1` or `zone-1`, or raise ValueError."""
    if name not in SCHEMAS:
        raise ValueError(f"not a published schema: {name!r}")
    return f"schema/{name}.json"


def _checked(name: str, pattern: str) -> str:
    if not re.fullmatch(pattern, name):
        raise ValueError(f"not a published name: {name!r}")
    return name
