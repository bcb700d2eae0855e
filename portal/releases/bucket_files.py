"""Published files in a bucket: which of them it lacks, and putting them there with the headers that `/pub/` has.

What is there is seen in listings, which show size and MD5 of each object: what is the same is left alone. A file's gzip variant is an object
of its own, as it is a file of its own below `/pub/`: an object stored as `Content-Encoding: gzip` would be sent to clients that cannot read
it, as a store looks at no `Accept-Encoding`.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from portal.core.at_once import at_once
from portal.core.faults import fault_point
from portal.releases.bucket import Bucket, Stored, md5_of
from portal.releases.expected import ExpectedFile
from portal.releases.public_kinds import asset_of, headers_of
from portal.releases.store import WrongBytes

Round = Mapping[str, bytes | Path]
"""What is to be stored at one time: bytes or a file, by name."""

_SINGLE_LISTINGS = 200
"""Up to so many names are listed one by one, several at once; for more of them it is sooner to list all of their folder."""


@dataclass(frozen=True)
class PublicBucket:
    """The published files of a bucket. What is in `folders` is looked up in `seen`, a listing that was made before. Raises `BucketAway`."""

    objects: Bucket
    folders: tuple[str, ...] = ()
    seen: Mapping[str, Stored] = field(default_factory=dict)

    def listed_now(self, *folders: str) -> "PublicBucket":
        """This function will list these folders whole, for many questions about what is in them.

        Whoever asks holds the lock of the tenant. An object that was stored since the listing is stored once more, no worse.
        """
        seen: dict[str, Stored] = {}
        for folder in folders:
            seen |= self.objects.listed(folder)
        return PublicBucket(self.objects, folders, seen)

    def put(self, rounds: Sequence[Round], *, between: str | None = None) -> None:
        """This function will store what the bucket lacks or holds otherwise, one round after the other. Raises `WrongBytes`.

        `between` is a fault point that is passed before every round but the first.
        """
        held = self._held({path for each in rounds for path in each})
        for number, each in enumerate(rounds):
            if number and between is not None:
                fault_point(between)
            at_once(lambda item: self._put(*item, held), each.items())

    def lacking(self, expected: Iterable[ExpectedFile], root: Path) -> list[ExpectedFile]:
        """This function will return those of the files, all of them whole below `root`, that the bucket lacks or holds otherwise."""
        several = tuple(expected)
        held = self._held({file.path for file in several})
        return [file for file in several if not _is_whole(file, root, held)]

    def remove(self, paths: Iterable[str]) -> None:
        """This function will take files away, those that are there."""
        at_once(self.objects.delete, paths)

    def older_than(self, border: datetime, *folders: str) -> list[str]:
        """This function will return the names in these folders that were stored before `border`, in order."""
        return [
            path
            for folder in folders
            for path, stored in sorted(self.objects.listed(folder).items())
            if stored.modified_at < border
        ]

    def _put(self, path: str, body: bytes | Path, held: Mapping[str, Stored]) -> None:
        stored = held.get(path)
        asset = asset_of(path)
        if asset is not None and isinstance(body, Path):
            # Named by its bytes and large: its length tells whether it is there, as it does in the folder.
            if stored is not None and stored.size == body.stat().st_size:
                return
            with body.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != asset[0]:
                    raise WrongBytes(asset[0])
        md5 = md5_of(body)
        if stored is None or stored.etag != md5.hex():
            self.objects.put(path, body, md5, headers_of(path))

    def _held(self, paths: set[str]) -> Mapping[str, Stored]:
        if all(path.startswith(self.folders) for path in paths):
            return self.seen
        beginnings = {_beginning(path) for path in paths}
        if len(beginnings) > _SINGLE_LISTINGS:
            beginnings = {f"{path.partition('/')[0]}/" for path in paths}
        held: dict[str, Stored] = {}
        for listed in at_once(self.objects.listed, beginnings):
            held |= listed
        return held


def _is_whole(file: ExpectedFile, root: Path, held: Mapping[str, Stored]) -> bool:
    stored = held.get(file.path)
    if stored is None or stored.size != file.size:
        return False
    if file.path.startswith("assets/"):
        return True
    names = [file.path, f"{file.path}.gz"] if file.path.startswith("releases/") else [file.path]
    return all(name in held and held[name].etag == md5_of(root / name).hex() for name in names)


def _beginning(path: str) -> str:
    """A file's name up to its first dot, which its variants share."""
    folder, slash, name = path.rpartition("/")
    return folder + slash + name.partition(".")[0]
