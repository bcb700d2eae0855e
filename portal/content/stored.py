"""Stored content as an `Envelope`, once per hash and process, and never content that its hash does not cover.

A revision's SHA-256 is what a review approves. Whoever reads content through here gets exactly that content: a row whose
bytes were changed behind the portal's back does not open.
"""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from portal.content.envelope import Envelope, read_envelope
from portal.content.models import Revision
from portal.core.errors import ContentAltered

_MOST = 4096
_known: dict[str, Envelope] = {}
_lock = Lock()


class AlteredRevision(ContentAltered):
    """A stored revision is not what its hash says."""


def envelope_of(revision: Revision) -> Envelope:
    """This function will return the revision's content; raises `AlteredRevision` where its hash does not cover it."""
    return stored_envelope(revision.sha256, revision.envelope)


def stored_envelope(sha256: str, stored: Mapping[str, Any]) -> Envelope:
    """This function will return the content stored under `sha256`; raises `AlteredRevision` for other content."""
    known = _known.get(sha256)
    if known is not None:
        return known
    envelope = _read(sha256, stored)
    with _lock:
        if len(_known) >= _MOST:
            _known.clear()
        _known[sha256] = envelope
    return envelope


def read_again(revision: Revision) -> Envelope:
    """This function will return the revision's content as it stands in its row now, whatever was read before; raises `AlteredRevision`."""
    return _read(revision.sha256, revision.envelope)


def _read(sha256: str, stored: Mapping[str, Any]) -> Envelope:
    envelope = read_envelope(stored)
    if envelope.sha256 != sha256:
        raise AlteredRevision(sha256)
    return envelope
