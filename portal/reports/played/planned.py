"""How long each playlist was to run: by the schedule in the document that each group had on each day, on every box bound then."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box
from portal.content.schedule.day import day_plan
from portal.content.schedule.reading import read_windows
from portal.content.schedule.resolve import Entry
from portal.core import clock
from portal.core.models import UtcDateTime
from portal.releases.models import Release
from portal.releases.queries import document_rows
from portal.releases.states import ReleaseState
from portal.reports.played.queries import Asked

MOST_DOCUMENTS: Final = 60
_MINUTE: Final = 60


@dataclass(frozen=True)
class Ads:
    """The schedule of one document."""

    entries: tuple[Entry, ...]
    default: str | None

    def seconds(self, day: date) -> Mapping[str, int]:
        """This function will return how long each playlist is to run on a box that nobody touches all day.

        Playlists that compete share the time.
        """
        found: Counter[str] = Counter()
        for stretch in day_plan(self.entries, self.default, day):
            for playlist in stretch.playlists:
                found[playlist] += (stretch.end - stretch.start) * _MINUTE // len(stretch.playlists)
        return found


def planned_seconds(session: Session, asked: Asked) -> Mapping[str, int] | None:
    """This function will return the seconds that each playlist was to run on all boxes of the report together, by its id.

    None where it cannot be known: the documents of that time are not kept any more, or are too many to read for a page. What is on
    air at noon counts for the day.
    """
    on_air = _on_air(session, asked)
    hashes = {sha256 for channels in on_air.values() for sha256 in channels.values()}
    if not hashes or len(hashes) > MOST_DOCUMENTS:
        return None
    rows = document_rows(session, hashes)
    if rows.keys() != hashes:
        return None
    ads = {sha256: read_ads(json.loads(gzip.decompress(row.body))) for sha256, row in rows.items()}
    boxes = _boxes(session, asked)
    found: Counter[str] = Counter()
    for day, channels in on_air.items():
        bound = _bound_on(boxes, day)
        per_document: Counter[str] = Counter()
        for group_id, sha256 in channels.items():
            per_document[sha256] += bound.get(group_id, 0)
        for sha256, number in per_document.items():
            for playlist, seconds in ads[sha256].seconds(day).items() if number else ():
                found[playlist] += seconds * number
    return found


def _on_air(session: Session, asked: Asked) -> Mapping[date, Mapping[str, str]]:
    """By day, which document each group of the report had."""
    at = func.coalesce(Release.published_at, Release.created_at, type_=UtcDateTime()).label("at")
    wanted = select(Release.number, at).where(Release.state == ReleaseState.PUBLISHED.value)
    published = session.execute(wanted.order_by(Release.number.desc())).all()
    numbers = {}
    for day in asked.days:
        noon = min(clock.start_of(day) + timedelta(hours=12), clock.now())
        numbers[day] = next((row.number for row in published if row.at <= noon), 0)
    needed = select(Release.number, Release.channels).where(Release.number.in_(set(numbers.values())))
    channels: dict[int, Mapping[str, str]] = {row.number: row.channels for row in session.execute(needed)}
    return {day: _within(channels.get(number, {}), asked) for day, number in numbers.items()}


def _within(channels: Mapping[str, str], asked: Asked) -> Mapping[str, str]:
    if asked.groups is None:
        return channels
    return {group_id: sha256 for group_id, sha256 in channels.items() if group_id in asked.groups}


def read_ads(document: Mapping[str, Any]) -> Ads:
    """This function will return the schedule of a zone document."""
    entries = tuple(
        Entry(one["id"], one["playlist"], one["priority"], read_windows(one.get("windows", ())))
        for one in document["ads"]["schedule"]
    )
    return Ads(entries, document["ads"]["default"])


def _boxes(session: Session, asked: Asked) -> Mapping[str, list[tuple[datetime, datetime | None]]]:
    wanted = select(Box.group_id, Box.bound_at, Box.ended_at).where(Box.bound_at < clock.start_of(asked.last) + _DAY)
    if asked.groups is not None:
        wanted = wanted.where(Box.group_id.in_(asked.groups))
    if asked.box:
        wanted = wanted.where(Box.id == asked.box)
    found: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for row in session.execute(wanted):
        found[row.group_id].append((row.bound_at, row.ended_at))
    return found


def _bound_on(boxes: Mapping[str, list[tuple[datetime, datetime | None]]], day: date) -> Mapping[str, int]:
    """How many boxes of each group were bound on the whole of a day, or until now."""
    start = clock.start_of(day)
    end = min(start + _DAY, clock.now())
    return {
        group: sum(bound <= start and (ended is None or ended >= end) for bound, ended in spans)
        for group, spans in boxes.items()
    }


_DAY: Final = timedelta(days=1)
