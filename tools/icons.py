"""Build ``static/icons.svg``, one sprite of the Tabler icons that the pages use.

The list is ``tools/icons.txt``: one name a line, as Tabler calls it; ``name=other`` keeps the pages' own name for
Tabler's ``other``; ``filled/name`` takes the filled drawing. ``tools/vendor.py`` calls ``build`` with the unpacked package.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tools" / "icons.txt"
SPRITE = ROOT / "static" / "icons.svg"
# Every outline drawing carries one invisible path that spans the view box; <symbol> has a viewBox of its own.
CANVAS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def names(text: str) -> list[tuple[str, str]]:
    """This function will return (name on the pages, file name in the package) for each line of the list, in its order."""
    pairs = []
    for line in text.splitlines():
        entry = line.partition("#")[0].strip()
        if entry:
            ours, _, theirs = entry.partition("=")
            pairs.append((ours.removeprefix("filled/"), theirs or ours))
    return pairs


def symbol(name: str, svg: str, *, filled: bool) -> str:
    """This function will turn one drawing into a ``<symbol>`` that takes its colour and stroke from where it is used."""
    match = SVG.search(svg)
    if match is None:
        raise ValueError(f"no drawing in {name}")
    body = " ".join(CANVAS.sub("", match.group(1)).split())
    paint = (
        'fill="currentColor"'
        if filled
        else ('fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"')
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{body}</symbol>'


def build(icons: Path) -> None:
    """This function will write the sprite from the folder ``icons`` of an unpacked @tabler/icons package."""
    symbols = []
    for ours, theirs in names(LIST.read_text(encoding="utf-8")):
        filled = theirs.startswith("filled/")
        path = icons / (f"{theirs}.svg" if filled else f"outline/{theirs}.svg")
        symbols.append(symbol(ours, path.read_text(encoding="utf-8"), filled=filled))
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8"
    )
