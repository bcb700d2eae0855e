"""The wall of what boxes show (远程监播): the last picture of each without its bytes, and whether a new one is on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import CommandResult, Screenshot
from portal.boxes.models.told import BoxCommand
from portal.boxes.queries.fleet import Shown, health_of, shown_of
from portal.boxes.rules import COMMAND_LIFE
from portal.boxes.states import CommandKind, Health
from portal.tenants.models import BoxGroup


class Asked(StrEnum):
    """What became of the last picture that was asked for: nothing to say, on its way, or the box had none to give."""

    NOTHING = "nothing"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True)
class Picture:
    """A picture that a box sent of its own screen."""

    id: str
    taken_at: datetime


@dataclass(frozen=True)
class Tile:
    """One box on the wall; `place` is what its group is called, nothing where that is the whole enterprise."""

    box: Box
    place: str
    shown: Shown
    health: Health
    picture: Picture | None
    asked: Asked

    @property
    def is_heard(self) -> bool:
        """Whether the box would hear a command soon."""
        return self.health in {Health.ONLINE, Health.FAULTY}


def tiles(session: Session, rows: Sequence[Box], now: datetime, places: Mapping[str, str]) -> list[Tile]:
    """This function will return the tiles of these boxes, in their order; three queries, however many there are.

    `places` is what groups are called, as `places_of` says it.
    """
    ids = [row.id for row in rows]
    shown, pictures, asked = shown_of(session, rows), _last_pictures(session, ids), _asked(session, ids, now)
    return [
        Tile(
            row,
            places.get(row.group_id, ""),
            shown[row.id],
            health_of(shown[row.id].status, now),
            pictures.get(row.id),
            asked.get(row.id, Asked.NOTHING),
        )
        for row in rows
    ]


def places_of(session: Session, rows: Sequence[Box]) -> Mapping[str, str]:
    """This function will return what the groups of these boxes are called, without those that are whole enterprises."""
    ids = {row.group_id for row in rows}
    wanted = select(BoxGroup.id, BoxGroup.name).where(BoxGroup.id.in_(ids), BoxGroup.parent_id.is_not(None))
    return {row.id: row.name for row in session.execute(wanted)}


def _last_pictures(session: Session, ids: Sequence[str]) -> Mapping[str, Picture]:
    wanted = select(Screenshot.box_id, Screenshot.id, Screenshot.taken_at).where(Screenshot.box_id.in_(ids))
    rows = session.execute(wanted.order_by(Screenshot.taken_at))
    return {box_id: Picture(picture_id, taken_at) for box_id, picture_id, taken_at in rows}


def _asked(session: Session, ids: Sequence[str], now: datetime) -> Mapping[str, Asked]:
    """By the newest command for a picture that still says something."""
    last = (
        select(BoxCommand.box_id, func.max(BoxCommand.told_at).label("told_at"))
        .where(BoxCommand.box_id.in_(ids), BoxCommand.kind == CommandKind.SCREENSHOT.value)
        .where(BoxCommand.told_at > now - COMMAND_LIFE)
        .group_by(BoxCommand.box_id)
        .subquery()
    )
    rows = session.execute(
        select(BoxCommand.box_id, CommandResult.ok.is_(False).label("refused"))
        .join(last, and_(last.c.box_id == BoxCommand.box_id, last.c.told_at == BoxCommand.told_at))
        .outerjoin(
            CommandResult,
            and_(CommandResult.tenant_id == BoxCommand.tenant_id, CommandResult.id == BoxCommand.id),
        )
        .outerjoin(Screenshot, and_(Screenshot.tenant_id == BoxCommand.tenant_id, Screenshot.id == BoxCommand.id))
        .where(BoxCommand.kind == CommandKind.SCREENSHOT.value)
        .where(Screenshot.id.is_(None), CommandResult.ok.is_not(True))
    )
    return {row.box_id: Asked.REFUSED if row.refused else Asked.WAITING for row in rows}
