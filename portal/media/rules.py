"""Pure rules about media: names of files, and the endings that their types are published under."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from portal.media.limits import NAME_CHARACTERS

EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {"image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4", "application/vnd.android.package-archive": "apk"}
)

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMELESS = "未命名"


def clean_name(filename: str) -> str:
    """This function will return a stranger's file name fit to be shown: NFC, one line, without folders or hidden signs.

    A name of more than `limits.NAME_CHARACTERS` characters loses its middle, so that its ending stays.
    """
    last = re.split(r"[/\\]", filename)[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign) not in _UNSEEN)
    name = " ".join(seen.split()) or _NAMELESS
    if len(name) <= NAME_CHARACTERS:
        return name
    ending = name[-20:]
    return name[: NAME_CHARACTERS - len(ending) - 1] + "…" + ending
