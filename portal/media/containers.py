"""Videos of any common format, told apart by their first bytes and, where the format says its length, checked to be whole.

Only what is named here is ever handed to ffmpeg, and under that name: a list of addresses, a script or a picture that calls itself
a video gets no further.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from portal.core.errors import Refused
from portal.core.messages import N_
from portal.media.mp4 import BrokenMp4, check_outermost

_HEAD = 1024
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_PACKET = 188
_MOVIE_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_STILLS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"})
_LISTS = (
    b"#extm3u",
    b"<?xml",
    b"<mpd",
    b"<smil",
    b"<asx",
    b"ffconcat",
    b"[playlist]",
    b"[reference]",
    b"file '",
    b"v=0",
)


@dataclass(frozen=True)
class Container:
    """One format: what ffmpeg calls it, how it begins, and how many bytes a file claims to have, None where it does not say."""

    name: str
    begins: Callable[[bytes], bool]
    claims: Callable[[BinaryIO], int | None] = lambda file: None


def _avi_bytes(file: BinaryIO) -> int:
    return int.from_bytes(file.read(8)[4:], "little") + 8


def _matroska_bytes(file: BinaryIO) -> int | None:
    file.seek(len(_EBML))
    length = _vint(file)
    if length is None or length > _HEAD:
        return None
    file.seek(length, 1)
    if file.read(len(_SEGMENT)) != _SEGMENT:
        return None
    size = _vint(file)
    return None if size is None else file.tell() + size


def _vint(file: BinaryIO) -> int | None:
    """This function will read a number of EBML (RFC 8794), None where it says that it does not know."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    length = 9 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] & (0xFF >> length)]) + file.read(length - 1), "big")
    return None if value == (1 << 7 * length) - 1 else value


CONTAINERS = (
    Container("mov", lambda head: head[4:8] in _MOVIE_BOXES),
    Container("matroska", lambda head: head.startswith(_EBML), _matroska_bytes),
    Container("avi", lambda head: head.startswith(b"RIFF") and head[8:12] == b"AVI ", _avi_bytes),
    Container("mpegts", lambda head: all(head[at : at + 1] == b"\x47" for at in (0, _PACKET, 2 * _PACKET))),
    Container("mpeg", lambda head: head.startswith(b"\x00\x00\x01\xba")),
    Container("asf", lambda head: head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")),
    Container("flv", lambda head: head.startswith(b"FLV\x01")),
)


def is_video(head: bytes) -> bool:
    """This function will tell whether a file that begins so is a video of a known format; a telephone's still picture is none."""
    return head[8:12] not in _STILLS and any(each.begins(head) for each in CONTAINERS)


def container_of(path: Path) -> Container:
    """This function will return the format of the file at `path`, by its content.

    Raises `Refused` for a list of addresses, for what is no video that the portal knows, and for a file that was cut off.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(0)
        found = next((each for each in CONTAINERS if each.begins(head)), None)
        if found is None:
            raise _no_video(head)
        if not _is_whole(found, file, path.stat().st_size):
            raise broken()
    return found


def _is_whole(container: Container, file: BinaryIO, size: int) -> bool:
    if container.name == "mov":
        try:
            check_outermost(file, size)
        except BrokenMp4:
            return False
        return True
    claimed = container.claims(file)
    return claimed is None or claimed <= size


def _no_video(head: bytes) -> Refused:
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_LISTS):
        return Refused(
            "video_playlist",
            N_("这个文件是播放列表或网页地址，里面没有视频本身。请上传视频文件（MP4、MOV、MKV、WebM、AVI 等）。"),
        )
    return Refused(
        "video_type_unknown",
        N_("这个文件的内容不是能识别的视频，文件名的后缀不算数。请上传 MP4、MOV、MKV、WebM、AVI、TS 或 WMV 视频。"),
    )


def broken() -> Refused:
    """This function will return the refusal of a video that is cut off or damaged."""
    return Refused("video_broken", N_("视频文件不完整或已损坏，没能读完。请重新导出或重新下载后再上传。"))
