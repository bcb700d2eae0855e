"""A channel of its own in a public folder, written as a publisher writes one, with the sample's pictures; and ways to damage it."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.core.canonical import canonical
from portal.releases.pointer import VALIDITY, Pointer, PointerGroup, moment_text, pointer_bytes
from portal.releases.public_names import document_path, pointer_path
from tests.tv import sample


@dataclass
class Station:
    """One channel below `public`; every `put` is a publication."""

    public: Path
    channel: str = "5eed" * 8
    sequence: int = 0

    def put(self, document: dict[str, Any], *, sequence: int | None = None) -> str:
        """This function will publish a document under the next sequence, or the one given, and return its hash."""
        self.sequence = self.sequence + 1 if sequence is None else sequence
        for asset in document["assets"]:
            self._write(asset["url"].removeprefix("/pub/"), sample.picture_file(asset["sha256"]).read_bytes())
        data = canonical(document)
        digest = hashlib.sha256(data).hexdigest()
        self._write(document_path(digest), data)
        self._write(pointer_path(self.channel), self._pointer(document, digest, len(data)))
        return digest

    def damage(self, sha256: str) -> None:
        """This function will change a published picture by one byte."""
        path = self._asset(sha256)
        path.write_bytes(path.read_bytes()[:-1] + b"?")

    def mend(self, sha256: str) -> None:
        """This function will put the right bytes back."""
        shutil.copyfile(sample.picture_file(sha256), self._asset(sha256))

    def withdraw(self, sha256: str) -> None:
        """This function will take a published picture away."""
        self._asset(sha256).unlink()

    def _asset(self, sha256: str) -> Path:
        return self.public / sample.asset(sha256)["url"].removeprefix("/pub/")

    def _pointer(self, document: dict[str, Any], digest: str, size: int) -> bytes:
        now = datetime.now(UTC)
        pointer = Pointer(
            schema="pointer/1",
            enterprise_id=document["enterprise"]["id"],
            channel=self.channel,
            group=PointerGroup(id=sample.FIRST, name="总部"),
            sequence=self.sequence,
            release=digest,
            url=f"/pub/{document_path(digest)}",
            bytes=size,
            release_number=self.sequence,
            previous=None,
            compiled_at=moment_text(now),
            published_at=moment_text(now),
            valid_until=moment_text(now + VALIDITY),
        )
        return pointer_bytes(pointer)

    def _write(self, name: str, data: bytes) -> None:
        path = self.public / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.stat().st_mtime if path.exists() else 0.0
        path.write_bytes(data)
        later = max(before + 1, (datetime.now(UTC) - timedelta(hours=1)).timestamp() + self.sequence)
        os.utime(path, (later, later))  # servers make ETags of whole seconds


def titled(title: str, **changes: Any) -> dict[str, Any]:
    """This function will return the sample with this title at its first slot, and without a splash unless it is given."""
    document = json.loads(json.dumps(sample.document(splash={"frames": []}, **changes)))
    document["desktop"]["slots"][0]["title"] = title
    return dict(document)
