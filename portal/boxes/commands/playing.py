"""Plays: what boxes showed, in batches that count exactly once; kept row by row for a while, and summed by day for good."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from portal.boxes.commands.inserting import insert_for
from portal.boxes.entering import Known
from portal.boxes.errors import Raced
from portal.boxes.models.reported import PlayBatch, PlayBoxDay, PlayDay, PlayRow
from portal.boxes.queries.shown import Shown
from portal.boxes.rules import counts
from portal.boxes.schemas import Play, Plays
from portal.core import clock
from portal.core.ids import new_id
from portal.core.models import Id
from portal.core.prepared import TENANT, Prepared


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
    before = _BEFORE.rows(session, {"box_id": known.id, "batch": batch.batch})
    if before:
        return Counted(0, 0, len(batch.plays)) if before[0].sha256 == sha256 else None
    now = clock.now()
    good = [play for play in batch.plays if counts(play, shown, known.bound_at, now)]
    noted = {
        "id": new_id(),
        "box_id": known.id,
        "batch": batch.batch,
        "sha256": sha256,
        "plays": len(batch.plays),
        "accepted": len(good),
        "came_at": now,
    }
    if not _NOTE.rows(session, noted):
        raise Raced("the same batch came twice at once")
    if good:
        _ROWS.each(session, [_row(known, play) for play in good])
        sums = _sums(good)
        _ADD_TO_GROUP.each(session, [_day(each, group_id=known.group_id) for each in sums])
        _ADD_TO_BOX.each(session, [_day(each, box_id=known.id) for each in sums])
    return Counted(len(good), len(batch.plays) - len(good), 0)


def _row(known: Known, play: Play) -> dict[str, Any]:
    return {
        "id": new_id(),
        "box_id": known.id,
        "list": play.list,
        "item": play.id,
        "started_at": play.started_at,
        "seconds": play.seconds,
        "completed": play.completed,
    }


@dataclass(frozen=True)
class _Sum:
    """The plays of one thing on one business day out of a batch."""

    day: date
    list: str
    item: str
    plays: int
    completed: int
    seconds: int


def _sums(plays: Iterable[Play]) -> list[_Sum]:
    """In one order for all, so that two batches never wait for each other."""
    found: dict[tuple[date, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for play in plays:
        total = found[clock.business_date(play.started_at), play.list, play.id]
        for index, more in enumerate((1, int(play.completed), play.seconds)):
            total[index] += more
    return [_Sum(*key, *found[key]) for key in sorted(found)]


def _day(summed: _Sum, **whose: str) -> dict[str, Any]:
    return {"id": new_id(), **whose, **asdict(summed)}


def _add_to(model: Any, whose: str) -> Prepared:
    """Whose sums they are stands beside the day: a group's, or a box's."""

    def make(dialect: str) -> Any:
        put = insert_for(dialect, model)
        added = {name: getattr(model, name) + put.excluded[name] for name in ("plays", "completed", "seconds")}
        return put.on_conflict_do_update(index_elements=[TENANT, "day", whose, "list", "item"], set_=added)

    return Prepared(make)


_BEFORE: Final = Prepared(
    lambda _: select(PlayBatch.sha256).where(
        PlayBatch.tenant_id == bindparam(TENANT, type_=Id),
        PlayBatch.box_id == bindparam("box_id", type_=Id),
        PlayBatch.batch == bindparam("batch", type_=Id),
    )
)
_NOTE: Final = Prepared(lambda dialect: insert_for(dialect, PlayBatch).on_conflict_do_nothing().returning(PlayBatch.id))
_ROWS: Final = Prepared(lambda _: insert(PlayRow))
_ADD_TO_GROUP: Final = _add_to(PlayDay, "group_id")
_ADD_TO_BOX: Final = _add_to(PlayBoxDay, "box_id")
