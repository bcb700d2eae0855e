"""Where unfinished files lie: a folder of the portal's own, beside the media, out of reach of every page.

What lies in it belongs to a row that says so (a conversion under way, an upload that is not whole); what no row speaks for is
swept away. It has to be one folder for all processes of an installation.
"""

import shutil
import time
from collections.abc import Container
from pathlib import Path

from portal.core.files import make_folder

_MODE = 0o700
_FRESH_SECONDS = 3600

_folder: Path | None = None


def use(folder: Path) -> None:
    """This function will make `folder` the one in which unfinished files lie; it is created when first needed."""
    global _folder
    _folder = folder.resolve()


def place(*names: str) -> Path:
    """This function will return the folder `names`, made if it is not there; raises `RuntimeError` before `use`."""
    path = _root().joinpath(*names)
    make_folder(path, _MODE)
    return path


def path_of(*names: str) -> Path:
    """This function will return where `names` lies or would lie, without making anything."""
    return _root().joinpath(*names)


def clear(*names: str) -> None:
    """This function will remove the folder or file `names` with all that is in it; one that is not there is no error."""
    path = path_of(*names)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep(kind: str, held: Container[str], older_than_seconds: float = _FRESH_SECONDS) -> int:
    """This function will remove everything in the folder `kind` whose name (without its suffix) is not `held`, and return how much.

    What is younger stays: its row may be on its way.
    """
    border, removed = time.time() - older_than_seconds, 0
    for path in sorted(path_of(kind).glob("*")):
        if path.stem not in held and path.stat().st_mtime < border:
            clear(kind, path.name)
            removed += 1
    return removed


def _root() -> Path:
    if _folder is None:
        raise RuntimeError("no folder for unfinished files is set")
    return _folder
