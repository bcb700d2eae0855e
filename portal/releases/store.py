"""The folder below /pub/, written so that neither a reader nor a power cut meets half of a file, or a pointer to what is not there.

Order of one publication: assets, documents, pointers. The two files of a pointer are forced down before the signed one and then the other is moved into
place, and their folder once after both. What is of one kind may be written at once, which the plural methods do: a disk forces many files down together for
little more than the price of one. A file named by its bytes is written once and never changed; a pointer is replaced by a rename. Whatever a crash left
missing or torn is found by `missing` and written again.

A file that is there already was forced to disk before it got its name, but its writer may have been killed before the name was: so
the folder is forced in that case too, which costs nothing when it is clean.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.core.at_once import at_once
from portal.core.faults import declare, fault_point
from portal.core.files import (
    Replacement,
    copy_durably,
    declare_write,
    make_folder,
    remove_leftovers,
    replace_together,
    sync_folder,
    telling_full_disk,
    write_durably,
)
from portal.releases.expected import ExpectedFile
from portal.releases.public_gzip import gzip_holds, gzip_of
from portal.releases.public_names import (
    asset_path,
    channel_folder,
    document_path,
    pointer_path,
    schema_path,
    signed_pointer_path,
)
from portal.releases.public_open import open_regular

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_NANOSECONDS = 1_000_000_000


_ASSET_SYNCED = declare("public.1-asset.1-source-synced")
_ASSET_LINKED = declare("public.1-asset.2-linked")
_ASSET_DURABLE = declare("public.1-asset.3-durable")
_ASSET_COPY = declare_write("public.1-asset-copy")
_GZIP = declare_write("public.2-gzip")
_DOCUMENT = declare_write("public.3-document")
_CHANNEL_MADE = declare("public.4-channel.1-made")
_SIGNED = declare_write("public.5-signed-pointer")
_POINTER = declare_write("public.6-pointer")
_POINTER_REMOVED = declare("public.7-removal.1-pointers")
_CHANNEL_REMOVED = declare("public.7-removal.2-folder")


class WrongBytes(ValueError):
    """The bytes handed over are not those that the SHA-256 in their name promises; nothing was published."""


@dataclass(frozen=True, slots=True)
class NewAsset:
    """A file to publish: the SHA-256 of its bytes, its extension and where it lies."""

    sha256: str
    ext: str
    source: Path


@dataclass(frozen=True, slots=True)
class NewPointer:
    """A channel's next pointer: its bytes, the whole second that the database keeps for it, and the same bytes signed."""

    channel: str
    data: bytes
    modified_at: int
    signed: bytes


class PublicFolder:
    """The public folder at `root`; every method returns only when its files would survive a power cut.

    A full disk raises `portal.core.files.DiskFull`, other trouble `OSError`, a name outside the contract `ValueError`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put_assets(self, assets: Iterable[NewAsset]) -> None:
        """This function will publish all these files; see `put_asset`."""
        at_once(lambda asset: self.put_asset(asset.sha256, asset.ext, asset.source), assets)

    def put_documents(self, documents: Mapping[str, bytes]) -> None:
        """This function will publish all these zone documents, given by the SHA-256 of their bytes; see `put_document`."""
        at_once(lambda item: self.put_document(*item), documents.items())

    def put_pointers(self, pointers: Iterable[NewPointer]) -> list[int]:
        """This function will let all these channels, each named once, point at their new release; see `put_pointer`.

        Returns the times that the files carry, in the order given. After an error some channels may have got their pointer;
        doing it again leaves these alone.
        """
        return at_once(
            lambda pointer: self.put_pointer(pointer.channel, pointer.data, pointer.modified_at, pointer.signed),
            pointers,
        )

    @telling_full_disk()
    def put_asset(self, sha256: str, ext: str, source: Path) -> None:
        """This function will publish the file `source` under the SHA-256 of its bytes, without copying them where it can.

        A published file of the same length stays untouched. Raises WrongBytes.
        """
        target = self._target(asset_path(sha256, ext))
        if _size(target) == source.stat().st_size:
            sync_folder(target.parent)
            return
        with source.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise WrongBytes(sha256)
            os.fsync(file.fileno())
            fault_point(_ASSET_SYNCED)
            if _link(source, target):
                fault_point(_ASSET_DURABLE)
                return
            file.seek(0)
            copy_durably(file, target, _FILE_MODE, fault=_ASSET_COPY)

    @telling_full_disk()
    def put_document(self, sha256: str, data: bytes) -> None:
        """This function will publish a zone document under the SHA-256 of its bytes, with its gzip variant beside it.

        What is whole already stays untouched. Raises WrongBytes.
        """
        if hashlib.sha256(data).hexdigest() != sha256:
            raise WrongBytes(sha256)
        target = self._target(document_path(sha256))
        beside = _gzip_beside(target)
        # The variant comes first: whoever finds the document finds the variant too, and need not look for it again.
        changed = [] if _holds_gzip_of(beside, data) else [Replacement(beside, gzip_of(data), _GZIP)]
        if _size(target) != len(data):
            changed.append(Replacement(target, data, _DOCUMENT))
        if changed:
            replace_together(changed, _FILE_MODE)
        else:
            sync_folder(target.parent)

    @telling_full_disk()
    def put_pointer(self, channel: str, data: bytes, modified_at: int, signed: bytes) -> int:
        """This function will let a channel point at its new release and return the time that the file for tools carries.

        Boxes read the signed one, which gets its place before. `modified_at` are the whole seconds that the database keeps for it. Where the folder already holds other bytes of that
        time or a later one (after a restore, say), the file gets one second more than these: nginx makes its entity tags of
        seconds and size, and a box must never take new bytes for the old ones. Equal bytes of a good time are left alone.
        """
        target, beside = self._target(pointer_path(channel)), self._root / signed_pointer_path(channel)
        fault_point(_CHANNEL_MADE)
        _, first = _dated(beside, signed, modified_at, _SIGNED)
        carried, then = _dated(target, data, modified_at, _POINTER)
        if changed := [file for file in (first, then) if file is not None]:
            replace_together(changed, _FILE_MODE)
        else:
            sync_folder(target.parent)
        return carried

    @telling_full_disk()
    def put_schema(self, name: str, data: bytes) -> None:
        """This function will publish a JSON Schema, `pointer-1` or `zone-1`, unless the very bytes lie there."""
        target = self._target(schema_path(name))
        if not target.is_file() or target.read_bytes() != data:
            write_durably(target, data, _FILE_MODE)

    @telling_full_disk()
    def put_key_set(self, data: bytes, signed: bytes | None) -> None:
        """This function will publish a list of release keys, signed and for tools, with gzip variants, unless the very bytes lie there.

        A list that nobody has signed leaves the last signed one in place: boxes go on with that.
        """
        files = ([("keys.jws", signed)] if signed is not None else []) + [("keys.json", data)]
        for name, body in files:
            target = self._target(name)
            if target.is_file() and target.read_bytes() == body and _holds_gzip_of(_gzip_beside(target), body):
                continue
            write_durably(_gzip_beside(target), gzip_of(body), _FILE_MODE)
            write_durably(target, body, _FILE_MODE)

    @telling_full_disk()
    def put_roots(self, data: bytes) -> None:
        """This function will publish the steps from root key to root key, unless the very bytes lie there."""
        target = self._target("roots.json")
        if not target.is_file() or target.read_bytes() != data:
            write_durably(target, data, _FILE_MODE)

    @telling_full_disk()
    def remove_channel(self, channel: str) -> None:
        """This function will take a channel away, so that its address answers 404; one that is not there is fine."""
        folder = self._root / channel_folder(channel)
        if not folder.is_dir():
            return
        for path in (signed_pointer_path(channel), pointer_path(channel)):
            (self._root / path).unlink(missing_ok=True)
        fault_point(_POINTER_REMOVED)
        shutil.rmtree(folder)
        sync_folder(folder.parent)
        fault_point(_CHANNEL_REMOVED)

    def missing(self, expected: Iterable[ExpectedFile], *, read_assets: bool = False) -> list[ExpectedFile]:
        """This function will return those of the expected files that are not there, of another length, torn or older.

        Pointers and documents are read; assets are judged by their length unless `read_assets`, because they may be many
        gigabytes and only a failing disk changes them.
        """
        return [file for file in expected if not self._is_whole(file, read_assets=read_assets)]

    def remove_leftovers(self, older_than_seconds: float) -> int:
        """This function will delete the temporary files of killed writers everywhere in the folder and return how many."""
        folders = (
            path for path in (self._root, *self._root.glob("*"), *self._root.glob("channels/*")) if path.is_dir()
        )
        return sum(remove_leftovers(folder, older_than_seconds) for folder in folders)

    def _target(self, path: str) -> Path:
        """The place of a published file, its folder made."""
        target = self._root / path
        make_folder(target.parent, _FOLDER_MODE)
        return target

    def _is_whole(self, file: ExpectedFile, *, read_assets: bool) -> bool:
        try:
            descriptor = open_regular(self._root, file.path)
        except FileNotFoundError:
            return False
        with os.fdopen(descriptor, "rb") as opened:
            status = os.fstat(descriptor)
            if status.st_size != file.size or status.st_mtime < (file.modified_at or 0):
                return False
            if file.path.startswith("assets/"):
                return not read_assets or hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
            data = opened.read()
        if hashlib.sha256(data).hexdigest() != file.sha256:
            return False
        return not file.path.startswith("releases/") or _holds_gzip_of(_gzip_beside(self._root / file.path), data)


def _dated(target: Path, data: bytes, modified_at: int, fault: str) -> tuple[int, Replacement | None]:
    """The time that a pointer's file will carry, and what is to be written for that, if anything is."""
    try:
        held_at = int(target.stat().st_mtime)
        if held_at >= modified_at and target.read_bytes() == data:
            return held_at, None
    except FileNotFoundError:
        held_at = modified_at - 1
    carried = max(modified_at, held_at + 1)
    return carried, Replacement(target, data, fault, carried * _NANOSECONDS)


def _link(source: Path, target: Path) -> bool:
    """Give a file a second name; False where it must be copied: onto another disk, say, or over a torn file.

    A file that only its owner may read would stay unreadable for a web server beside the portal, so it is copied too.
    """
    if source.stat().st_mode & _FILE_MODE != _FILE_MODE:
        return False
    try:
        target.hardlink_to(source)
    except OSError:
        return False
    fault_point(_ASSET_LINKED)
    sync_folder(target.parent)
    return True


def _gzip_beside(target: Path) -> Path:
    return target.with_name(f"{target.name}.gz")


def _holds_gzip_of(path: Path, data: bytes) -> bool:
    return path.is_file() and gzip_holds(path.read_bytes(), data)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
