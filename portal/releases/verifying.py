"""Checking what lies below `/pub/` as a box would, without database and without keys of the portal: `portal release verify`.

Everything comes by `read`, which returns the bytes at a path of the contract or raises `FileNotFoundError`.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from portal.releases.pointer import Pointer
from portal.releases.public_names import asset_path, document_path, pointer_path, signed_pointer_path
from portal.releases.published_assets import files_of
from portal.releases.schema import ZoneDocument
from portal.releases.signing.jws import BadSignature, Jwk, verify
from portal.releases.signing.keyset import TrustedKeys, read_key_list

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Fault:
    """Something that a box would reject, or that is not there."""

    path: str
    why: str


def verified_keys(read: Read, root: Jwk) -> TrustedKeys:
    """This function will return the release keys that the root key vouches for; raises `BadSignature`, `FileNotFoundError`.

    The list for tools has to be the very one that was signed.
    """
    signed = read("keys.jws")
    trusted = read_key_list(signed, root)
    if verify(signed, {root["kid"]: root}).payload != read("keys.json"):
        raise BadSignature("keys.json is not what keys.jws signs")
    return trusted


def check_pointer(signed: bytes, trusted: TrustedKeys, at: datetime, channel: str | None = None) -> Pointer:
    """This function will return the pointer that `signed` (a `current.jws`) carries, as a box accepts it for the first time.

    Raises `BadSignature` for signatures that do not hold, `ValueError` for a pointer of another channel, one past its validity and
    one against the contract.
    """
    payload = verify(signed, trusted.keys).payload
    pointer = Pointer.model_validate_json(payload)
    if channel is not None and pointer.channel != channel:
        raise ValueError(f"a pointer of the channel {pointer.channel}")
    if datetime.fromisoformat(pointer.valid_until) <= at:
        raise ValueError(f"expired at {pointer.valid_until}")
    return pointer


def check_channel(read: Read, channel: str, trusted: TrustedKeys, at: datetime) -> Iterator[Fault]:
    """This function will yield what is wrong with a channel: its two pointers, its document, every file that this names."""
    path = signed_pointer_path(channel)
    try:
        signed, plain = read(path), read(pointer_path(channel))
        pointer = check_pointer(signed, trusted, at, channel)
        if verify(signed, trusted.keys).payload != plain:
            yield Fault(pointer_path(channel), "other bytes than those that are signed")
    except (BadSignature, FileNotFoundError, ValueError) as error:
        yield Fault(path, _reason(error))
        return
    yield from check_document(read, pointer)


def check_document(read: Read, pointer: Pointer) -> Iterator[Fault]:
    """This function will yield what is wrong with the document that a pointer names, and with the files that it names."""
    path = document_path(pointer.release)
    try:
        data = _promised(read(path), pointer)
        document: Mapping[str, Any] = json.loads(data)
        ZoneDocument.model_validate_json(data)
    except (FileNotFoundError, ValueError) as error:
        yield Fault(path, _reason(error))
        return
    for file in sorted(files_of(document), key=lambda one: one.sha256):
        yield from _check_asset(read, asset_path(file.sha256, file.ext), file.sha256)


def _promised(data: bytes, pointer: Pointer) -> bytes:
    if (hashlib.sha256(data).hexdigest(), len(data)) != (pointer.release, pointer.bytes):
        raise ValueError("other bytes than the pointer promises")
    return data


def _check_asset(read: Read, path: str, sha256: str) -> Iterator[Fault]:
    try:
        if hashlib.sha256(read(path)).hexdigest() != sha256:
            yield Fault(path, "other bytes than its name promises")
    except FileNotFoundError:
        yield Fault(path, "is not there")


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not there"
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"against the contract at {'/'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
