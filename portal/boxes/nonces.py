"""The nonces of proofs (RFC 9449, section 8): authenticated time stamps, so that no server has to remember which it gave.

Every process that holds the installation's secret makes and judges them alike.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from typing import Final

from portal.core.crypto import vault

GOOD_FOR: Final = timedelta(minutes=5)
AHEAD: Final = timedelta(seconds=5)
"""How far the clock of another server may be ahead of this one's."""

_PURPOSE = "dpop nonce"
_STAMP_BYTES = 8
_MARK_BYTES = 16


def new_nonce(at: datetime) -> str:
    """This function will return a nonce that says when it was made, 32 characters of base64url."""
    stamp = int(at.timestamp() * 1000).to_bytes(_STAMP_BYTES)
    return urlsafe_b64encode(stamp + _mark(stamp)).rstrip(b"=").decode()


def age_of(nonce: object, at: datetime) -> timedelta | None:
    """This function will return how old a nonce of this installation is, or None for any other, and for one past its time."""
    made = _made_at(nonce)
    if made is None:
        return None
    age = at - made
    return age if -AHEAD <= age < GOOD_FOR else None


def _made_at(nonce: object) -> datetime | None:
    if not isinstance(nonce, str) or len(nonce) != (_STAMP_BYTES + _MARK_BYTES) * 4 // 3:
        return None
    try:
        data = urlsafe_b64decode(nonce)
    except (Error, ValueError):
        return None
    stamp = data[:_STAMP_BYTES]
    if not hmac.compare_digest(data[_STAMP_BYTES:], _mark(stamp)):
        return None
    return datetime.fromtimestamp(int.from_bytes(stamp) / 1000, UTC)


def _mark(stamp: bytes) -> bytes:
    return hmac.digest(vault().key(_PURPOSE), stamp, "sha256")[:_MARK_BYTES]
