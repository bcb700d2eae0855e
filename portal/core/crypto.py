"""Secrets of the installation: the keys derived from its one secret file, and fields sealed with them.

A sealed field is AES-256-GCM with the key's id in front; the associated data names table, column, tenant and row, so
that a ciphertext moved to another row does not open (security promise 4, 数据加密).
"""

import hashlib
import hmac
import secrets
from typing import Any, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.core.ids import new_id

_NONCE_BYTES = 12
_KEY_ID_BYTES = 4
_SECRET_BYTES = 32


class SealBroken(Exception):
    """A sealed value does not open: wrong key, changed bytes, or bytes of another row."""


class Vault:
    """The keys of one installation, derived from its secret by purpose (HKDF-SHA256, RFC 5869)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _SECRET_BYTES:
            raise ValueError(f"the installation's secret has fewer than {_SECRET_BYTES} bytes")
        self._secret = secret
        self._sealing = AESGCM(self.key("seal"))
        self._key_id = hashlib.sha256(self.key("seal")).digest()[:_KEY_ID_BYTES]
        self._lookup = self.key("lookup")

    def key(self, purpose: str) -> bytes:
        """This function will return the 32-byte key of one purpose, the same at every start."""
        return HKDF(hashes.SHA256(), 32, None, f"zone-portal/{purpose}".encode()).derive(self._secret)

    def seal(self, value: str, place: str) -> bytes:
        """This function will return `value` encrypted for the place `place` (key id, nonce, ciphertext)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._key_id + nonce + self._sealing.encrypt(nonce, value.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """This function will return what was sealed for `place`; raises `SealBroken` for anything else."""
        if sealed[:_KEY_ID_BYTES] != self._key_id:
            raise SealBroken(f"{place}: sealed with a key that this installation does not have")
        nonce = sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        try:
            return self._sealing.decrypt(nonce, sealed[_KEY_ID_BYTES + _NONCE_BYTES :], place.encode()).decode()
        except InvalidTag as broken:
            raise SealBroken(f"{place}: the sealed value was changed or belongs elsewhere") from broken

    def fingerprint(self, value: str, purpose: str) -> str:
        """This function will return the keyed hash (64 hex digits) by which a sealed value is looked up."""
        return hmac.new(self._lookup, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


_vault: Vault | None = None


def configure(secret: bytes) -> Vault:
    """This function will make `secret` the installation's secret for this process."""
    global _vault
    _vault = Vault(secret)
    return _vault


def vault() -> Vault:
    """This function will return the installation's keys; raises `RuntimeError` before `configure`."""
    if _vault is None:
        raise RuntimeError("the installation's secret is not loaded")
    return _vault


class Sealed:
    """A text attribute of a model that is kept encrypted in the binary column `<name>_sealed` of the same row."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._column = f"{name}_sealed"

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed": ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: Any, owner: type) -> "Sealed | str | None":
        if row is None:
            return self
        sealed = getattr(row, self._column)
        return None if sealed is None else vault().open(sealed, self._place(row))

    def __set__(self, row: Any, value: str | None) -> None:
        if row.id is None:
            row.id = new_id()
        setattr(row, self._column, None if value is None else vault().seal(value, self._place(row)))

    def _place(self, row: Any) -> str:
        return "|".join((row.__tablename__, self._column, getattr(row, "tenant_id", None) or "-", row.id))
