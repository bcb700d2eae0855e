"""Style sheets, scripts and drawings as they go over the line: the sheets in one file, text in a compressed form, each made once.

Only what is the same for everybody is compressed. A page holds its form token beside what somebody typed, and how well such a page packs
would tell an eavesdropper about the token.
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request
from werkzeug.security import safe_join

from portal.core.settings import PROJECT_ROOT
from portal.web.access import public
from portal.web.pruning import pruned, words

BUNDLE = "sheets.css"
# In this order: a later sheet may overrule an earlier one. The first is somebody else's.
SHEETS = (
    "vendor/tabler.min.css",
    *(
        f"css/{name}.css"
        for name in (
            "tokens", "base", "shell", "buttons", "forms", "parts", "tables", "draftbar", "dialog", "tv", "tv-set", "studio", "review",
            "releases", "schedule", "content", "dashboard", "office", "media", "account", "audit", "boxes", "search", "charts", "sign-in",
            "plain",
        )
    ),
)  # fmt: skip
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
_WORTH_IT = 512  # bytes


def install(app: Flask) -> None:
    """This function will serve the application's static folder."""
    app.view_functions["static"] = public(send)


@lru_cache(maxsize=1)
def bundle(folder: str) -> bytes:
    """This function will return the sheets of the portal, one after the other."""
    own = ((Path(folder) / name).read_text(encoding="utf-8") for name in SHEETS[1:])
    return "\n".join((bought(folder), *own)).encode()


def bought(folder: str) -> str:
    """This function will return what the portal's pages can meet of the sheet that is not its own."""
    markup = (PROJECT_ROOT / "templates").rglob("*.html")
    scripts = (file for part in ("js", "vendor") for file in (Path(folder) / part).glob("*.*js"))
    return pruned((Path(folder) / SHEETS[0]).read_text(encoding="utf-8"), words([*markup, *scripts]))


def send(filename: str) -> Response:
    """This function will answer with a static file, compressed where it is text and the reader takes that; raises `NotFound`."""
    kind = _TYPES.get(Path(filename).suffix)
    folder = str(current_app.static_folder)
    path = safe_join(folder, filename)
    if kind is None or path is None or not (filename == BUNDLE or Path(path).is_file()):
        return current_app.send_static_file(filename)
    changed = 0 if filename == BUNDLE else Path(path).stat().st_mtime_ns
    plain, packed = _forms(folder, filename, changed)
    packs = len(packed) < len(plain) and request.accept_encodings["gzip"] > 0
    answer = Response(packed if packs else plain, mimetype=kind)
    answer.cache_control.no_cache = True  # but for an address with a version, which the headers then let be kept
    answer.vary.add("Accept-Encoding")
    if packs:
        answer.content_encoding = "gzip"
    answer.set_etag(hashlib.sha256(packed if packs else plain).hexdigest()[:16])
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=500)
def _forms(folder: str, filename: str, changed: int) -> tuple[bytes, bytes]:
    """The bytes of a file and their compressed form; `changed` makes a file that was edited another one."""
    del changed
    plain = bundle(folder) if filename == BUNDLE else (Path(folder) / filename).read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0) if len(plain) >= _WORTH_IT else plain
