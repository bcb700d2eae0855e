"""Page codes as pictures and as sound: the one module that knows the library.

The library's letters stand loosely and are read by machines half of the time. Here they touch, lie on a wave, and are crossed
by lines of their own colour and cut by one of the ground's: parting them again is what machines are bad at.
"""

import math
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from threading import BoundedSemaphore

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha
from PIL import Image, ImageDraw, ImageFilter

from portal.core.errors import Unavailable
from portal.core.messages import N_

Colour = tuple[int, int, int]

WIDTH, HEIGHT = 200, 72
_OVERLAP = 4
_LINES = (24, 48)  # lines run through the middle, where the letters are
_WAIT_SECONDS = 3.0
_hands = BoundedSemaphore(2)


class _Artist(ImageCaptcha):
    """The library's letters, turned and bent less, since they are hard enough to part."""

    character_rotate = (-24, 24)
    character_warp_dx = (0.05, 0.2)
    character_warp_dy = (0.05, 0.2)

    def letter(self, char: str, ink: Colour) -> Image.Image:
        """Draw one letter on a transparent ground."""
        drawn: Image.Image = self._draw_character(char, ImageDraw.Draw(Image.new("RGB", (1, 1))), (*ink, 255))
        return drawn


def draw(code: str) -> bytes:
    """This function will return the picture of a page code as PNG; raises `Unavailable` where too many are asked for at once."""
    with _busy():
        ground, ink = _colour(236, 254), _colour(20, 110)
        picture = _waved(_letters(code, ground, ink), ground)
        for colour, width in ((ground, 3), (ink, 3), (ink, 2)):
            _cross(picture, colour, width)
        _artist().create_noise_dots(picture, ink, 2, 16)
        out = BytesIO()
        picture.filter(ImageFilter.SMOOTH).save(out, format="png")
        return out.getvalue()


def speak(code: str) -> bytes:
    """This function will return a page code of digits, spoken over noise, as WAV; raises `Unavailable` as `draw` does."""
    with _busy():
        return bytes(_speaker().generate(code))


@contextmanager
def _busy() -> Iterator[None]:
    """Drawing is work that a stranger can ask for: two hands do it, and nobody waits for long."""
    if not _hands.acquire(timeout=_WAIT_SECONDS):
        raise Unavailable(N_("现在请求校验码的人太多，请稍后再试。"))
    try:
        yield
    finally:
        _hands.release()


def _letters(code: str, ground: Colour, ink: Colour) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), ground)
    letters = [_artist().letter(char, ink) for char in code]
    total = sum(letter.width for letter in letters) - _OVERLAP * (len(code) - 1)
    left = max(0, (WIDTH - total) // 2) + _within(-4, 4)
    for letter in letters:
        picture.paste(ink, (left, (HEIGHT - letter.height) // 2 + _within(-6, 6)), letter.getchannel("A"))
        left += letter.width - _OVERLAP - _within(0, 4)
    return picture


def _waved(picture: Image.Image, ground: Colour) -> Image.Image:
    height, lift = picture.height, _sine(2, 4, 50, 90)
    step = 4
    mesh = []
    for left in range(0, picture.width, step):
        here, there = lift(left), lift(left + step)
        corners = (left, here, left, height + here, left + step, height + there, left + step, there)
        mesh.append(((left, 0, min(left + step, picture.width), height), corners))
    return picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC, fillcolor=ground)


def _cross(picture: Image.Image, colour: Colour, width: int) -> None:
    base, lift = _within(*_LINES), _sine(5, 17, 70, 160)
    ImageDraw.Draw(picture).line([(x, base + lift(x)) for x in range(-4, WIDTH + 8, 4)], fill=colour, width=width)


def _sine(low: int, high: int, short: int, long: int) -> Callable[[int], float]:
    """A wave of chance height, length and beginning."""
    height, length, start = _within(low, high), _within(short, long), _within(0, 628) / 100
    return lambda x: height * math.sin(2 * math.pi * x / length + start)


def _colour(low: int, high: int) -> Colour:
    return _within(low, high), _within(low, high), _within(low, high)


def _within(low: int, high: int) -> int:
    return low + secrets.randbelow(high - low + 1)


@cache
def _artist() -> _Artist:
    return _Artist(WIDTH, HEIGHT, font_sizes=(50, 54, 58))


@cache
def _speaker() -> AudioCaptcha:
    return AudioCaptcha()
