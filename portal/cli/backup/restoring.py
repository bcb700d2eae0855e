"""Bringing a backup back: everything is read and checked in a folder of its own before anything is replaced."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.administration.deletion import ledger
from portal.cli import migrations
from portal.cli.backup import archive, databases
from portal.cli.backup.archive import About, BackupRefused
from portal.core import crypto
from portal.core.files import copy_durably, make_folder
from portal.core.key_ring import KeyRing, read_ring
from portal.core.secret_file import KeyFile, load_secret
from portal.core.settings import Settings

_FOLDER_MODES = {archive.MEDIA: 0o700, archive.PUBLIC: 0o755}
_FILE_MODES = {archive.MEDIA: 0o600, archive.PUBLIC: 0o644}
_NAMED_BY_BYTES = frozenset({"assets", "releases"})


@dataclass(frozen=True)
class Unpacked:
    """A backup that was opened and found whole: what it says, its ring, and where its parts lie."""

    about: About
    ring: KeyRing
    folder: Path


def restore(settings: Settings, folder: Path, *, replace: bool) -> About:
    """This function will bring back the backup in `folder` and return what it says about itself.

    The caller holds the portal stopped. Raises `BackupRefused` where the backup is of another installation, another kind of
    database or a later version, is damaged, or where data stands in its way and `replace` was not said; nothing has changed then.
    """
    if not replace and not migrations.is_empty(settings.database_url):
        raise BackupRefused(
            "This database holds data, all of which a restore would replace: say --replace if that is meant."
        )
    keys = load_secret(settings)
    crypto.configure(keys)
    with _unpacked(settings, folder.absolute() / archive.NAME) as unpacked:
        _check(settings, unpacked)
        _take_keys(keys, unpacked.ring)
        _take_ledger(settings, unpacked.folder / archive.DELETIONS)
        _put_files(unpacked.folder / archive.MEDIA, settings.media_dir, archive.MEDIA)
        databases.load(settings.database_url, unpacked.folder / archive.DATABASE)
        _put_files(unpacked.folder / archive.PUBLIC, settings.public_dir, archive.PUBLIC)
        return unpacked.about


@contextmanager
def _unpacked(settings: Settings, path: Path) -> Iterator[Unpacked]:
    with tempfile.TemporaryDirectory(dir=settings.instance_dir, prefix=".restore-") as private:
        target = Path(private)
        with archive.reading(path) as tar:
            # Authentic as they are, members may still not lead out of the folder.
            tar.extractall(target, filter="data")
        about = archive.read_about((target / archive.ABOUT).read_bytes())
        yield Unpacked(about, read_ring((target / archive.KEYS).read_bytes()), target)


def _check(settings: Settings, unpacked: Unpacked) -> None:
    kind = "sqlite" if settings.is_sqlite else "postgresql"
    if unpacked.about.database != kind:
        raise BackupRefused(
            f"The backup is of a {unpacked.about.database} database, PORTAL_DATABASE_URL names a {kind} one."
        )
    if not migrations.knows(unpacked.about.revision):
        raise BackupRefused("The backup was made by a later version of the portal: install that version first.")
    databases.check(settings.database_url, unpacked.folder / archive.DATABASE)


def _take_keys(keys: KeyFile, ring: KeyRing) -> None:
    """Keys that were retired after the backup come back as old ones; the job then seals everything anew."""
    if any(keys.ring().find(one.id) is None for one in ring.keys):
        keys.change(lambda held: held.with_older(ring.keys))


def _take_ledger(settings: Settings, brought: Path) -> None:
    """What was deleted before the backup, and is missing in this machine's ledger, is deleted for good all the same."""
    ledger.configure(settings.deletions_file)
    if brought.is_file():  # a backup of an older version has none
        crypto.configure(load_secret(settings))
        ledger.merge(brought.read_bytes())


def _put_files(source: Path, target: Path, part: str) -> None:
    """Add what is named by its bytes; pointers and key sets are made anew, since boxes refuse older ones."""
    if not source.is_dir():
        return
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if not path.is_file() or (part == archive.PUBLIC and relative.parts[0] not in _NAMED_BY_BYTES):
            continue
        place = target / relative
        make_folder(place.parent, _FOLDER_MODES[part])
        if place.is_file() and place.stat().st_size == path.stat().st_size and part == archive.MEDIA:
            continue
        with path.open("rb") as file:
            copy_durably(file, place, _FILE_MODES[part])
        shutil.copystat(path, place)
