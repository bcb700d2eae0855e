"""Boxes show renditions of the file that was approved: those that were made of it when it was uploaded, of which the log has a record.

Content names a picture by the hash of its main rendition, so that this is approved with it. Its smaller ones and a video's poster are told by the
library alone, where whoever can write the database could put another picture in their place.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.core import unit_of_work
from portal.core.errors import ContentAltered
from portal.media.queries import renditions
from portal.releases.approved import vouched_for


def check_renditions(session: Session, shas: Collection[str]) -> None:
    """This function will raise `ContentAltered` where a file of the library is said to have renditions that were not made of it.

    What an upload made is told by its stamped record, or by one that this very transaction is about to write; records of earlier versions
    tell nothing about renditions.
    """
    found = renditions(session, shas)
    if not found:
        return
    uploads = vouched_for(session, Event.MEDIA_ADDED, AuditRecord.target_id.in_(found.keys()))
    told = {(row.target_id, row.decided_on): row.details.get("renditions") for row in uploads}
    pending: list[Any] = unit_of_work.work_of(session).records
    for one in pending:
        if one.event is Event.MEDIA_ADDED:
            told[one.target.id, one.details["sha256"]] = one.details["renditions"]
    for media_id, info in found.items():
        if told.get((media_id, info.sha256), "") not in {None, info.renditions}:
            raise ContentAltered(info.sha256)
