"""The file that holds the installation's secret, from which every key is derived (`portal.core.crypto`)."""

import os
import secrets
import stat
import tempfile
from pathlib import Path

from portal.core.files import make_folder, sync_folder
from portal.core.settings import Settings
from portal.core.settings_values import SettingsError

SECRET_BYTES = 32
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


def load_secret(settings: Settings) -> bytes:
    """This function will return the installation's secret; at its default place it is created where it is missing.

    Raises `SettingsError` as `read_secret` does.
    """
    is_default = settings.secret_file == settings.default_secret_file
    return read_secret(settings.secret_file, may_create=is_default)


def read_secret(path: Path, *, may_create: bool) -> bytes:
    """This function will return the secret of at least 32 bytes that `path` holds.

    Where the file is missing and `may_create`, it is made with 32 random bytes, readable by its owner only; of two processes
    that do so at once both get the same bytes. Raises `SettingsError` where it is missing, too short, or open to others.
    """
    if not path.exists():
        if not may_create:
            raise SettingsError(f"PORTAL_SECRET_FILE={path} does not exist: bring it back from the backup of the keys.")
        _create(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"PORTAL_SECRET_FILE={path} can be read by others: chmod 600 {path}")
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise SettingsError(
            f"PORTAL_SECRET_FILE={path} holds fewer than {SECRET_BYTES} bytes: bring back the right file."
        )
    return secret


def _create(path: Path) -> None:
    make_folder(path.parent, _PRIVATE_FOLDER)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fchmod(descriptor, _PRIVATE_FILE)
            os.fsync(descriptor)
        # A link, unlike a rename, fails where another process was faster: its secret may be in use already.
        os.link(name, path)
        sync_folder(path.parent)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
