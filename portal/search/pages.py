"""Pages of the menu by their names, in either language and in pinyin."""

from collections.abc import Iterator
from functools import lru_cache

from flask_babel import force_locale, gettext

from portal.content.kinds import Kind as ContentKind
from portal.content.kinds import spec_of
from portal.core.messages import N_
from portal.core.pinyin import pinyin_of
from portal.search.found import Hit, Kind
from portal.web.navigation import Link, menu
from portal.web.state import state

# Kinds of which nobody types a name.
_NAMELESS = (
    ContentKind.LOGO,
    ContentKind.FRAME,
    ContentKind.SCHEDULE_ENTRY,
    ContentKind.DEFAULT_PLAYLIST,
    ContentKind.POWER,
)


def pages(text: str, most: int) -> Kind:
    """This function will return the pages of the reader's menu that `text` names."""
    found = [] if not text else [_hit(link, above) for link, above in _lines() if _is_named(link.source, text)]
    return Kind("pages", N_("页面"), "layout-navbar", found[:most])


def spoken_kinds(text: str) -> frozenset[ContentKind]:
    """This function will return the kinds of content without typed names whose own word `text` is a part of."""
    return frozenset(kind for kind in _NAMELESS if text and _is_named(spec_of(kind).label.text, text))


def _lines() -> Iterator[tuple[Link, str]]:
    for link in menu(state(), {}):
        if link.href:
            yield link, ""
        for child in link.children:
            yield child, link.label


def _hit(link: Link, above: str) -> Hit:
    return Hit(link.label, above, "", {"href": link.href or ""})


def _is_named(source: str, text: str) -> bool:
    wanted = text.lower()
    return wanted in _spellings(source) or wanted.replace(" ", "") in pinyin_of(source)


@lru_cache(maxsize=500)
def _spellings(source: str) -> str:
    with force_locale("en"):
        return f"{source} {gettext(source)}".lower()
