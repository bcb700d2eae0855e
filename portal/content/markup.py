"""The HTML that boxes can show: a few elements and classes, nothing else. This module judges; `core.html` cleans."""

import unicodedata
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

from portal.core.html import CLASSES, TAGS
from portal.core.messages import N_, Message

_VOID: Final = frozenset({"br"})
_BLOCKS: Final = TAGS - {"strong", "em", "u", "s"}


class _Judge(HTMLParser):
    """Reads markup and keeps the first thing in it that a box cannot show."""

    def __init__(self) -> None:
        # Character references stay apart from text, so that a bare "<" in the text is a tag that was cut off.
        super().__init__(convert_charrefs=False)
        self.fault: Message | None = None
        self.open: list[str] = []

    def blame(self, fault: Message) -> None:
        self.fault = self.fault or fault

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.blame(N_("正文里不能用 <%(tag)s>。", tag=tag))
        for name, value in attrs:
            if name != "class" or not CLASSES.issuperset((value or "").split()):
                self.blame(N_("正文里有机顶盒不能显示的格式（%(name)s）。", name=name))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.blame(_unpaired(tag))

    def handle_data(self, data: str) -> None:
        if "<" in data:
            self.blame(N_("正文里有没写完的标签。"))
        if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in data):
            self.blame(N_("正文里有不能显示的控制字符。"))

    def handle_comment(self, data: str) -> None:
        self.blame(N_("正文里不能有注释或声明。"))

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


class _Reader(HTMLParser):
    """Reads the text that a viewer sees, a line per block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


@lru_cache(maxsize=4096)
def markup_fault(html: str) -> Message | None:
    """This function will say what in `html` a box cannot show, or None: an element, a class, an attribute, a comment, a tag left open."""
    judge = _Judge()
    judge.feed(html)
    judge.close()
    return judge.fault or (_unpaired(judge.open[-1]) if judge.open else None)


def text_of(html: str) -> str:
    """This function will return the text of `html` without markup, one line per block, without empty lines."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _unpaired(tag: str) -> Message:
    return N_("正文的标签没有配对（%(tag)s）。", tag=tag)
