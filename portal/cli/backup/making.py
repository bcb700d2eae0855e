"""Making a backup while the portal runs."""

import tempfile
from pathlib import Path

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.cli import migrations
from portal.cli.backup import archive, databases
from portal.cli.backup.archive import About, BackupRefused
from portal.core import clock, crypto, database
from portal.core.context import COMMAND_LINE, Context
from portal.core.files import make_folder
from portal.core.key_ring import ring_bytes
from portal.core.settings import Settings

_FOLDER_MODE = 0o700


def make(settings: Settings, folder: Path) -> Path:
    """This function will write a sealed archive of the installation into `folder` and return its path, once it was read back whole.

    The database is copied first, so that every file it names is in the archive. Raises `BackupRefused`, also where `folder`
    holds a backup already or lies where everybody can read it.
    """
    target = folder.absolute() / archive.NAME
    if target.exists():
        raise BackupRefused(f"{target} is a backup already: give each one a folder of its own.")
    if target.is_relative_to(settings.public_dir):
        raise BackupRefused(f"{folder} lies in PORTAL_PUBLIC_DIR, which everybody can read: choose another folder.")
    make_folder(target.parent, _FOLDER_MODE)
    about = About(
        clock.now().isoformat(timespec="seconds"),
        "sqlite" if settings.is_sqlite else "postgresql",
        str(migrations.current_revision(settings.database_url)),
    )
    with tempfile.TemporaryDirectory(dir=settings.instance_dir, prefix=".backup-") as private:
        dumped = Path(private) / archive.DATABASE
        databases.dump(settings.database_url, dumped)
        with archive.writing(target) as tar:
            archive.put_bytes(tar, archive.ABOUT, archive.about_bytes(about))
            archive.put_bytes(tar, archive.KEYS, ring_bytes(crypto.vault().ring))
            archive.put_bytes(tar, archive.DELETIONS, _ledger(settings))
            tar.add(dumped, archive.DATABASE)
            archive.put_folder(tar, archive.MEDIA, settings.media_dir)
            archive.put_folder(tar, archive.PUBLIC, settings.public_dir)
    verify(target)
    _record(settings, about)
    return target


def _ledger(settings: Settings) -> bytes:
    return settings.deletions_file.read_bytes() if settings.deletions_file.exists() else b""


def _record(settings: Settings, about: About) -> None:
    opened = database.Database(settings.database_url)
    database.use(opened)
    with database.platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        record(ctx, Event.BACKUP_MADE, Target("backup", about.made_at), made_at=about.made_at)
        database.commit(session)
    opened.dispose()


def verify(path: Path) -> int:
    """This function will read an archive to its end and return how many members it has; raises `BackupRefused`."""
    with archive.reading(path) as tar:
        return sum(1 for _member in tar)
