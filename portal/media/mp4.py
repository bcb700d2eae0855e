"""MP4 files read strictly, box by box (ISO/IEC 14496-12), before any decoder sees them.

Only what is needed to say yes or no is read: fixed paths down the tree, so that neither depth nor number of boxes is the
file's to choose, and nothing outside the file is ever opened.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_BRANDS = frozenset(
    {b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash", *(b"iso%d" % n for n in range(2, 10))}
)
_HEADER, _LONG_HEADER = 8, 16
_MOST_BOXES = 10_000
_LONGEST_FTYP = 4096
_VISUAL_ENTRY, _SOUND_ENTRY, _QUICKTIME_SOUND = 78, 28, 16
_SELF_CONTAINED = 1
_UNKNOWN_DURATION = frozenset({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})


class NotAnMp4(Exception):
    """The file is no MP4 at all."""


class BrokenMp4(Exception):
    """The file begins as an MP4 and does not hold together: cut off, overlapping, or with an index that makes no sense."""


@dataclass(frozen=True)
class Track:
    """One track: its handler (`vide`, `soun`, ...), the codec of its one sample entry, and what that says.

    `profile` is H.264's profile_idc or the object type of an MPEG-4 sound; sizes are in pixels, 0 for sound.
    """

    handler: str
    codec: str
    seconds: float
    width: int = 0
    height: int = 0
    profile: int = 0
    self_contained: bool = True


@dataclass(frozen=True)
class Movie:
    """The tracks of an MP4 file; a fragmented one says its duration only in its fragments, here 0."""

    tracks: tuple[Track, ...]

    def of(self, handler: str) -> tuple[Track, ...]:
        """This function will return the tracks with this handler."""
        return tuple(track for track in self.tracks if track.handler == handler)


@dataclass(frozen=True)
class _Box:
    type: bytes
    data: memoryview

    def number(self, at: int, length: int) -> int:
        if at + length > len(self.data):
            raise BrokenMp4(f"{self.type!r} is too short")
        return int.from_bytes(self.data[at : at + length], "big")

    def children(self, at: int = 0) -> Iterator["_Box"]:
        for _ in range(_MOST_BOXES):
            if at == len(self.data):
                return
            size, start = self.number(at, 4), at + _HEADER
            kind = bytes(self.data[at + 4 : start])
            if size == 1:
                size, start = self.number(start, 8), at + _LONG_HEADER
            if size < start - at or at + size > len(self.data):
                raise BrokenMp4(f"{kind!r} does not fit into {self.type!r}")
            yield _Box(kind, self.data[start : at + size])
            at += size
        raise BrokenMp4(f"{self.type!r} has too many boxes")

    def child(self, *path: bytes) -> "_Box":
        box = self
        for kind in path:
            found = next((each for each in box.children() if each.type == kind), None)
            if found is None:
                raise BrokenMp4(f"{box.type!r} has no {kind!r}")
            box = found
        return box


def read_movie(path: Path, longest_index: int) -> Movie:
    """This function will return the tracks of the MP4 file at `path`, whose index may have `longest_index` bytes.

    Raises `NotAnMp4` or `BrokenMp4`.
    """
    with path.open("rb") as file:
        index = _Box(b"moov", memoryview(_index(file, os.fstat(file.fileno()).st_size, longest_index)))
    return Movie(tuple(_track(box) for box in index.children() if box.type == b"trak"))


def _index(file: BinaryIO, size: int, longest: int) -> bytes:
    """This function will check that the outermost boxes fill the file exactly, and return the contents of the index."""
    _check_brand(file, size)
    start, end = check_outermost(file, size)
    if end - start > longest:
        raise BrokenMp4("an index of absurd length")
    file.seek(start)
    return file.read(end - start)


def check_outermost(file: BinaryIO, size: int) -> tuple[int, int]:
    """This function will return where the contents of the one index begin and end, in a file of boxes that is whole.

    Raises `BrokenMp4` where the outermost boxes do not fill the file exactly, or index or media are missing.
    """
    index, media = None, False
    at = 0
    for _ in range(_MOST_BOXES):
        if at == size:
            break
        kind, start, end = _outermost(file, at, size)
        media = media or kind == b"mdat"
        if kind == b"moov":
            if index is not None:
                raise BrokenMp4("more than one index")
            index = start, end
        at = end
    if at != size or index is None or not media:
        raise BrokenMp4("index or media are missing")
    return index


def _check_brand(file: BinaryIO, size: int) -> None:
    head = file.read(_LONG_HEADER)
    length = int.from_bytes(head[:4], "big")
    if head[4:8] != b"ftyp" or not _LONG_HEADER <= length <= _LONGEST_FTYP:
        raise NotAnMp4
    if length > size:
        raise BrokenMp4("cut off in its first box")
    rest = file.read(length - _LONG_HEADER)
    brands = {head[8:12], *(rest[at : at + 4] for at in range(0, len(rest), 4))}
    if not brands & _BRANDS:
        raise NotAnMp4


def _outermost(file: BinaryIO, at: int, size: int) -> tuple[bytes, int, int]:
    file.seek(at)
    head = file.read(_LONG_HEADER)
    if len(head) < _HEADER:
        raise BrokenMp4("bytes left over")
    length, start = int.from_bytes(head[:4], "big"), at + _HEADER
    if length == 1:
        length, start = int.from_bytes(head[8:16], "big"), at + _LONG_HEADER
    elif length == 0:  # to the end of the file
        length = size - at
    if length < start - at or at + length > size:
        raise BrokenMp4("cut off")
    return head[4:8], start, at + length


def _track(trak: _Box) -> Track:
    media = trak.child(b"mdia")
    handler = bytes(media.child(b"hdlr").data[8:12]).decode("latin-1")
    seconds = _seconds(media.child(b"mdhd"))
    inner = media.child(b"minf")
    contained = _self_contained(inner)
    if handler not in {"vide", "soun"}:
        return Track(handler, "", seconds, self_contained=contained)
    entry = _sample_entry(inner.child(b"stbl", b"stsd"))
    codec = entry.type.decode("latin-1")
    if handler == "soun":
        return Track(handler, codec, seconds, profile=_sound_type(entry), self_contained=contained)
    width, height = entry.number(24, 2), entry.number(26, 2)
    if _lies_on_its_side(trak.child(b"tkhd")):
        width, height = height, width
    return Track(handler, codec, seconds, width, height, _h264_profile(entry), contained)


def _seconds(mdhd: _Box) -> float:
    scale, duration = (
        (mdhd.number(20, 4), mdhd.number(24, 8)) if mdhd.number(0, 1) else (mdhd.number(12, 4), mdhd.number(16, 4))
    )
    if scale == 0:
        raise BrokenMp4("no time scale")
    return 0.0 if duration in _UNKNOWN_DURATION else round(duration / scale, 3)


def _self_contained(minf: _Box) -> bool:
    references = minf.child(b"dinf", b"dref")
    return all(each.number(0, 4) & _SELF_CONTAINED for each in references.children(at=8))


def _sample_entry(stsd: _Box) -> _Box:
    entries = list(stsd.children(at=8))
    if len(entries) != 1:
        raise BrokenMp4("a track must be of one piece")
    return entries[0]


def _lies_on_its_side(tkhd: _Box) -> bool:
    matrix = 52 if tkhd.number(0, 1) else 40
    return tkhd.number(matrix, 4) == 0 and tkhd.number(matrix + 16, 4) == 0


def _h264_profile(entry: _Box) -> int:
    if not entry.type.startswith(b"avc"):
        return 0
    configuration = next((box for box in entry.children(at=_VISUAL_ENTRY) if box.type == b"avcC"), None)
    if configuration is None:
        raise BrokenMp4("H.264 without its parameters")
    return configuration.number(1, 1)


def _sound_type(entry: _Box) -> int:
    if entry.type != b"mp4a":
        return 0
    at = _SOUND_ENTRY + (_QUICKTIME_SOUND if entry.number(8, 2) == 1 else 0)
    descriptor = next((box for box in entry.children(at) if box.type == b"esds"), None)
    return _object_type(descriptor) if descriptor else 0


def _object_type(esds: _Box) -> int:
    """This function will return the object type of an elementary stream (ISO/IEC 14496-1: ES_Descriptor, then decoder)."""
    at = _descriptor(esds, 4, tag=3)
    flags = esds.number(at + 2, 1)
    at += 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
    return esds.number(_descriptor(esds, at, tag=4), 1)


def _descriptor(esds: _Box, at: int, tag: int) -> int:
    if esds.number(at, 1) != tag:
        raise BrokenMp4("an elementary stream is not described")
    for length_byte in range(at + 1, at + 5):
        if not esds.number(length_byte, 1) & 0x80:
            return length_byte + 1
    raise BrokenMp4("a descriptor without end")
