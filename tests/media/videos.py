"""Videos by ffmpeg, and MP4 files built box by box."""

import subprocess
from pathlib import Path

from portal.media.ffmpeg import find_ffmpeg

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration={seconds}")
SOUND = ("-f", "lavfi", "-i", "sine=duration={seconds}")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def make(path: Path, *arguments: str, seconds: float = 1, sound: bool = True) -> Path:
    """This function will have ffmpeg make a short test picture, with a tone, into `path`."""
    program = find_ffmpeg()
    assert program is not None
    inputs = [each.format(seconds=seconds) for each in (*PICTURE, *(SOUND if sound else ()))]
    command = [program, "-y", "-nostdin", "-loglevel", "error", *inputs, *arguments, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def box(kind: bytes, *parts: bytes) -> bytes:
    """This function will return one box of an MP4 file."""
    data = b"".join(parts)
    return (len(data) + 8).to_bytes(4, "big") + kind + data


def words(*numbers: int) -> bytes:
    """This function will return numbers of 32 bits."""
    return b"".join(number.to_bytes(4, "big") for number in numbers)


FTYP = box(b"ftyp", b"isom", words(512), b"isomavc1")
MDAT = box(b"mdat", bytes(64))
UPRIGHT = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
ON_ITS_SIDE = words(0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000)


def avc1(width: int, height: int, profile: int = 100, kind: bytes = b"avc1") -> bytes:
    """This function will return a sample entry of H.264."""
    size = width.to_bytes(2, "big") + height.to_bytes(2, "big")
    return box(kind, bytes(24), size, bytes(50), box(b"avcC", bytes([1, profile, 0, 31])))


def mp4a(object_type: int = 0x40) -> bytes:
    """This function will return a sample entry of MPEG-4 sound."""
    decoder = bytes([4, 0x80, 0x80, 0x80, 13, object_type]) + bytes(12)
    stream = bytes([3, 0x80, 0x80, 0x80, len(decoder) + 3, 0, 1, 0]) + decoder
    return box(b"mp4a", bytes(28), box(b"esds", bytes(4), stream))


def track(
    entry: bytes, *, handler: bytes = b"vide", seconds: int = 5, matrix: bytes = UPRIGHT, contained: int = 1
) -> bytes:
    """This function will return a track with one sample entry."""
    reference = box(b"dref", words(0, 1), box(b"url ", words(contained)))
    description = box(b"stsd", words(0, 1), entry)
    media = box(
        b"mdia",
        box(b"mdhd", words(0, 0, 0, 1000, seconds * 1000, 0)),
        box(b"hdlr", words(0, 0), handler, bytes(13)),
        box(b"minf", box(b"dinf", reference), box(b"stbl", description)),
    )
    return box(b"trak", box(b"tkhd", bytes(40), matrix, bytes(8)), media)


def movie(*tracks: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """This function will return a whole MP4 file with these tracks."""
    return FTYP + before + box(b"moov", box(b"mvhd", bytes(100)), *tracks) + MDAT + after
