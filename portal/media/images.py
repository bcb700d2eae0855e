"""Pictures: judged by their content before they are decoded, decoded within bounds, and made anew for TVs.

Nothing of the upload survives but its pixels: turned as its EXIF says, in sRGB, without EXIF, profiles, comments or
whatever else was hidden in the file. The same upload always gives the same bytes.
"""

import struct
import threading
import warnings
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageCms, ImageOps

from portal.core.errors import Refused
from portal.core.messages import N_
from portal.media.headers import Header, read_header
from portal.media.limits import (
    IMAGES,
    JPEG_QUALITY,
    MEBIBYTE,
    ORIGINAL_EDGE,
    ORIGINAL_JPEG_QUALITY,
    SHAPES,
    SMALL_SCREEN,
    Shape,
)
from portal.media.renditions import Picture, picture
from portal.media.states import Purpose

# `read_header` refuses first; these two are for a file whose header lies to it.
Image.MAX_IMAGE_PIXELS = IMAGES.pixels
warnings.simplefilter("error", Image.DecompressionBombWarning)

_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error, OverflowError)
_FOREIGN = (b"II*\0", b"MM\0*", b"8BPS")  # TIFF of both kinds, PSD
_LANCZOS = Image.Resampling.LANCZOS
_SRGB = ImageCms.createProfile("sRGB")

_decoding = threading.BoundedSemaphore(IMAGES.decoded_at_once)


@dataclass(frozen=True)
class PreparedImage:
    """A picture ready for boxes.

    `main` is what content refers to. `variants` lists `main` and a smaller one for 1280x720 screens, or nothing where both
    would be the same. `original` is larger, never published, and there so that another crop can be made later. `look` is as `look_of`.
    """

    main: Picture
    variants: tuple[Picture, ...]
    original: Picture
    look: str | None

    @property
    def files(self) -> dict[str, Picture]:
        """All different files of the picture, by SHA-256."""
        return {each.rendition.sha256: each for each in (self.main, *self.variants, self.original)}


@dataclass(frozen=True)
class Crop:
    """The part of a picture that somebody chose: its left upper corner and its width, in parts of the picture (0 to 1).

    Its height follows from the ratio of the place it is for.
    """

    left: float
    top: float
    width: float

    def box(self, size: tuple[int, int], shape: Shape) -> tuple[int, int, int, int]:
        """This function will return the part in pixels of a picture of `size`, pushed and shrunk to lie inside it."""
        width = min(max(self.width, 0.02) * size[0], size[0], size[1] * shape.width / shape.height)
        height = width * shape.height / shape.width
        left = min(max(self.left * size[0], 0), size[0] - width)
        top = min(max(self.top * size[1], 0), size[1] - height)
        return (
            round(left),
            round(top),
            max(round(left + width), round(left) + 1),
            max(round(top + height), round(top) + 1),
        )


def prepare_image(data: bytes, purpose: Purpose, crop: Crop | None = None) -> PreparedImage:
    """This function will make of an uploaded file what boxes show at `purpose`, of the part `crop` of it where one was chosen.

    Takes PNG, JPEG, WebP and still GIF, whatever the file is called, within `limits.IMAGES`. Raises `Refused` with a code
    that begins `image_` and a sentence that says what is wrong and what to do.
    """
    header = _judge(data)
    shape = SHAPES[purpose]
    with _decoding:
        working = _decode(data, header)
        part = working if crop is None else working.crop(crop.box(working.size, shape))
        main = _encode(_shaped(part, shape, (1, 1)), JPEG_QUALITY, lossless=shape.lossless)
        small = _encode(_shaped(part, shape, SMALL_SCREEN), JPEG_QUALITY, lossless=shape.lossless)
        original = _encode(working, ORIGINAL_JPEG_QUALITY, lossless=shape.lossless)
    variants = (main, small) if main.rendition != small.rendition else ()
    return PreparedImage(main, variants, original, look_of(working))


def look_of(image: Image.Image) -> str | None:
    """This function will return 16 hex digits that are alike for pictures that look alike, whatever their size, format or quality.

    Each of the 64 bits says whether a point is brighter than the one to its right (difference hash); None for a picture of one colour.
    """
    small = image.convert("L").resize((9, 8), Image.Resampling.BOX)
    rows = [small.crop((0, row, 9, row + 1)).tobytes() for row in range(8)]
    bits = 0
    for row in rows:
        for left, right in pairwise(row):
            bits = bits << 1 | (left > right)
    return f"{bits:016x}" if bits else None


def prepare_poster(data: bytes) -> Picture:
    """This function will make of a video's frame the picture that stands for it; raises what `prepare_image` raises."""
    return prepare_image(data, Purpose.ITEM).main


def _judge(data: bytes) -> Header:
    if not data:
        raise Refused("image_empty", N_("这个文件是空的。请重新选择图片。"))
    if len(data) > IMAGES.bytes:
        raise Refused(
            "image_too_many_bytes",
            N_("图片文件太大，最多 %(limit)d MB。请压缩后再上传。", limit=IMAGES.bytes // MEBIBYTE),
        )
    header = read_header(data)
    if header is None:
        raise _not_a_picture(data)
    _judge_size(header.width, header.height)
    return header


def _not_a_picture(data: bytes) -> Refused:
    start = data[:1024].lower()
    if b"<svg" in start:
        return Refused("image_svg", N_("不接受 SVG 矢量图，它可以夹带脚本。请导出为 PNG 再上传。"))
    if start[4:8] == b"ftyp" and start[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"}:
        return Refused("image_heic", N_("机顶盒不认识 HEIC 和 AVIF 图片。请另存为 JPEG 或 PNG 再上传。"))
    if data.startswith(_FOREIGN) or (data.startswith(b"BM") and data[6:10] == bytes(4)):
        return Refused("image_foreign", N_("机顶盒不认识 BMP、TIFF 和 PSD 图片。请另存为 JPEG 或 PNG 再上传。"))
    if start.startswith((b"\x89png", b"\xff\xd8\xff", b"riff", b"gif8")):
        return _broken()
    return Refused(
        "image_type_unknown",
        N_("这个文件的内容不是图片，文件名的后缀不算数。请上传 PNG、JPEG、WebP 或 GIF 图片。"),
    )


def _judge_size(width: int, height: int) -> None:
    if width == 0 or height == 0:
        raise _broken()
    if max(width, height) > IMAGES.longest_edge or width * height > IMAGES.pixels:
        raise _too_many_pixels(width, height)
    if min(width, height) < IMAGES.shortest_edge:
        raise Refused(
            "image_too_small",
            N_(
                "图片太小（%(width)d×%(height)d 像素），每边至少 %(limit)d 像素。请换一张更清晰的。",
                width=width,
                height=height,
                limit=IMAGES.shortest_edge,
            ),
        )


def _too_many_pixels(width: int, height: int) -> Refused:
    return Refused(
        "image_too_many_pixels",
        N_(
            "图片尺寸太大（%(width)d×%(height)d 像素），每边最多 %(edge)d 像素，总共最多 %(millions)d 百万像素。请缩小后再上传。",
            width=width,
            height=height,
            edge=IMAGES.longest_edge,
            millions=IMAGES.pixels // 1_000_000,
        ),
    )


def _broken() -> Refused:
    return Refused("image_broken", N_("图片文件不完整或已损坏，没能读完。请重新导出或重新下载后再上传。"))


def _decode(data: bytes, header: Header) -> Image.Image:
    """This function will return the pixels: upright, sRGB, RGB or RGBA, no edge longer than `ORIGINAL_EDGE`."""
    try:
        with Image.open(BytesIO(data), formats=(header.format,)) as opened:
            _judge_size(*opened.size)
            # A telephone's JPEG may carry more pictures (a preview, a depth map): not an animation, the first one counts.
            if header.format != "JPEG" and getattr(opened, "is_animated", False):
                raise Refused(
                    "image_animated", N_("这是动图，电视上只显示静态图片。请另存为静态图片，或转成 MP4 视频上传。")
                )
            # libjpeg can leave out what would be scaled away anyway; other formats ignore this.
            opened.draft(None, _inside(opened.size, (ORIGINAL_EDGE, ORIGINAL_EDGE)))
            opened.load()
            return _upright_srgb(opened)
    except _BOMB as bomb:
        raise _too_many_pixels(header.width, header.height) from bomb
    except _BROKEN as trouble:
        raise _broken() from trouble


def _upright_srgb(image: Image.Image) -> Image.Image:
    working = _eight_bits(image)
    working.thumbnail((ORIGINAL_EDGE, ORIGINAL_EDGE), _LANCZOS, reducing_gap=2.0)
    return _srgb(ImageOps.exif_transpose(working))


def _eight_bits(image: Image.Image) -> Image.Image:
    """This function will return a picture of a mode that can be scaled, with its alpha channel if it has one."""
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode == "I":  # 16 bits of grey; a plain conversion would clip instead of scale
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in {"RGB", "L", "CMYK"}:
        return image
    return image.convert("RGB")


def _srgb(image: Image.Image) -> Image.Image:
    """This function will return RGB or RGBA pixels of the colours that the file's own profile means."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha else image
    profile = image.info.get("icc_profile")
    plain = _by_profile(colours, profile) if profile else colours.convert("RGB")
    if alpha and alpha.getextrema() != (255, 255):
        plain.putalpha(alpha)
    plain.info = {}
    return plain


def _by_profile(colours: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(colours, source, _SRGB, outputMode="RGB")
    except (
        ImageCms.PyCMSError,
        OSError,
    ):  # a profile of another colour space, or a broken one: the plain reading is best
        converted = None
    return converted or colours.convert("RGB")


def _inside(size: tuple[int, int], bounds: tuple[int, int]) -> tuple[int, int]:
    """This function will return `size` reduced, never enlarged, to lie inside `bounds` in its own ratio."""
    factor = min(1, bounds[0] / size[0], bounds[1] / size[1])
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _shaped(image: Image.Image, shape: Shape, scale: tuple[int, int]) -> Image.Image:
    width, height = (round(edge * scale[0] / scale[1]) for edge in (shape.width, shape.height))
    if not shape.cut:
        size = _inside(image.size, (width, height))
        return image if size == image.size else image.resize(size, _LANCZOS, reducing_gap=3.0)
    # The largest frame of the ratio that the picture fills without being enlarged.
    return ImageOps.fit(image, _inside((width, height), image.size), _LANCZOS)


def _encode(image: Image.Image, quality: int, *, lossless: bool) -> Picture:
    file = BytesIO()
    if lossless or image.mode == "RGBA":
        image.save(file, "PNG", compress_level=6)
        return picture(file.getvalue(), "image/png", *image.size)
    image.save(file, "JPEG", quality=quality, optimize=True)
    return picture(file.getvalue(), "image/jpeg", *image.size)
