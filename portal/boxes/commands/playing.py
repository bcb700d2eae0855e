"""Plays: what boxes showed, in batches that count exactly once; kept row by row for a while, and summed by day for good."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.boxes.commands.inserting import insert_into, insert_new
from portal.boxes.entering import Known
from portal.boxes.errors import Raced
from portal.boxes.models.reported import PlayBatch, PlayDay, PlayRow
from portal.boxes.queries.shown import Shown
from portal.boxes.rules import counts
from portal.boxes.schemas import Play, Plays
from portal.core import clock
from portal.core.ids import new_id

_rows: Any = PlayRow.__table__


@dataclass(frozen=True)
class Counted:
    """How many plays of a batch count, how many do not, and how many had come before."""

    accepted: int
    rejected: int
    duplicate: int


def keep_plays(session: Session, known: Known, batch: Plays, sha256: str, shown: Shown) -> Counted | None:
    """This function will keep the plays of a batch that count; None where the batch came before with other bytes.

    `sha256` is that of the bytes as they came, `shown` what the box can have shown. Raises `Raced` where the same batch comes in
    at the same moment.
    """
    wanted = select(PlayBatch.sha256).where(PlayBatch.box_id == known.id, PlayBatch.batch == batch.batch)
    before = session.scalar(wanted)
    if before is not None:
        return Counted(0, 0, len(batch.plays)) if before == sha256 else None
    now = clock.now()
    good = [play for play in batch.plays if counts(play, shown, known.bound_at, now)]
    noted = insert_new(
        session,
        PlayBatch,
        tenant_id=known.tenant.id,
        id=new_id(),
        box_id=known.id,
        batch=batch.batch,
        sha256=sha256,
        plays=len(batch.plays),
        accepted=len(good),
        came_at=now,
    )
    if not noted:
        raise Raced("the same batch came twice at once")
    if good:
        session.execute(insert(_rows), [_row(known, play) for play in good])
        _sum_up(session, known, good)
    return Counted(len(good), len(batch.plays) - len(good), 0)


def _row(known: Known, play: Play) -> dict[str, Any]:
    return {
        "tenant_id": known.tenant.id,
        "id": new_id(),
        "box_id": known.id,
        "list": play.list,
        "item": play.id,
        "started_at": play.started_at,
        "seconds": play.seconds,
        "completed": play.completed,
    }


def _sum_up(session: Session, known: Known, plays: Iterable[Play]) -> None:
    """In one order for all, so that two batches never wait for each other."""
    sums: dict[tuple[Any, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for play in plays:
        total = sums[clock.business_date(play.started_at), play.list, play.id]
        for index, more in enumerate((1, int(play.completed), play.seconds)):
            total[index] += more
    rows = [_day(known, key, sums[key]) for key in sorted(sums)]
    put = insert_into(session, PlayDay).values(rows)
    added = {name: getattr(PlayDay, name) + put.excluded[name] for name in ("plays", "completed", "seconds")}
    keys = ["tenant_id", "day", "group_id", "list", "item"]
    session.execute(put.on_conflict_do_update(index_elements=keys, set_=added))


def _day(known: Known, key: tuple[Any, str, str], total: Sequence[int]) -> dict[str, Any]:
    day, named, item = key
    plays, completed, seconds = total
    return {
        "tenant_id": known.tenant.id,
        "id": new_id(),
        "day": day,
        "group_id": known.group_id,
        "list": named,
        "item": item,
        "plays": plays,
        "completed": completed,
        "seconds": seconds,
    }
