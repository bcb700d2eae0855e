"""Sums of plays of one tenant, by whatever one asks for: a thing, its playlist or column, the list, the day, the group, the box."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, distinct, func, literal, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import PlayBoxDay, PlayDay, PlayName
from portal.core.ids import GroupId
from portal.tenants.models import BoxGroup

LISTS: Final = ("ads", "zone", "splash", "marquee")
MOST_DAYS: Final = 92
MOST_LINES: Final = 500
_SUMS: Final = ("plays", "completed", "seconds")
_WHOLE: Final = ("all_lines", "all_plays", "all_completed", "all_seconds")


class By(StrEnum):
    """What a line of the report stands for."""

    THING = "thing"
    PART = "part"
    LIST = "list"
    DAY = "day"
    GROUP = "group"
    BOX = "box"


@dataclass(frozen=True)
class Asked:
    """Which plays are summed up: the days from `first` to `last`, of the boxes in `groups` (None: all), of one list, thing, part or box."""

    first: date
    last: date
    by: By = By.THING
    groups: Collection[GroupId] | None = None
    list: str = ""
    item: str = ""
    part: str = ""
    box: str = ""

    @property
    def days(self) -> Sequence[date]:
        """Every day of the period, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Line:
    """One line: what it stands for, what that is called as far as it is known, and its sums.

    `key` is what the address names it by; `list` stands beside the key of a thing. `boxes` is on how many boxes it played, None
    where that is not known.
    """

    key: str
    list: str
    title: str
    part: str
    plays: int
    completed: int
    seconds: int
    boxes: int | None = None


@dataclass(frozen=True)
class Totals:
    """The sums of all lines, and how many lines there are."""

    lines: int
    plays: int
    completed: int
    seconds: int


def report(session: Session, asked: Asked, *, limit: int = MOST_LINES) -> tuple[list[Line], Totals]:
    """This function will return the lines of a report, most plays first, days in their order, and the sums of all; one query, two with boxes."""
    found = session.execute(_named(asked, limit)).all()
    reach = _reach(session, asked) if asked.by is By.THING else {}
    shown = [
        Line(
            str(row.key),
            row.list,
            row.title or "",
            row.part or "",
            row.plays,
            row.completed,
            row.seconds,
            reach.get((row.list, str(row.key))),
        )
        for row in found
    ]
    return shown, Totals(*(int(number) for number in found[0][-len(_WHOLE) :])) if found else Totals(0, 0, 0, 0)


def by_day(session: Session, asked: Asked) -> dict[date, int]:
    """This function will return the plays of every day of the period, also of those without any; one query."""
    source = PlayBoxDay if asked.box or (asked.by is By.BOX and asked.groups is not None) else PlayDay
    rows = session.execute(_where(select(source.day, func.sum(source.plays)).group_by(source.day), source, asked))
    found: dict[date, int] = {day: int(plays) for day, plays in rows}
    return {day: found.get(day, 0) for day in asked.days}


def parts(session: Session, name: str) -> dict[str, str]:
    """This function will return the playlists or columns that things of a list ever belonged to, by id, to choose from."""
    wanted = select(PlayName.part_of, func.max(PlayName.part_title)).where(PlayName.part_of.is_not(None))
    rows = session.execute(wanted.where(PlayName.list == name).group_by(PlayName.part_of))
    return {str(part): title for part, title in sorted(rows, key=lambda row: row[1])}


def name_of(session: Session, name: str, item: str) -> PlayName | None:
    """This function will return what a thing was called, or None where that was never noted."""
    return session.scalar(select(PlayName).where(PlayName.list == name, PlayName.item == item))


def box_called(session: Session, box_id: str, groups: Collection[GroupId] | None) -> str | None:
    """This function will return what a box is called, None for one that there is not, or not in `groups`."""
    wanted = select(Box.name, Box.serial).where(Box.id == box_id)
    row = session.execute(wanted if groups is None else wanted.where(Box.group_id.in_(groups))).one_or_none()
    return None if row is None else row.name or row.serial


def _source(asked: Asked) -> Any:
    """Sums by box say everything that those by group say, and are many more: they are read only where a box is asked about."""
    return PlayBoxDay if asked.by is By.BOX or asked.box else PlayDay


def _keys(source: Any, by: By) -> list[Any]:
    match by:
        case By.THING:
            return [source.item.label("key"), source.list.label("list")]
        case By.PART:
            return [PlayName.part_of.label("key"), source.list.label("list")]
        case By.LIST:
            return [source.list.label("key"), source.list.label("list")]
        case By.DAY:
            return [source.day.label("key")]
        case By.GROUP:
            return [(Box.group_id if source is PlayBoxDay else source.group_id).label("key")]
        case By.BOX:
            return [source.box_id.label("key")]


def _summed(asked: Asked) -> Any:
    """The sums of each line with nothing beside them, since what a line is called is wanted of the few that are shown alone."""
    source = _source(asked)
    keys = _keys(source, asked.by)
    sums = [func.sum(getattr(source, name)).label(name) for name in _SUMS]
    statement = _where(select(*keys, *sums), source, asked).group_by(*[key.element for key in keys])
    return statement.subquery("summed").c


def _named(asked: Asked, limit: int) -> Select[Any]:
    """The first lines with their names; beside each stand the sums of all, and how many lines there are."""
    summed = _summed(asked)
    kind = summed.list if "list" in summed else literal("").label("list")
    whole = [func.count().over(), *(func.sum(summed[name]).over() for name in _SUMS)]
    every = select(
        summed.key,
        kind,
        *(summed[name] for name in _SUMS),
        *(each.label(name) for each, name in zip(whole, _WHOLE, strict=True)),
    )
    first = every.order_by(*_order(summed, asked.by)).limit(limit).subquery("first").c
    title, part = _titles(first, asked.by)
    columns = [first[name] for name in ("key", "list", *_SUMS)]
    statement = select(*columns, title.label("title"), part.label("part"), *(first[name] for name in _WHOLE))
    named: Select[Any] = _beside(statement, first, asked.by)
    return named.order_by(*_order(first, asked.by))


def _order(lines: Any, by: By) -> list[Any]:
    return [lines.key] if by is By.DAY else [lines.plays.desc(), lines.key]


def _titles(lines: Any, by: By) -> tuple[Any, Any]:
    nothing = literal("")
    match by:
        case By.THING:
            return PlayName.title, PlayName.part_title
        case By.PART:
            titles = select(func.max(PlayName.part_title))
            return titles.where(PlayName.list == lines.list, PlayName.part_of == lines.key).scalar_subquery(), nothing
        case By.GROUP:
            return BoxGroup.name, nothing
        case By.BOX:
            return func.coalesce(func.nullif(Box.name, ""), Box.serial), BoxGroup.name
        case _:
            return nothing, nothing


def _beside(statement: Any, lines: Any, by: By) -> Any:
    """Where the names of lines come from."""
    match by:
        case By.THING:
            return statement.outerjoin(PlayName, and_(PlayName.list == lines.list, PlayName.item == lines.key))
        case By.GROUP:
            return statement.outerjoin(BoxGroup, BoxGroup.id == lines.key)
        case By.BOX:
            return statement.outerjoin(Box, Box.id == lines.key).outerjoin(BoxGroup, BoxGroup.id == Box.group_id)
        case _:
            return statement


def _where(statement: Any, source: Any, asked: Asked) -> Any:
    """What is asked about; other tables are joined only where they are, since each is looked up for every row of a day."""
    statement = statement.select_from(source)
    group: Any = source.group_id if source is PlayDay else Box.group_id
    if asked.part or asked.by is By.PART:
        named = and_(PlayName.tenant_id == source.tenant_id, PlayName.list == source.list, PlayName.item == source.item)
        statement = statement.outerjoin(PlayName, named)
    if source is PlayBoxDay and (asked.groups is not None or asked.by is By.GROUP):
        statement = statement.join(Box, and_(Box.tenant_id == source.tenant_id, Box.id == source.box_id))
    conditions: list[ColumnElement[bool]] = [source.day >= asked.first, source.day <= asked.last]
    if asked.groups is not None:
        conditions.append(group.in_(asked.groups))
    if asked.list:
        conditions.append(source.list == asked.list)
    if asked.item:
        conditions.append(source.item == asked.item)
    if asked.part:
        conditions.append(PlayName.part_of == asked.part)
    if asked.box:
        conditions.append(source.box_id == asked.box)
    return statement.where(*conditions)


def _reach(session: Session, asked: Asked) -> dict[tuple[str, str], int]:
    """On how many boxes each thing played; known for as long as the sums by box are kept."""
    columns = select(PlayBoxDay.list, PlayBoxDay.item, func.count(distinct(PlayBoxDay.box_id)))
    rows = session.execute(_where(columns, PlayBoxDay, asked).group_by(PlayBoxDay.list, PlayBoxDay.item))
    return {(name, item): boxes for name, item, boxes in rows}
