"""What stands on the tenant's screens now."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ScalarSelect, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.preview.moments import document_at
from portal.releases.models import Pointer, Release, ReleaseDocument
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
    """This function will return what the root group's boxes show at `at`, or None before the first release; one query."""
    newest = Release.number == select(func.max(Release.number)).scalar_subquery()
    body, channel = (_of_the_root(column) for column in (ReleaseDocument.body, Pointer.channel))
    wanted = select(Release, case((newest, body)), case((newest, channel))).order_by(Release.number.desc())
    rows = session.execute(wanted.limit(_LATELY)).all()
    if not rows or rows[0][1] is None:
        return None
    _release, document, its_channel = rows[0]
    shown = document_at(json.loads(gzip.decompress(document)), at)
    return OnAir(tuple(row[0] for row in rows), shown, its_channel)


def _of_the_root(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """What the document that the root group's channel points at has in `column`, or that channel itself."""
    return (
        select(column)
        .select_from(Pointer)
        .join(ReleaseDocument, Pointer.document_sha256 == ReleaseDocument.sha256)
        .join(BoxGroup, BoxGroup.id == Pointer.group_id)
        .where(BoxGroup.parent_id.is_(None))
        .scalar_subquery()
    )
