"""A stream of bytes sealed as it is written, for what is too large for one piece: AES-256-GCM chunk by chunk.

Each chunk's nonce is its number and whether it is the last one (the STREAM construction), and every chunk is bound to the header, so
that nothing can be changed, cut, doubled, moved or taken from another stream. What a reader hands out is authentic; that a
stream is whole is known when its last chunk has been read.
"""

import hashlib
import hmac
import io
import secrets
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK_BYTES = 1 << 20

_MAGIC = b"zone-portal sealed stream 1\n"
_MARK_BYTES = 8
_SALT_BYTES = 32
_TAG_BYTES = 16
_LENGTH = struct.Struct(">I")
_NONCE = struct.Struct(">3xQ?")
_HEADER_BYTES = len(_MAGIC) + _MARK_BYTES + _SALT_BYTES


class StreamBroken(Exception):
    """The stream was changed or cut, or is none; the text says where."""


class ForeignStream(StreamBroken):
    """The stream was sealed with another key."""


class SealedWriter(io.RawIOBase):
    """A file to write to whose bytes arrive in `target` sealed with `key` (32 bytes); it is whole once closed."""

    def __init__(self, target: BinaryIO, key: bytes) -> None:
        self._target = target
        salt = secrets.token_bytes(_SALT_BYTES)
        self._header = _MAGIC + _mark(key) + salt
        self._cipher = _cipher(key, salt)
        self._number = 0
        self._waiting = bytearray()
        target.write(self._header)

    def writable(self) -> bool:
        """This function will say yes."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """This function will take all of `data`."""
        self._waiting += data
        while len(self._waiting) > CHUNK_BYTES:  # the last chunk is known only at the end
            self._put(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]
        return len(data)

    def finish(self) -> None:
        """This function will write the last chunk; a stream without it does not open."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_NONCE.pack(self._number, last), chunk, self._header)
        self._target.write(_LENGTH.pack(len(sealed)) + sealed)
        self._number += 1


class SealedReader(io.RawIOBase):
    """A file to read from that opens what a `SealedWriter` wrote to `source`; raises `StreamBroken`, `ForeignStream`."""

    def __init__(self, source: BinaryIO, key: bytes) -> None:
        self._source = source
        self._header = source.read(_HEADER_BYTES)
        if len(self._header) != _HEADER_BYTES or not self._header.startswith(_MAGIC):
            raise StreamBroken("this is no sealed stream")
        if not hmac.compare_digest(self._header[len(_MAGIC) : len(_MAGIC) + _MARK_BYTES], _mark(key)):
            raise ForeignStream("sealed with another key")
        self._cipher = _cipher(key, self._header[-_SALT_BYTES:])
        self._number = 0
        self._open = b""
        self._ended = False

    def readable(self) -> bool:
        """This function will say yes."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """This function will return the next `size` bytes, all that is left for a negative one, fewer only at the end."""
        parts, wanted = [], size
        while wanted != 0 and (self._open or self._next()):
            part = self._open if wanted < 0 else self._open[:wanted]
            self._open = self._open[len(part) :]
            parts.append(part)
            wanted -= len(part) if wanted > 0 else 0
        return b"".join(parts)

    def _next(self) -> bool:
        """Open the next chunk that holds anything; tells whether there was one."""
        while not self._open:
            if self._ended:
                return False
            self._open = self._chunk()
        return True

    def _chunk(self) -> bytes:
        length = self._source.read(_LENGTH.size)
        if len(length) != _LENGTH.size:
            raise StreamBroken(f"cut after chunk {self._number}")
        (size,) = _LENGTH.unpack(length)
        sealed = self._source.read(size) if _TAG_BYTES <= size <= CHUNK_BYTES + _TAG_BYTES else b""
        if len(sealed) != size:
            raise StreamBroken(f"cut in chunk {self._number + 1}")
        for last in (False, True):
            try:
                chunk = self._cipher.decrypt(_NONCE.pack(self._number, last), sealed, self._header)
            except (InvalidTag, ValueError):
                continue
            self._ended = last
            self._number += 1
            if last and self._source.read(1):
                raise StreamBroken("something follows the last chunk")
            return chunk
        raise StreamBroken(f"changed or cut in chunk {self._number + 1}")


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt, _MAGIC).derive(key))


def _mark(key: bytes) -> bytes:
    """What names a key without telling anything of it."""
    return hmac.new(key, _MAGIC, hashlib.sha256).digest()[:_MARK_BYTES]
