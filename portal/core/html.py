"""Rich text that strangers wrote, reduced to what a box can show.

Two sanitizers of different descent look at it, bleach (html5lib, Python) and then nh3 (html5ever, Rust), so that a string on
which one of them errs still has to get past the other. nh3 has the last word and knows the whole policy by itself.
"""

import re

import bleach
import nh3

from portal.core.errors import Refused
from portal.core.messages import N_

MAX_CHARACTERS = 20_000
MAX_DEPTH = 32
TAGS = frozenset(
    {"p", "br", "h2", "h3", "strong", "em", "u", "s", "ul", "ol", "li", "blockquote", "table", "tr", "td", "th"}
)
CLASSES = frozenset({"c-red", "c-blue", "c-green", "c-grey", "a-center", "a-right"})

# Neither sanitizer takes lone surrogates, and no box draws control characters.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACE = re.compile(r"[ \t\n\f\r]+")  # HTML's own, narrower than str.split(): the two sanitizers must agree
_CODE_BORDER = re.compile(r"<(/?)(script|style)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")


def sanitize_html(html: str) -> str:
    """This function will return `html` with nothing in it but the box contract's tags and classes.

    The result is a fixed point: sanitizing it again changes nothing. Everything else is taken out, its text is kept, except
    that of scripts and styles. Raises `Refused` (`html_too_long`, `html_too_deep`) beyond 20,000 characters or 32 levels.
    """
    _check_length(html)
    visible = _INVISIBLE.sub("", html.replace("\r\n", "\n").replace("\r", "\n"))
    clean = _nh3(_bleach(_without_code(visible)))
    _check_length(clean)  # escaping may have made it longer, and what is stored must pass here again
    _check_depth(clean)
    return clean


def _check_length(html: str) -> None:
    if len(html) > MAX_CHARACTERS:
        raise Refused("html_too_long", N_("正文太长，连格式最多 %(limit)d 个字符。请拆成几条。", limit=MAX_CHARACTERS))


def _check_depth(clean: str) -> None:
    depth = 0
    for closing, name in _TAG.findall(clean):
        if name != "br":
            depth += -1 if closing else 1
        if depth > MAX_DEPTH:
            raise Refused(
                "html_too_deep", N_("正文的格式嵌套太深，最多 %(limit)d 层。请清除格式后再试。", limit=MAX_DEPTH)
            )


def _without_code(html: str) -> str:
    """This function will leave out scripts and styles with their text; a courtesy to readers, not the defence."""
    kept, inside = [], ""
    pieces = iter(_CODE_BORDER.split(html))
    kept.append(next(pieces))
    for closing, name, text in zip(pieces, pieces, pieces, strict=True):
        if not inside and not closing:
            inside = name.lower()
        elif closing and name.lower() == inside:
            inside = ""
        if not inside:
            kept.append(text)
    return "".join(kept)


def _bleach(html: str) -> str:
    clean: str = bleach.clean(
        html, tags=TAGS, attributes=_may_keep, protocols=frozenset[str](), strip=True, strip_comments=True
    )
    return clean


def _may_keep(tag: str, name: str, value: str) -> bool:
    return name == "class" and not CLASSES.isdisjoint(_SPACE.split(value))


def _nh3(html: str) -> str:
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={},
        allowed_classes={tag: set(CLASSES) for tag in TAGS},
        url_schemes=set(),
        link_rel=None,
        strip_comments=True,
    )
