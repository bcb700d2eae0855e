"""The archive: a tar, sealed as a stream with a key that follows from the installation's secret.

Its members, in this order: `backup.json` (what it is), `keys` (the ring, so that keys retired later still open it), `deletions` (which
enterprises were deleted before it), `database`, `media/...`, `public/...`.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from portal.core import crypto
from portal.core.files import TEMPORARY_PREFIX, replacing
from portal.core.sealed_stream import ForeignStream, SealedReader, SealedWriter, StreamBroken

NAME = "portal.backup"
ABOUT, KEYS, DELETIONS, DATABASE, MEDIA, PUBLIC = "backup.json", "keys", "deletions", "database", "media", "public"

_FORMAT = 1
_PURPOSE = "backup"
_MODE = 0o600


class BackupRefused(Exception):
    """The backup cannot be made or brought back; the text is a sentence that says why and what to do."""


@dataclass(frozen=True)
class About:
    """What an archive says about itself: when it was made, of which kind of database at which revision."""

    made_at: str
    database: str
    revision: str
    format: int = _FORMAT

    @property
    def moment(self) -> datetime:
        """When the backup was made."""
        return datetime.fromisoformat(self.made_at)


@contextmanager
def writing(path: Path) -> Iterator[tarfile.TarFile]:
    """This function will open a new archive at `path`, which is there, durably, only if the block ends without error."""
    with replacing(path, _MODE) as target:
        sealed = SealedWriter(target, crypto.vault().key(_PURPOSE))
        with tarfile.open(fileobj=cast(BinaryIO, sealed), mode="w|", format=tarfile.PAX_FORMAT) as tar:
            yield tar
        sealed.finish()


@contextmanager
def reading(path: Path) -> Iterator[tarfile.TarFile]:
    """This function will open an archive, whose members come in order; raises `BackupRefused` for a foreign or broken one."""
    try:
        with path.open("rb") as source:
            sealed = SealedReader(source, crypto.vault().key(_PURPOSE))
            with tarfile.open(fileobj=cast(BinaryIO, sealed), mode="r|") as tar:
                yield tar
            while sealed.read(io.DEFAULT_BUFFER_SIZE):  # to the last chunk, which says that nothing was cut
                pass
    except FileNotFoundError:
        raise BackupRefused(f"There is no backup at {path}.") from None
    except ForeignStream as foreign:
        raise BackupRefused(
            f"{path} was made by an installation with another secret: bring back the file of keys that belongs to it first."
        ) from foreign
    except (StreamBroken, tarfile.TarError) as broken:
        raise BackupRefused(f"{path} is damaged ({broken}): take another copy of it.") from broken


def put_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    """This function will add a member with these bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), _MODE
    tar.addfile(info, io.BytesIO(data))


def put_folder(tar: tarfile.TarFile, name: str, folder: Path) -> int:
    """This function will add every whole file below `folder`, in order, and return how many; what writers left half is passed over."""
    count = 0
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        assert not path.name.startswith(TEMPORARY_PREFIX)  # noqa: S101 - they begin with a dot
        tar.add(path, f"{name}/{relative.as_posix()}", recursive=False)
        count += 1
    return count


def about_bytes(about: About) -> bytes:
    """This function will write what an archive says about itself."""
    return json.dumps(asdict(about), indent=1).encode()


def read_about(data: bytes) -> About:
    """This function will read it; raises `BackupRefused` for a format of a later version."""
    told = json.loads(data)
    if told.get("format") != _FORMAT:
        raise BackupRefused("The backup was made by a later version of the portal: install that version first.")
    return About(**told)
