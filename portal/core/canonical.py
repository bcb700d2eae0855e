"""Canonical JSON (RFC 8785): the one form in which content is hashed, compared and published."""

from hashlib import sha256

import rfc8785


def canonical(value: object) -> bytes:
    """This function will return `value` (what JSON can hold) as canonical JSON: UTF-8, sorted keys, no white space.

    Raises `ValueError` for what has no canonical form: a number outside the safe range, NaN, a lone surrogate, a key that is not text.
    """
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # its types name JSON, ours is any object; it checks at run time


def canonical_sha256(value: object) -> str:
    """This function will return the SHA-256 of the canonical JSON of `value` as 64 lower-case hex digits."""
    return sha256(canonical(value)).hexdigest()
