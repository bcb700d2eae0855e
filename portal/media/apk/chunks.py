"""Android's binary resources: chunks with a type and a length, pools of strings, typed values (AOSP `ResourceTypes.h`)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from portal.media.limits import APKS

STRING_POOL, TABLE, XML = 0x0001, 0x0002, 0x0003
_HEADER = 8
_UTF8 = 1 << 8
NO_STRING = 0xFFFFFFFF

REFERENCE, STRING, FLOAT, INT_DEC, INT_HEX, BOOLEAN = 0x01, 0x03, 0x04, 0x10, 0x11, 0x12


class BadResources(Exception):
    """A chunk does not fit into the one around it, or says of itself what cannot be."""


@dataclass(frozen=True)
class Chunk:
    """One chunk: its type, the length of its header, and all its bytes, the header included."""

    type: int
    header: int
    data: memoryview

    def numbers(self, format_: str, at: int) -> tuple[int, ...]:
        """This function will read little-endian numbers; raises `BadResources` beyond the chunk's end."""
        try:
            return struct.unpack_from("<" + format_, self.data, at)
        except struct.error as short:
            raise BadResources("a chunk is too short") from short

    def children(self) -> Iterator["Chunk"]:
        """This function will yield the chunks behind the header."""
        return chunks(self.data[self.header :])


def chunks(data: memoryview) -> Iterator[Chunk]:
    """This function will yield the chunks of which `data` consists; raises `BadResources`."""
    at = 0
    for _ in range(APKS.chunks):
        if at + _HEADER > len(data):
            return
        kind, header, size = struct.unpack_from("<HHI", data, at)
        if size < _HEADER or header < _HEADER or header > size or at + size > len(data):
            raise BadResources("a chunk does not fit")
        yield Chunk(kind, header, data[at : at + size])
        at += size
    raise BadResources("too many chunks")


@dataclass(frozen=True)
class Value:
    """A typed value: its type, its number, and its text where it is a string of the pool."""

    type: int
    data: int
    text: str | None = None

    def as_text(self) -> str | None:
        """This function will return the value as text: a string, or a plain number."""
        return str(self.data) if self.type in {INT_DEC, INT_HEX} else self.text


class Strings:
    """A pool of strings, each read when it is asked for."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._count, _styles, flags, self._start = chunk.numbers("IIII", 8)[:4]
        self._utf8 = bool(flags & _UTF8)
        if self._count > APKS.strings:
            raise BadResources("too many strings")

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < self._count:
            raise BadResources("no such string")
        (offset,) = self._chunk.numbers("I", self._chunk.header + 4 * index)
        at = self._start + offset
        return self._read_utf8(at) if self._utf8 else self._read_utf16(at)

    def get(self, index: int) -> str | None:
        """This function will return the string of this index, None where the index says that there is none."""
        return None if index == NO_STRING else self[index]

    def _read_utf8(self, at: int) -> str:
        for _ in range(2):  # first the length in characters, then in bytes
            (length,) = self._chunk.numbers("B", at)
            at += 1
            if length & 0x80:
                (low,) = self._chunk.numbers("B", at)
                length, at = (length & 0x7F) << 8 | low, at + 1
        return self._text(at, length, "utf-8")

    def _read_utf16(self, at: int) -> str:
        (length,) = self._chunk.numbers("H", at)
        at += 2
        if length & 0x8000:
            (low,) = self._chunk.numbers("H", at)
            length, at = (length & 0x7FFF) << 16 | low, at + 2
        return self._text(at, 2 * length, "utf-16-le")

    def _text(self, at: int, length: int, encoding: str) -> str:
        if length > APKS.string_bytes or at + length > len(self._chunk.data):
            raise BadResources("a string does not fit")
        return bytes(self._chunk.data[at : at + length]).decode(encoding, "replace")
