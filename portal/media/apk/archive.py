"""The archive of an app, read through one guarded door: what it promises is judged before anything is unpacked.

An archive is refused for what Android's own reader and this one might understand differently (two directories, a comment, overlapping
or repeated entries), for names that lead elsewhere, and for what unpacks to more than it may.
"""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from portal.media.limits import APKS

_END = b"PK\x05\x06"
_END_BYTES = 22
_LOCAL = b"PK\x03\x04"
_LOCAL_BYTES = 30
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_OVERHEAD = 1 << 20  # a small file may shrink as much as it likes


class NoArchive(Exception):
    """The file is no archive at all."""


class BadArchive(Exception):
    """The archive is cut off or contradicts itself."""


class Bomb(Exception):
    """The archive would unpack to more than it may."""


@dataclass(frozen=True)
class Layout:
    """Where the directory of entries begins and where the end record begins, in bytes; the end record ends the file."""

    directory: int
    end: int
    size: int
    entries: int


class Archive:
    """One app's archive, open for reading."""

    def __init__(self, path: Path) -> None:
        self.file: BinaryIO = path.open("rb")
        try:
            self.layout = _layout(self.file, path.stat().st_size)
            self._zip = zipfile.ZipFile(self.file)
            self._entries = self._judged(self._zip.infolist())
        except (zipfile.BadZipFile, struct.error, UnicodeDecodeError, NotImplementedError, OSError) as wrong:
            self.file.close()
            raise BadArchive(str(wrong)) from wrong
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self) -> tuple[str, ...]:
        """This function will return the names of all entries, in their order."""
        return tuple(self._entries)

    def read(self, name: str, most: int) -> bytes:
        """This function will return an entry unpacked; raises `KeyError`, `Bomb` for more than `most` bytes, `BadArchive`."""
        entry = self._entries[name]
        if entry.file_size > most:
            raise Bomb(name)
        try:
            with self._zip.open(entry) as opened:
                data = opened.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, OSError) as wrong:
            raise BadArchive(str(wrong)) from wrong
        if len(data) > most:
            raise Bomb(name)
        if len(data) != entry.file_size:
            raise BadArchive(f"{name} has not the length that it says")
        return data

    def _judged(self, found: list[zipfile.ZipInfo]) -> Mapping[str, zipfile.ZipInfo]:
        if len(found) != self.layout.entries:
            raise BadArchive("the directory has not as many entries as it says")
        entries: dict[str, zipfile.ZipInfo] = {}
        unpacked = 0
        for entry in found:
            _judge_entry(entry)
            if entry.filename in entries:
                raise BadArchive("two entries have one name")
            entries[entry.filename] = entry
            unpacked += entry.file_size
        if unpacked > APKS.unpacked_bytes:
            raise Bomb("all entries together")
        self._judge_places(found)
        return entries

    def _judge_places(self, found: list[zipfile.ZipInfo]) -> None:
        """Entries lie one after another, each with its own bytes; a bomb of the better sort lets many share the same."""
        free = 0
        for entry in sorted(found, key=lambda one: one.header_offset):
            if entry.header_offset < free:
                raise Bomb("entries share their bytes")
            self.file.seek(entry.header_offset)
            head = self.file.read(_LOCAL_BYTES)
            if len(head) < _LOCAL_BYTES or not head.startswith(_LOCAL):
                raise BadArchive(f"{entry.filename} is not where the directory says")
            name, extra = struct.unpack("<HH", head[26:30])
            free = entry.header_offset + _LOCAL_BYTES + name + extra + entry.compress_size
            if free > self.layout.directory:
                raise BadArchive(f"{entry.filename} reaches into the directory")


def _layout(file: BinaryIO, size: int) -> Layout:
    file.seek(0)
    if file.read(4) != _LOCAL:
        raise NoArchive
    file.seek(max(0, size - _END_BYTES))
    end = file.read(_END_BYTES)
    if len(end) != _END_BYTES or not end.startswith(_END):
        raise BadArchive("no end record, or something after it")
    disk, start_disk, here, entries, length, directory, comment = struct.unpack("<HHHHIIH", end[4:])
    if disk or start_disk or here != entries or comment or directory + length != size - _END_BYTES:
        raise BadArchive("an end record that contradicts the file")
    if entries > APKS.entries or length > APKS.directory_bytes:
        raise Bomb("the directory")
    return Layout(directory, size - _END_BYTES, size, entries)


def _judge_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.split("/")
    if (
        not name
        or name.startswith("/")
        or "\\" in name
        or "\0" in entry.orig_filename
        or ".." in parts
        or len(name) > APKS.name_characters
    ):
        raise BadArchive("an entry with a name that leads elsewhere")
    if entry.compress_type not in _METHODS or entry.flag_bits & _ENCRYPTED:
        raise BadArchive("an entry that is packed in a way that Android does not know")
    if entry.file_size > _OVERHEAD and entry.file_size > entry.compress_size * APKS.ratio:
        raise Bomb(name)
    if entry.compress_type == zipfile.ZIP_STORED and entry.file_size != entry.compress_size:
        raise BadArchive("an entry with two lengths")
