"""A screenshot as a stranger's file: bounded before it is decoded, drawn anew, smaller, without anything that came with it."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, UnidentifiedImageError

from portal.boxes.errors import Fault, Unfit
from portal.catalog.catalogue import catalogue
from portal.core.messages import N_

LARGEST_BYTES: Final = 2 * 1024 * 1024
MOST_PIXELS: Final = 4096 * 2304
_FORMATS = ("PNG", "JPEG")
_QUALITY: Final = 80


@dataclass(frozen=True)
class Picture:
    """A picture as JPEG, with its size in pixels, and the same small."""

    data: bytes
    small: bytes
    width: int
    height: int


def draw_anew(data: bytes) -> Picture:
    """This function will decode a PNG or JPEG and return it as JPEGs that are no wider than the catalogue says; raises `Unfit`."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            warnings.simplefilter("error")
            if opened.width * opened.height > MOST_PIXELS:
                raise _unfit()
            opened.load()
            drawn = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise _unfit() from error
    rules = catalogue().boxes
    whole, small = (_drawn(drawn, width) for width in (rules.screenshot_width, rules.screenshot_small_width))
    return Picture(whole[0], small[0], *whole[1])


def _drawn(picture: Image.Image, width: int) -> tuple[bytes, tuple[int, int]]:
    """What `thumbnail` shrinks is gone, so the widest comes first."""
    picture.thumbnail((width, width))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue(), picture.size


def _unfit() -> Unfit:
    words = N_("截屏要是 PNG 或 JPEG 图片。")
    return Unfit([Fault("#/image", str(words))], "invalid_image", words)
