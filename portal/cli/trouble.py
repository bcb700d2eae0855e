"""What keeps a command from its work, in one sentence that says what to do: the disk, a file, the database.

Whatever is not known here is a fault of ours, and keeps its traceback.
"""

import errno
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from portal.core.errors import PortalError
from portal.core.files import FULL, DiskFull, free_bytes
from portal.core.settings import Settings, load_settings
from portal.core.settings_values import SettingsError
from portal.releases.site import SPARE_BYTES
from portal.web.i18n import in_english

_OF_THE_MACHINE: Final = frozenset(
    {
        errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP,
        errno.ENAMETOOLONG, errno.EMFILE, errno.ENFILE, errno.ESTALE,
    }
)  # fmt: skip
"""What a user, a disk or a folder is to blame for; a file that is not there may as well be our own mistake."""

_LOCKED: Final = "is locked by another process: stop what uses it, or wait until it is done"
_OF_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: see that its folder exists and that this user may write there",
    sqlite3.SQLITE_READONLY: "cannot be written by this user: see to the owner and the mode of the file and its folder",
    sqlite3.SQLITE_NOTADB: "is no SQLite database: bring the right file back from the backup",
    sqlite3.SQLITE_CORRUPT: "is damaged: bring it back from the backup",
    sqlite3.SQLITE_IOERR: "cannot be read or written, its disk fails: see to the disk",
}
_PRIMARY: Final = 0xFF  # SQLite's extended codes carry the primary one in their lowest byte


def sentence(error: BaseException) -> str | None:
    """This function will say in one sentence what the person at the machine has to mend; None for what is nobody's but ours."""
    if isinstance(error, DiskFull):
        return _no_room()
    if isinstance(error, PortalError):
        return (sentence(error.__cause__) if error.__cause__ else None) or in_english(error.message)
    if isinstance(error, OSError):
        return _of_file(error)
    return _of_database(error.orig if isinstance(error, DBAPIError) else error)


def _of_file(error: OSError) -> str | None:
    if error.errno in FULL:
        return _no_room()
    if error.errno not in _OF_THE_MACHINE or error.filename is None:
        return None
    why = os.strerror(error.errno or 0)
    return f"{os.fsdecode(error.filename)} cannot be used ({why}): see to its owner and its mode, or name another place in the settings."


def _of_database(error: BaseException | None) -> str | None:
    settings = _settings()
    if isinstance(error, sqlite3.Error) and settings is not None:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        if code == sqlite3.SQLITE_FULL:
            return _no_room()
        what = _OF_SQLITE.get(code)
        return f"The database {settings.database_url.removeprefix('sqlite:///')} {what}." if what else None
    if getattr(error, "sqlstate", "none of PostgreSQL's") is None:  # it says no state where there was no conversation
        why = " ".join(str(error).split("\n", 1)[0].split())
        return f"The database of PORTAL_DATABASE_URL does not answer ({why}): start it, or change the setting."
    return None


def _no_room() -> str:
    """Name the folders whose disk is full; one that has room again by now is not named."""
    settings = _settings()
    folders = (settings.public_dir, settings.instance_dir, settings.media_dir) if settings else ()
    full = [str(folder) for folder in folders if _is_full(folder)]
    where = f" of {' and of '.join(full)}" if full else ""
    return f"There is no room left on the disk{where}: make room and try again; what was saved is still there."


def _is_full(folder: Path) -> bool:
    with suppress(OSError):
        return free_bytes(folder) <= SPARE_BYTES
    return False


def _settings() -> Settings | None:
    with suppress(SettingsError):
        return load_settings(os.environ)
    return None
