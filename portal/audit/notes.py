"""Checkpoints as signed notes: c2sp.org/tlog-checkpoint over c2sp.org/signed-note, Ed25519. Pure text, no database.

zone-portal/audit/<id of the log>        the origin, which is also the name of the key
1234                                     how many records
<base64 of the root>

— zone-portal/audit/<id of the log> <base64 of key id and signature>
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.audit.tree import HASH_BYTES

_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_LARGEST_TEXT: Final = 10_000
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class BadCheckpoint(ValueError):
    """The text is no checkpoint of this form."""


@dataclass(frozen=True)
class Checkpoint:
    """What is said of a log: which one, how many records, which root."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class SignedNote:
    """A checkpoint with the signatures that stand below it, as name and bytes (key id, then signature)."""

    checkpoint: Checkpoint
    body: str
    signatures: tuple[tuple[str, bytes], ...]

    def is_signed_by(self, public: Ed25519PublicKey) -> bool:
        """This function will tell whether one of the signatures is this key's, and none that claims to be is false."""
        name = self.checkpoint.origin
        mine = [data for each, data in self.signatures if each == name and data[:_KEY_ID_BYTES] == key_id(name, public)]
        return bool(mine) and all(_holds(public, data[_KEY_ID_BYTES:], self.body) for data in mine)


def origin_of(log_id: str) -> str:
    """This function will return the origin of the log with this id."""
    return f"zone-portal/audit/{log_id}"


def key_id(name: str, public: Ed25519PublicKey) -> bytes:
    """This function will return the 4 bytes by which a note names a key."""
    return sha256(f"{name}\n".encode() + _ED25519 + public.public_bytes_raw()).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, public: Ed25519PublicKey) -> str:
    """This function will return the public key in the form that verifiers of notes take."""
    return f"{name}+{key_id(name, public).hex()}+{b64encode(_ED25519 + public.public_bytes_raw()).decode()}"


def sign_note(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> str:
    """This function will return the checkpoint as a signed note."""
    data = key_id(checkpoint.origin, private.public_key()) + private.sign(checkpoint.body.encode())
    return f"{checkpoint.body}\n— {checkpoint.origin} {b64encode(data).decode()}\n"


def read_note(text: str) -> SignedNote:
    """This function will read a signed checkpoint; raises `BadCheckpoint` for anything else."""
    body, blank, below = text.rpartition("\n\n")
    if len(text) > _LARGEST_TEXT or not blank or not below.endswith("\n"):
        raise BadCheckpoint("no text with a blank line and signatures below it")
    lines = body.split("\n")
    if len(lines) < 3 or not lines[0] or not _NUMBER.fullmatch(lines[1]):  # noqa: PLR2004 - origin, size, root; more may follow
        raise BadCheckpoint("the three lines of a checkpoint are missing")
    root = _decode(lines[2])
    if len(root) != HASH_BYTES:
        raise BadCheckpoint("the root is not a SHA-256")
    signatures = tuple(_signature(line) for line in below.removesuffix("\n").split("\n"))
    return SignedNote(Checkpoint(lines[0], int(lines[1]), root), f"{body}\n", signatures)


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, data = rest.partition(" ")
    if dash != "—" or not name or not data:
        raise BadCheckpoint("a signature line is not of the form — name base64")
    return name, _decode(data)


def _decode(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (BadBase64, ValueError) as bad:
        raise BadCheckpoint("something is not base64") from bad


def _holds(public: Ed25519PublicKey, signature: bytes, body: str) -> bool:
    try:
        public.verify(signature, body.encode())
    except InvalidSignature:
        return False
    return True
