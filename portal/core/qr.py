"""QR codes as pictures that stand in a page; the one place that knows the library."""

import segno

_INK, _PAPER = "#101c1f", "#fff"


def qr_picture(text: str, *, scale: int = 5) -> str:
    """This function will return the QR code of `text` as the data address of an SVG picture, `scale` pixels a module."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=scale, border=2, dark=_INK, light=_PAPER)
