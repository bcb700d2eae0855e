"""What must lie in the public folder, said without looking at it."""

import hashlib
from dataclasses import dataclass

from portal.releases.public_names import asset_path, document_path, pointer_path, signed_pointer_path


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """One file that must lie in the folder: its path, its length in bytes and the SHA-256 of its bytes.

    `modified_at` (seconds since 1970) is for pointers, which may be later but not earlier.
    """

    path: str
    size: int
    sha256: str
    modified_at: int | None = None


def expected_asset(sha256: str, ext: str, size: int) -> ExpectedFile:
    """This function will describe the file of an asset of `size` bytes."""
    return ExpectedFile(asset_path(sha256, ext), size, sha256)


def expected_document(sha256: str, size: int) -> ExpectedFile:
    """This function will describe the file of a zone document of `size` bytes, whose gzip variant is expected with it."""
    return ExpectedFile(document_path(sha256), size, sha256)


def expected_signed_pointer(channel: str, signed: bytes, modified_at: int) -> ExpectedFile:
    """This function will describe the file of a channel's signed pointer with exactly these bytes, no older than `modified_at`."""
    return ExpectedFile(signed_pointer_path(channel), len(signed), hashlib.sha256(signed).hexdigest(), modified_at)


def expected_pointer(channel: str, data: bytes, modified_at: int) -> ExpectedFile:
    """This function will describe the file of a channel's pointer with exactly these bytes, no older than `modified_at`."""
    return ExpectedFile(pointer_path(channel), len(data), hashlib.sha256(data).hexdigest(), modified_at)
