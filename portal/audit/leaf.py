"""The bytes of a record: what its stamp signs and what the tree hashes, canonical JSON (RFC 8785) of its columns."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from json import JSONEncoder
from typing import Any, Final

VERSION: Final = 1  # sealed and signed
UNSEALED: Final = 0  # written before records were sealed and signed; such records come first, if at all

# In the order of canonical JSON, so that nothing has to be sorted a million times.
SIGNED: Final = (
    "actor_id",
    "actor_layer",
    "actor_role",
    "at",
    "auth_level",
    "auth_method",
    "decided_on",
    "event",
    "outcome",
    "personal",
    "request_id",
    "seal_key",
    "sealed",
    "seq",
    "sign_key",
    "target_id",
    "target_type",
    "tenant_id",
    "version",
)
HASHED: Final = (*SIGNED[:15], "signature", *SIGNED[15:])

_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def statement(record: Mapping[str, Any]) -> bytes:
    """This function will return what a record's stamp signs: every column but `signature` and `nodes`."""
    return _encode({name: _plain(record[name]) for name in SIGNED}).encode()


def leaf(record: Mapping[str, Any]) -> bytes:
    """This function will return the record's leaf: its version as one byte, then every column but `nodes`."""
    return bytes((record["version"],)) + _encode({name: _plain(record[name]) for name in HASHED}).encode()


def _plain(value: Any) -> Any:
    if type(value) is bytes:
        return b64encode(value).decode()
    if type(value) is datetime:
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    return value
