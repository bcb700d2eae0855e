"""Pointers, documents and key sets in memory with their headers, each checked against its file by one look at the disk.

A pointer is looked at for every answer. A file that is named by its bytes can only be there or not, and is looked at once a second.
"""

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic

from portal.releases.public_answers import Answer, Variant, answer_of
from portal.releases.public_gzip import gzip_holds
from portal.releases.public_http import http_date
from portal.releases.public_kinds import COMMON, OPEN_TO_ALL, Kind
from portal.releases.public_open import open_regular

CAPACITY = 64 * 1024 * 1024
"""Room for the pointers and documents of some thousand tenants, of which each worker keeps its own."""
_OVERHEAD = 4096
"""Bytes that an entry takes beside its bodies: headers, tags, objects."""
_LARGEST_SHARE = 8
"""A file larger than an eighth of the capacity is not kept, or it would push out hundreds of others."""

_TRUSTED_SECONDS = 1.0
"""How long a file that is named by its bytes is taken to be there still, after it was seen."""

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as it was when its stamp was taken: modification time in nanoseconds, size, inode."""

    location: str
    stamp: Stamp
    lasting: bool
    modified_at: int
    plain: Variant
    compressed: Variant | None

    @property
    def weight(self) -> int:
        """The memory that the entry takes, in bytes."""
        return _OVERHEAD + sum(len(variant.full.body) for variant in (self.plain, self.compressed) if variant)

    def answer(self, accept_encoding: str | None, if_none_match: str | None, if_modified_since: str | None) -> Answer:
        """This function will return the answer to a request with these fields."""
        return answer_of(
            self.plain, self.compressed, self.modified_at, accept_encoding, if_none_match, if_modified_since
        )


class SmallFiles:
    """The small files below `root`, the least recently asked for forgotten first once they exceed `capacity` bytes."""

    def __init__(self, root: Path, capacity: int = CAPACITY) -> None:
        self._root = root.absolute()
        self._capacity = capacity
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._trusted_until: dict[str, float] = {}
        self._weight = 0
        self._lock = Lock()

    @property
    def weight(self) -> int:
        """The memory that all entries take, in bytes."""
        return self._weight

    def kept(self, path: str) -> Entry | None:
        """This function will return the entry of a path that is kept and whose file is still the same, otherwise None.

        Raises OSError (FileNotFoundError when the file is gone).
        """
        entry = self._entries.get(path)
        if entry is None or self._trusted_until.get(path, 0.0) > monotonic():
            return entry
        if _stamp(os.lstat(entry.location)) != entry.stamp:
            return None
        with self._lock:
            if path in self._entries:
                self._entries.move_to_end(path)
                if entry.lasting:
                    self._trusted_until[path] = monotonic() + _TRUSTED_SECONDS
        return entry

    def load(self, path: str, kind: Kind) -> Entry:
        """This function will read a file of this kind, keep it and return it. Raises OSError."""
        entry = _entry(self._root, path, kind)
        with self._lock:
            self._forget(path)
            if entry.weight * _LARGEST_SHARE <= self._capacity:
                self._entries[path] = entry
                self._weight += entry.weight
            while self._weight > self._capacity:
                self._forget(next(iter(self._entries)))
        return entry

    def _forget(self, path: str) -> None:
        self._trusted_until.pop(path, None)
        entry = self._entries.pop(path, None)
        if entry is not None:
            self._weight -= entry.weight


def _entry(root: Path, path: str, kind: Kind) -> Entry:
    body, status = _read(root, path)
    tag = hashlib.sha256(body).hexdigest()[:32]
    squeezed = _squeezed(root, path, body) if kind.compressed else None
    return Entry(
        location=str(root / path),
        stamp=_stamp(status),
        lasting=kind.lasting,
        modified_at=int(status.st_mtime),
        plain=_variant(kind, body, f'"{tag}"', status),
        compressed=_variant(kind, squeezed, f'"{tag}-gzip"', status, encoding="gzip") if squeezed else None,
    )


def _variant(kind: Kind, body: bytes, tag: str, status: os.stat_result, encoding: str = "") -> Variant:
    validators = [("ETag", tag), ("Cache-Control", kind.cache_control)]
    varies = [("Vary", "Accept-Encoding")] if kind.compressed else []
    headers = [
        ("Content-Type", kind.content_type),
        ("Content-Length", str(len(body))),
        ("Last-Modified", http_date(int(status.st_mtime))),
        *validators,
        *varies,
        *([("Content-Encoding", encoding)] if encoding else []),
        *COMMON,
    ]
    return Variant(
        tag,
        full=Answer("200 OK", headers, body),
        unchanged=Answer("304 Not Modified", [*validators, *varies, OPEN_TO_ALL], b""),
    )


def _squeezed(root: Path, path: str, body: bytes) -> bytes | None:
    """The gzip file beside a file, None when there is none or when it holds other bytes."""
    try:
        squeezed, _ = _read(root, f"{path}.gz")
    except FileNotFoundError:
        return None
    return squeezed if gzip_holds(squeezed, body) else None


def _read(root: Path, path: str) -> tuple[bytes, os.stat_result]:
    with os.fdopen(open_regular(root, path), "rb") as file:
        return file.read(), os.fstat(file.fileno())


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino
