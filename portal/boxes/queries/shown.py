"""What the documents of a channel ever showed, by list and id: a play of anything else is made up.

Documents never change under their name and releases only come, so a process remembers what it has read and reads on from there.
"""

import gzip
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.boxes.models.reported import BoxChannel
from portal.core.ids import BoxId, GroupId, TenantId
from portal.releases.models import Release
from portal.releases.queries import document_rows

Shown = frozenset[tuple[str, str]]

_MOST_GROUPS: Final = 5_000


@dataclass(frozen=True)
class _Read:
    """What was read of a group: up to which release, and what its documents show."""

    number: int
    shown: Shown


_known: OrderedDict[tuple[TenantId, GroupId], _Read] = OrderedDict()
_lock = Lock()


def shown_to(session: Session, tenant_id: TenantId, box_id: BoxId) -> Shown:
    """This function will return list and id of everything in any document of any channel that the box was ever told."""
    groups = set(session.scalars(select(BoxChannel.group_id).where(BoxChannel.box_id == box_id)))
    newest = session.scalar(select(func.max(Release.number))) or 0
    return frozenset[tuple[str, str]]().union(
        *(_of_group(session, tenant_id, GroupId(group), newest) for group in groups)
    )


def ids_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """This function will yield list and id of what a zone document shows; a splash frame has no id but its image."""
    for playlist in document["ads"]["playlists"]:
        yield from (("ads", item["id"]) for item in playlist["items"])
    for column in document["zone"]["columns"]:
        for inner in column["columns"]:
            yield from (("zone", item["id"]) for item in inner["items"])
    yield from (("splash", frame["image"]) for frame in document["splash"]["frames"])
    yield from (("marquee", message["id"]) for message in document["marquee"])


def _of_group(session: Session, tenant_id: TenantId, group_id: GroupId, newest: int) -> Shown:
    key = (tenant_id, group_id)
    with _lock:
        read = _known.get(key, _Read(0, frozenset()))
    if read.number < newest:
        read = _Read(newest, read.shown | _read_on(session, group_id, read.number))
        with _lock:
            _known[key] = read
            _known.move_to_end(key)
            while len(_known) > _MOST_GROUPS:
                _known.popitem(last=False)
    return read.shown


def _read_on(session: Session, group_id: GroupId, after: int) -> Shown:
    compiled = session.scalars(select(Release.channels).where(Release.number > after))
    hashes = {channels[group_id] for channels in compiled if group_id in channels}
    found: set[tuple[str, str]] = set()
    for row in document_rows(session, hashes).values():
        found.update(ids_of(json.loads(gzip.decompress(row.body))))
    return frozenset(found)
