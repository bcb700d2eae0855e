"""Random tokens that somebody carries, and the hash by which the database knows them."""

import hashlib
import secrets

_TOKEN_BYTES = 32


def new_token() -> str:
    """This function will return a new token of 256 random bits, as text that fits into a cookie or an address."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """This function will return what the database keeps of a token: its SHA-256, 64 hex digits.

    A plain hash is enough: there is nothing to guess in 256 random bits.
    """
    return hashlib.sha256(token.encode()).hexdigest()
