"""What stands on the tenant's screens now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.errors import NotFound
from portal.preview.moments import document_at
from portal.releases.models import Release
from portal.releases.queries import document_of, timeline
from portal.tenants.models import BoxGroup

_LATELY: Final = 5


@dataclass(frozen=True)
class OnAir:
    """The last releases, newest first, and the root group's document of the newest as it looks now."""

    releases: tuple[Release, ...]
    document: Mapping[str, Any]

    @property
    def release(self) -> Release:
        """The newest release, also while it is being written."""
        return self.releases[0]

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where each file of the document is published, by SHA-256."""
        return {asset["sha256"]: asset["url"] for asset in self.document["assets"]}


def on_air(session: Session, at: datetime) -> OnAir | None:
    """This function will return what the root group's boxes show at `at`, or None before the first release; three queries."""
    releases = tuple(timeline(session, limit=_LATELY))
    if not releases:
        return None
    root = session.scalar(select(BoxGroup.id).where(BoxGroup.parent_id.is_(None)))
    try:
        document = document_of(session, releases[0].channels.get(root or "", ""))
    except NotFound:
        return None
    return OnAir(releases, document_at(document, at))
