"""The installation's keys as one value: the secret that purposes are derived from, and the ring of keys that seal fields.

The secret never changes: cookies, look-ups by fingerprint and backups hang on it. Sealing keys come and go; the newest one
is active, the older ones only open what they have sealed (docs/decisions/0012-key-ring.md).
"""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
KEY_ID_BYTES = 4

_FIRST_LINE = b"zone-portal key ring 1\n"
_PURPOSE = "zone-portal/"


class WrongRing(ValueError):
    """The bytes are no ring of keys, or the ring would lose what it must have; the text is a sentence."""


@dataclass(frozen=True)
class SealingKey:
    """One key that seals fields; `made_at` is None for the one that follows from the secret itself."""

    key: bytes = field(repr=False)
    made_at: datetime | None = None

    @property
    def id(self) -> str:
        """The name by which a sealed value says what opens it: 8 hex digits of the key's SHA-256."""
        return hashlib.sha256(self.key).digest()[:KEY_ID_BYTES].hex()


@dataclass(frozen=True)
class KeyRing:
    """A secret of at least 32 bytes and the sealing keys, oldest first; the last one is active."""

    secret: bytes = field(repr=False)
    keys: tuple[SealingKey, ...]

    @property
    def active(self) -> SealingKey:
        """The key that seals from now on."""
        return self.keys[-1]

    def find(self, key_id: str) -> SealingKey | None:
        """This function will return the key with this id, or None."""
        return next((one for one in self.keys if one.id == key_id), None)

    def with_new_key(self, at: datetime) -> "KeyRing":
        """This function will return the ring with a new active key, made at `at`."""
        return replace(self, keys=(*self.keys, SealingKey(secrets.token_bytes(KEY_BYTES), at)))

    def without(self, key_id: str) -> "KeyRing":
        """This function will return the ring without an old key; raises `WrongRing` for the active one and one that is not there."""
        if key_id == self.active.id:
            raise WrongRing(f"{key_id} is the active key: rotate first.")
        if self.find(key_id) is None:
            raise WrongRing(f"there is no key {key_id} in the ring.")
        return replace(self, keys=tuple(one for one in self.keys if one.id != key_id))

    def with_older(self, keys: Iterable[SealingKey]) -> "KeyRing":
        """This function will return the ring with those of `keys` that it lacks, as old ones."""
        lacking = tuple(one for one in keys if self.find(one.id) is None)
        return replace(self, keys=(*lacking, *self.keys))


def ring_of_secret(secret: bytes) -> KeyRing:
    """This function will return the ring of an installation that never rotated: one key, derived from its secret."""
    if len(secret) < KEY_BYTES:
        raise ValueError(f"the installation's secret has fewer than {KEY_BYTES} bytes")
    return KeyRing(secret, (SealingKey(derived_key(secret, "seal")),))


def derived_key(secret: bytes, purpose: str) -> bytes:
    """This function will return the 32-byte key of one purpose (HKDF-SHA256, RFC 5869), the same at every start."""
    return HKDF(hashes.SHA256(), KEY_BYTES, None, f"{_PURPOSE}{purpose}".encode()).derive(secret)


def ring_bytes(ring: KeyRing) -> bytes:
    """This function will write a ring as the file holds it: a first line that names the format, then JSON."""
    keys = [
        {"id": one.id, "key": _text(one.key), "made_at": one.made_at.isoformat() if one.made_at else None}
        for one in ring.keys
    ]
    return _FIRST_LINE + json.dumps({"secret": _text(ring.secret), "keys": keys}, indent=1).encode() + b"\n"


def read_ring(data: bytes) -> KeyRing:
    """This function will read what `ring_bytes` wrote, or take bytes of another beginning as a secret alone.

    Raises `WrongRing` for what is neither.
    """
    if not data.startswith(_FIRST_LINE):
        if len(data) < KEY_BYTES:
            raise WrongRing(f"holds fewer than {KEY_BYTES} bytes: bring back the right file.")
        return ring_of_secret(data)
    try:
        told = json.loads(data[len(_FIRST_LINE) :])
        ring = KeyRing(_bytes(told["secret"]), tuple(_key(one) for one in told["keys"]))
        ids = [one["id"] for one in told["keys"]]
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise WrongRing("is a key ring that was cut or changed: bring back the right file.") from error
    whole = len(ring.secret) >= KEY_BYTES and ring.keys and all(len(one.key) == KEY_BYTES for one in ring.keys)
    if not whole or ids != [one.id for one in ring.keys]:
        raise WrongRing("is a key ring that was cut or changed: bring back the right file.")
    return ring


def _key(told: dict[str, str | None]) -> SealingKey:
    made_at = told["made_at"]
    return SealingKey(_bytes(str(told["key"])), datetime.fromisoformat(made_at) if made_at else None)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
