"""The boxes of a made fleet, each by its number alone: id, key, token, serial number. Nothing of it has to be stored."""

import json
from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from portal.core.ids import BoxId

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (FIPS 186-5)."""


def box_id(number: int) -> BoxId:
    """This function will return the id of the box."""
    return BoxId(f"01980000-0000-7000-8000-{number:012x}")


def serial(number: int) -> str:
    """This function will return the serial number of the box."""
    return f"BENCH{number:08d}"


def token(number: int) -> str:
    """This function will return the token that the box carries."""
    return base64url(sha256(b"bench token %d" % number).digest())


def key(number: int) -> ec.EllipticCurvePrivateKey:
    """This function will return the key of the box."""
    return ec.derive_private_key(
        int.from_bytes(sha256(b"bench box %d" % number).digest()) % _ORDER or 1, ec.SECP256R1()
    )


def public_jwk(private: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """This function will return the public part of a key as a JWK, its members in the order of RFC 7638."""
    point = private.public_key().public_numbers()
    return {"crv": "P-256", "kty": "EC", "x": base64url(point.x.to_bytes(32)), "y": base64url(point.y.to_bytes(32))}


@cache
def thumbprint(number: int) -> str:
    """This function will return the thumbprint (RFC 7638) of the box's key."""
    return base64url(sha256(json.dumps(public_jwk(key(number)), separators=(",", ":")).encode()).digest())


def base64url(data: bytes) -> str:
    """This function will return `data` as base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
