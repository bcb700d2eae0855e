"""What the demo's boxes played in the last weeks, summed up as reports would have summed it: nobody looks at single plays of the past."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import PlayBoxDay, PlayDay
from portal.boxes.naming import note_names_of
from portal.core import clock
from portal.core.ids import BoxId, TenantId, new_id
from portal.releases.models import Pointer
from portal.releases.queries import documents_of
from portal.reports.played.planned import read_ads

Json = Mapping[str, Any]
Sums = tuple[int, int, int]

_DAYS: Final = 14
_THINGS: Final = 12  # of each list
_IMAGE_SECONDS: Final = 15
_MARQUEE_SECONDS: Final = 12


def fill_plays(session: Session, tenant_id: TenantId, offline: Mapping[BoxId, int]) -> None:
    """This function will sum up the plays of the boxes named in `offline`, with since how many days each is silent, and name what played."""
    pointers = {row.group_id: row.document_sha256 for row in session.scalars(select(Pointer))}
    hashes = sorted(set(pointers.values()))
    documents = dict(zip(hashes, documents_of(session, hashes), strict=True))
    ads = {sha256: read_ads(document) for sha256, document in documents.items()}
    planned = cache(lambda sha256, day: ads[sha256].seconds(day))
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    rows = []
    for box in session.scalars(select(Box).where(Box.id.in_(offline), Box.group_id.in_(pointers))):
        for day in _days_on(box, offline[BoxId(box.id)]):
            shown = pointers[box.group_id]
            dice = random.Random(f"{box.serial}{day}")  # noqa: S311 - a demo
            for key, sums in _played(documents[shown], planned(shown, day), dice):
                rows.append(_row(tenant_id, (day, *key), sums, box_id=box.id))
                total = groups[(day, box.group_id, *key)]
                for index, number in enumerate(sums):
                    total[index] += number
    if rows:
        by_group = [
            _row(tenant_id, (day, *key), (total[0], total[1], total[2]), group_id=group)
            for (day, group, *key), total in groups.items()
        ]
        tables: list[tuple[Any, list[Json]]] = [(PlayBoxDay.__table__, rows), (PlayDay.__table__, by_group)]
        for table, values in tables:
            session.execute(insert(table), values)
        note_names_of(session, tenant_id)


def _days_on(box: Box, silent: int) -> Iterator[date]:
    """Whole days only, but for today."""
    today, first = clock.today(), clock.business_date(box.bound_at) + timedelta(days=1)
    for back in range(_DAYS - 1, silent - 1, -1):
        if (day := today - timedelta(days=back)) >= first:
            yield day


def _played(document: Json, planned: Mapping[str, int], dice: random.Random) -> Iterator[tuple[tuple[str, str], Sums]]:
    """List and id of what a box plays on a day, and its plays, those that came to their end, and seconds."""
    found = [
        *islice(_ads(document, planned, dice), _THINGS),
        *islice(_zone(document, dice), _THINGS),
        *((("marquee", one["id"]), dice.randint(40, 160), _MARQUEE_SECONDS) for one in document["marquee"]),
        *((("splash", one["image"]), dice.randint(1, 3), one["seconds"]) for one in document["splash"]["frames"]),
    ]
    for key, plays, seconds in found:
        if plays:
            yield key, (plays, plays - dice.randint(0, plays // 12 + 1) if plays > 1 else plays, plays * seconds)


def _ads(document: Json, planned: Mapping[str, int], dice: random.Random) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Of the time that the schedule gives, a shop's screen is left alone for some part."""
    lengths = {one["sha256"]: int(one.get("seconds") or 0) for one in document["assets"]}
    for playlist in document["ads"]["playlists"]:
        seconds = [int(one.get("seconds") or 0) or lengths[one["asset"]] or _IMAGE_SECONDS for one in playlist["items"]]
        rounds = int(planned.get(playlist["id"], 0) * dice.uniform(0.35, 0.85)) // max(1, sum(seconds))
        for item, length in zip(playlist["items"], seconds, strict=True):
            yield ("ads", item["id"]), rounds, length


def _zone(document: Json, dice: random.Random) -> Iterator[tuple[tuple[str, str], int, int]]:
    for column in document["zone"]["columns"]:
        for inner in column["columns"]:
            for item in inner["items"]:
                yield ("zone", item["id"]), dice.randint(2, 18), int(item.get("seconds") or _IMAGE_SECONDS)


def _row(tenant_id: TenantId, key: tuple[Any, ...], sums: Sums, **whose: str) -> Json:
    day, name, item = key
    plays, completed, seconds = sums
    return {
        "tenant_id": tenant_id, "id": new_id(), "day": day, **whose, "list": name, "item": item,
        "plays": plays, "completed": completed, "seconds": seconds,
    }  # fmt: skip
