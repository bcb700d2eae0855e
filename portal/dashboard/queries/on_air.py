"""What stands on the tenant's screens now."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.preview.moments import document_at
from portal.releases.models import Pointer, Release, ReleaseDocument
from portal.releases.queries import timeline
from portal.tenants.models import BoxGroup

_LATELY: Final = 5


@dataclass(frozen=True)
class OnAir:
    """The last releases, newest first, the root group's document of the newest as it looks now, and its channel."""

    releases: tuple[Release, ...]
    document: Mapping[str, Any]
    channel: str

    @property
    def release(self) -> Release:
        """The newest release, also while it is being written."""
        return self.releases[0]

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where each file of the document is published, by SHA-256."""
        return {asset["sha256"]: asset["url"] for asset in self.document["assets"]}


def on_air(session: Session, at: datetime) -> OnAir | None:
    """This function will return what the root group's boxes show at `at`, or None before the first release; two queries."""
    releases = tuple(timeline(session, limit=_LATELY))
    found = session.execute(_root_document()).one_or_none() if releases else None
    if found is None:
        return None
    body, channel = found
    return OnAir(releases, document_at(json.loads(gzip.decompress(body)), at), channel)


def _root_document() -> Select[bytes, str]:
    """The document that the root group's channel points at, and the channel."""
    return (
        select(ReleaseDocument.body, Pointer.channel)
        .join(Pointer, Pointer.document_sha256 == ReleaseDocument.sha256)
        .join(BoxGroup, BoxGroup.id == Pointer.group_id)
        .where(BoxGroup.parent_id.is_(None))
    )
