"""The files of which the player consists, and one hash over all of them."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from portal.core.settings import PROJECT_ROOT

STATIC = PROJECT_ROOT / "static"

_KINDS = frozenset({".js", ".css", ".svg", ".jpg"})
_FOLDERS = ("tv", "operator")
_ENTRIES = frozenset({"tv/main.js", "tv/preview.js"})


@dataclass(frozen=True)
class Shell:
    """Addresses of the player's files below the static folder, and what changes when any of them does."""

    files: tuple[str, ...]
    version: str

    @property
    def modules(self) -> tuple[str, ...]:
        """The scripts, which a page may ask for before it knows that it needs them."""
        return tuple(file for file in self.files if file.endswith(".js") and file not in _ENTRIES)

    @property
    def sheets(self) -> tuple[str, ...]:
        """The style sheets."""
        return tuple(file for file in self.files if file.endswith(".css"))


@lru_cache(maxsize=1)
def player_shell() -> Shell:
    """This function will return the player's files, read once in a process."""
    found = sorted(
        path for folder in _FOLDERS for path in (STATIC / folder).rglob("*") if path.suffix in _KINDS and path.is_file()
    )
    digest = hashlib.sha256()
    for path in found:
        digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return Shell(tuple(path.relative_to(STATIC).as_posix() for path in found), digest.hexdigest()[:16])
