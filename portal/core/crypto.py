"""The keys of this process: purposes derived from the installation's secret, and fields sealed with its ring.

A sealed field is AES-256-GCM with the key's id in front; the associated data names table, column, tenant and row, so
that a ciphertext moved to another place does not open (security promise 4, 数据加密). The file of keys is looked at before
every use, so that a rotation reaches every running process with the next value it seals or opens.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.core.errors import PortalError
from portal.core.ids import new_id
from portal.core.key_ring import KEY_ID_BYTES, KeyRing, derived_key, ring_of_secret
from portal.core.logs import get_logger
from portal.core.messages import N_
from portal.core.settings_values import SettingsError

_NONCE_BYTES = 12
_PLACE_BREAK = "|"

_log = get_logger()


class SealBroken(PortalError):
    """A sealed value does not open: a key that is not there, changed bytes, or bytes of another place."""

    status = 503
    code = "seal_broken"

    def __init__(self, place: str, reason: str) -> None:
        self.table, self.column, _tenant, self.row = (*place.split(_PLACE_BREAK), "", "", "", "")[:4]
        self.reason = reason
        super().__init__(
            N_(
                "有一项加密保存的数据（%(what)s）打不开：密文被改动、被换了位置，或者少了密钥。什么都没有显示，也没有保存；"
                "这件事已经记录，请联系系统管理员。",
                what=f"{self.table}.{self.column}" if self.column else self.table,
            )
        )

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of row {self.row or '-'}: {self.reason}"


class Vault:
    """What the keys of one ring can do."""

    def __init__(self, keys: bytes | KeyRing) -> None:
        self.ring = ring_of_secret(keys) if isinstance(keys, bytes) else keys
        self._ciphers = {bytes.fromhex(one.id): AESGCM(one.key) for one in self.ring.keys}
        self._active = bytes.fromhex(self.ring.active.id)
        self._lookup = self.key("lookup")

    def key(self, purpose: str) -> bytes:
        """This function will return the 32-byte key of one purpose, the same at every start and after every rotation."""
        return derived_key(self.ring.secret, purpose)

    def seal(self, value: str, place: str) -> bytes:
        """This function will return `value` encrypted for the place `place` (key id, nonce, ciphertext)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._active + nonce + self._ciphers[self._active].encrypt(nonce, value.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """This function will return what was sealed for `place`; raises `SealBroken` for anything else."""
        cipher = self._ciphers.get(sealed[:KEY_ID_BYTES])
        if cipher is None:
            raise SealBroken(place, "sealed with a key that this installation does not have")
        nonce = sealed[KEY_ID_BYTES : KEY_ID_BYTES + _NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[KEY_ID_BYTES + _NONCE_BYTES :], place.encode()).decode()
        except (InvalidTag, ValueError) as broken:  # ValueError: too short to hold a nonce
            raise SealBroken(place, "the sealed value was changed or belongs elsewhere") from broken

    def fingerprint(self, value: str, purpose: str) -> str:
        """This function will return the keyed hash (64 hex digits) by which a sealed value is looked up."""
        return hmac.new(self._lookup, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


class KeySource(Protocol):
    """Where a ring comes from, and whether it may have changed there."""

    def stamp(self) -> tuple[int, int, int]:
        """This function will return what differs after every change."""

    def ring(self) -> KeyRing:
        """This function will return the ring as it is now."""


@dataclass
class _Held:
    """The keys of this process, and the state of the source they came from, if it is one that may change."""

    vault: Vault
    source: KeySource | None = None
    stamp: tuple[int, int, int] | None = None


_held: _Held | None = None


def configure(keys: bytes | KeySource) -> Vault:
    """This function will make `keys` the installation's for this process; a source is looked at again whenever it changes."""
    global _held
    if isinstance(keys, bytes):
        _held = _Held(Vault(keys))
    else:
        stamp = keys.stamp()  # before the ring, so that a change in between is met at the next look
        _held = _Held(Vault(keys.ring()), keys, stamp)
    return _held.vault


def vault() -> Vault:
    """This function will return the installation's keys; raises `RuntimeError` before `configure`."""
    if _held is None:
        raise RuntimeError("the installation's secret is not loaded")
    if _held.source is not None:
        _follow(_held, _held.source)
    return _held.vault


@contextmanager
def other_keys() -> Iterator[None]:
    """This function will let a block configure keys of its own, and put those of now back at its end."""
    global _held
    before = _held
    try:
        yield
    finally:
        _held = before


def _follow(held: _Held, source: KeySource) -> None:
    """A file that is gone or spoilt while the portal runs changes nothing: the keys in memory are good, and the log says so."""
    try:
        stamp = source.stamp()
        if stamp == held.stamp:
            return
        ring = source.ring()
    except (OSError, SettingsError) as error:
        _log.warning("the file of keys cannot be read, so that the keys in memory stay in use", error=str(error))
        return
    if ring.secret != held.vault.ring.secret:
        _log.error("the file of keys holds those of another installation, so that the keys in memory stay in use")
        return
    held.vault, held.stamp = Vault(ring), stamp


def place_of(table: str, column: str, tenant_id: str | None, row_id: str) -> str:
    """This function will name the one place in the database at which a sealed value opens."""
    return _PLACE_BREAK.join((table, column, tenant_id or "-", row_id))


class Sealed:
    """A text attribute of a model that is kept encrypted in the binary column `<name>_sealed` of the same row.

    With `lookup`, a purpose, the column `<name>_lookup` holds the value's keyed hash, by which a row is found.
    """

    def __init__(self, *, lookup: str | None = None) -> None:
        self._purpose = lookup

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = f"{name}_sealed"
        self._lookup = f"{name}_lookup"

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed": ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: Any, owner: type) -> "Sealed | str | None":
        if row is None:
            return self
        sealed = getattr(row, self.column)
        return None if sealed is None else vault().open(sealed, self._place(row))

    def __set__(self, row: Any, value: str | None) -> None:
        if row.id is None:
            row.id = new_id()
        setattr(row, self.column, None if value is None else vault().seal(value, self._place(row)))
        if self._purpose is not None:
            setattr(row, self._lookup, None if value is None else self.fingerprint(value))

    def fingerprint(self, value: str) -> str:
        """This function will return what the column `<name>_lookup` holds for `value`; raises `TypeError` without one."""
        if self._purpose is None:
            raise TypeError(f"{self.column} is not looked up")
        return vault().fingerprint(value, self._purpose)

    def _place(self, row: Any) -> str:
        return place_of(row.__tablename__, self.column, getattr(row, "tenant_id", None), row.id)
