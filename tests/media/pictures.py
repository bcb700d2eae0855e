"""Pictures and broken pictures, made in code."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageDraw


def drawing(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """This function will return a picture whose four quarters are red, green, blue and white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    middle, centre = width // 2, height // 2
    draw.rectangle((0, 0, middle - 1, centre - 1), fill=(255, 0, 0))
    draw.rectangle((middle, 0, width, centre - 1), fill=(0, 255, 0))
    draw.rectangle((0, centre, middle - 1, height), fill=(0, 0, 255))
    return image.convert(mode)


def encoded(image: Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    """This function will return the picture as a file."""
    file = BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def decoded(data: bytes) -> Image.Image:
    """This function will return the file's pixels."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def near(pixel: object, colour: tuple[int, ...], tolerance: int = 12) -> bool:
    """This function will tell whether a pixel has a colour, as far as JPEG keeps it."""
    assert isinstance(pixel, tuple)
    return all(abs(have - want) <= tolerance for have, want in zip(pixel, colour, strict=True))


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """This function will return one chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int) -> bytes:
    """This function will return a small PNG file that says it is `width` x `height` black pixels of one bit."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def webp_claiming(width: int, height: int) -> bytes:
    """This function will return a WebP file whose canvas claims a size (up to 16,777,216 a side)."""
    canvas = b"\x02\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_claiming(width: int, height: int) -> bytes:
    """This function will return a GIF file whose screen is 64 x 64 and whose frame claims a size."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(6) + frame + b"\x3b"


def jpeg_claiming(width: int, height: int) -> bytes:
    """This function will return a JPEG file, otherwise sound, whose frame header claims a size."""
    data = bytearray(encoded(drawing(64, 64), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def profile_with_red_and_blue_swapped() -> bytes:
    """This function will return a colour profile by which red means blue: sRGB with two names of its tag table swapped."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)
