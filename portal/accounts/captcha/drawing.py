"""Page codes as pictures and as sound: the one module that knows the library."""

from functools import cache
from io import BytesIO
from threading import BoundedSemaphore

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

WIDTH, HEIGHT = 200, 72
_AT_ONCE = BoundedSemaphore(2)  # drawing is work that a stranger can ask for


def draw(code: str) -> bytes:
    """This function will return the picture of a page code as PNG."""
    with _AT_ONCE:
        out = BytesIO()
        _artist().generate_image(code).save(out, format="png")
        return out.getvalue()


def speak(code: str) -> bytes:
    """This function will return a page code of digits, spoken over noise, as WAV."""
    with _AT_ONCE:
        return bytes(_speaker().generate(code))


@cache
def _artist() -> ImageCaptcha:
    return ImageCaptcha(WIDTH, HEIGHT)


@cache
def _speaker() -> AudioCaptcha:
    return AudioCaptcha()
