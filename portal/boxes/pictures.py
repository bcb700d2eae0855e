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
    """A picture as JPEG, with its size in pixels."""

    data: bytes
    width: int
    height: int


def draw_anew(data: bytes) -> Picture:
    """This function will decode a PNG or JPEG and return it as a JPEG that is no wider than the catalogue says; raises `Unfit`."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            warnings.simplefilter("error")
            if opened.width * opened.height > MOST_PIXELS:
                raise _unfit()
            opened.load()
            drawn = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise _unfit() from error
    width = catalogue().boxes.screenshot_width
    drawn.thumbnail((width, width))
    target = io.BytesIO()
    drawn.save(target, "JPEG", quality=_QUALITY)
    return Picture(target.getvalue(), drawn.width, drawn.height)


def _unfit() -> Unfit:
    words = N_("截屏要是 PNG 或 JPEG 图片。")
    return Unfit([Fault("#/image", str(words))], "invalid_image", words)
