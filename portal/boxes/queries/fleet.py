"""Lists of boxes: of one tenant, or of all in a system session; each filter is one condition, and a page costs the same at any size."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box, BoxRequest
from portal.boxes.models.reported import BoxStatus
from portal.boxes.queries.conditions import (
    Pairs,
    in_province,
    is_as,
    is_behind,
    is_in,
    lags,
    of_the_box,
    of_the_group,
    reason_of,
    shown_release,
    with_feed,
)
from portal.boxes.rules import offline_after
from portal.boxes.states import BoxState, Health, Reason, RequestState
from portal.core.ids import BoxId, GroupId
from portal.releases.models import Pointer, Release
from portal.tenants.models import Tenant

# Ids follow time, and they are indexed.
BOX_SORTS = {"name": Box.name, "serial": Box.serial, "seen": BoxStatus.seen_at, "bound": Box.id}
_MOST_CHOICES = 40

Moment = datetime | BindParameter[datetime]


@dataclass(frozen=True)
class Wanted:
    """Which boxes a list shows. `groups` are those of a subtree, None for all; `behind` those that show an older release.

    `trouble` are those that are not heard, report a fault or are behind; `release` is the one that a box shows. Who asks for a
    `reason` of being behind says with `old_firmware` what is old.
    """

    text: str = ""
    groups: Collection[GroupId] | None = None
    health: Health | None = None
    state: BoxState = BoxState.BOUND
    model: str = ""
    firmware: str = ""
    job_id: str = ""
    behind: bool = False
    trouble: bool = False
    enterprise: str = ""
    province: str | None = None
    reason: Reason | None = None
    release: int | None = None
    old_firmware: Pairs = ()

    @property
    def asks_status(self) -> bool:
        """Whether what boxes last said of themselves has to be looked at."""
        status = self.health or self.firmware or self.behind or self.trouble
        return bool(status or self.reason is not None or self.release is not None)


@dataclass(frozen=True)
class Shown:
    """What a list says of a box beside its own row: its status, and the sequence and release of its channel."""

    status: BoxStatus
    sequence: int
    release: int | None

    @property
    def lag(self) -> int:
        """How many publications the box has not shown yet."""
        return max(0, self.sequence - self.status.sequence)


def boxes(wanted: Wanted, now: datetime, sort: str = "") -> Select[Any]:
    """This function will return the statement of the boxes that a list shows, for a `sort` of `BOX_SORTS`.

    Every box has a status; it is looked at only where something of it is asked, since that takes longer than all the rest.
    """
    if wanted.asks_status or sort == "seen":
        statement: Select[Any] = select(Box).join(BoxStatus, of_the_box()).where(is_in(wanted.state))
    else:
        statement = select(Box).where(Box.state == wanted.state.value)
    if wanted.reason is not None or wanted.release is not None:
        statement = with_feed(statement)
    if wanted.reason is not None:
        statement = statement.where(lags(), reason_of(now, wanted.old_firmware) == wanted.reason.value)
    if wanted.release is not None:
        statement = statement.where(shown_release() == wanted.release)
    for condition in _conditions(wanted, now):
        statement = statement.where(condition)
    return statement


def shown_of(session: Session, rows: Sequence[Box]) -> Mapping[str, Shown]:
    """This function will return what a list says of each box beside its row; one query."""
    found = session.execute(
        select(BoxStatus, Pointer.sequence, Release.number)
        .join(Box, of_the_box())
        .outerjoin(Pointer, of_the_group())
        .outerjoin(Release, and_(Release.tenant_id == Pointer.tenant_id, Release.id == Pointer.release_id))
        .where(Box.id.in_([row.id for row in rows]))
    )
    return {status.id: Shown(status, sequence or 0, number) for status, sequence, number in found}


@dataclass(frozen=True)
class Tally:
    """How many bound boxes there are by how they are, and how many wait."""

    health: Mapping[Health, int]
    waiting: int


def tally(session: Session, groups: Collection[GroupId] | None, now: datetime) -> Tally:
    """This function will count the boxes of the session's tenant; one query."""
    row = session.execute(_counted(groups, now)).one()
    return Tally({health: getattr(row, health.value) or 0 for health in Health}, row.waits or 0)


def tally_and_versions(
    session: Session, groups: Collection[GroupId] | None, now: datetime
) -> tuple[Tally, Sequence[str]]:
    """This function will count as `tally` does, and return the firmware versions that there are; one pass over the fleet."""
    by_firmware = _counted(groups, now).add_columns(BoxStatus.firmware).group_by(BoxStatus.firmware)
    rows = session.execute(by_firmware.order_by(BoxStatus.firmware)).all()
    if not rows:
        return tally(session, groups, now), []
    health = {each: sum(getattr(row, each.value) for row in rows) for each in Health}
    return Tally(health, rows[0].waits or 0), [row.firmware for row in rows[:_MOST_CHOICES]]


def _counted(groups: Collection[GroupId] | None, now: datetime) -> Select[Any]:
    columns = [func.sum(case((is_as(health, now), 1), else_=0)).label(health.value) for health in Health]
    waits = how_many_wait(now).scalar_subquery().label("waits")
    statement = select(*columns, waits).select_from(BoxStatus)
    if groups is None:
        return statement.where(_of_bound_boxes())
    return statement.join(Box, of_the_box()).where(Box.state == BoxState.BOUND.value, Box.group_id.in_(groups))


def models(session: Session, groups: Collection[GroupId] | None = None, province: str | None = None) -> list[str]:
    """This function will return the models that there are among the bound boxes that somebody may see, to choose from."""
    bound = select(Box.model).where(Box.state == BoxState.BOUND.value)
    return _some_of(session, bound.where(*_seen(groups, province)))


def versions(session: Session, province: str | None = None) -> list[str]:
    """This function will return the firmware versions that there are among the bound boxes that somebody may see, to choose from."""
    if province is None:
        return _some_of(session, select(BoxStatus.firmware).where(_of_bound_boxes()))
    bound = select(BoxStatus.firmware).join(Box, of_the_box()).where(Box.state == BoxState.BOUND.value)
    return _some_of(session, bound.where(*_seen(None, province)))


def _seen(groups: Collection[GroupId] | None, province: str | None) -> Iterator[ColumnElement[bool]]:
    if groups is not None:
        yield Box.group_id.in_(groups)
    if province is not None:
        yield in_province(Box.tenant_id, province)


def _some_of(session: Session, column: Select[str]) -> list[str]:
    return sorted(session.scalars(column.distinct().limit(_MOST_CHOICES)))


def health_of(status: BoxStatus, now: datetime) -> Health:
    """This function will tell how a bound box is, as `conditions.is_as` says it to the database."""
    if status.seen_at is None:
        return Health.NEVER
    if status.seen_at < now - offline_after():
        return Health.OFFLINE
    return Health.FAULTY if status.faults else Health.ONLINE


def waiting(now: datetime) -> Select[BoxRequest]:
    """This function will return the statement of the boxes that wait, the oldest first."""
    return select(BoxRequest).where(is_waiting(now)).order_by(BoxRequest.id)


def how_many_wait(now: Moment) -> Select[int]:
    """This function will return the statement that counts the boxes that wait."""
    return select(func.count(BoxRequest.id)).where(is_waiting(now))


def waiting_everywhere(province: str | None, now: datetime) -> Select[BoxRequest]:
    """This function will return the statement of the boxes that wait anywhere, or in one province's enterprises."""
    statement = waiting(now)
    return statement if province is None else statement.where(in_province(BoxRequest.tenant_id, province))


def tenants_of(session: Session, ids: Collection[str]) -> Mapping[str, Tenant]:
    """This function will return the tenants with these ids."""
    return {row.id: row for row in session.scalars(select(Tenant).where(Tenant.id.in_(set(ids))))}


def selected(session: Session, statement: Select[Any], most: int) -> list[BoxId]:
    """This function will return the ids of all boxes of a list, no more than `most` and one."""
    return [BoxId(each) for each in session.scalars(statement.with_only_columns(Box.id).limit(most + 1))]


def is_waiting(now: Moment) -> ColumnElement[bool]:
    """This function will return the condition that a request still waits for somebody."""
    return and_(BoxRequest.state == RequestState.WAITING.value, BoxRequest.expires_at > now)


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.text, _is_called(wanted.text)),
        (wanted.groups is not None, Box.group_id.in_(wanted.groups or [])),
        (wanted.model, Box.model == wanted.model),
        (wanted.firmware, BoxStatus.firmware == wanted.firmware),
        (wanted.job_id, Box.job_id == (wanted.job_id or None)),
        (wanted.province, in_province(Box.tenant_id, wanted.province or "")),
        (wanted.enterprise, _in_enterprise(wanted.enterprise)),
        (wanted.behind, is_behind()),
        (wanted.trouble, or_(~is_as(Health.ONLINE, now), BoxStatus.seen_at.is_(None), is_behind())),
    ]
    chosen = [condition for asked, condition in found if asked]
    return chosen if wanted.health is None else [*chosen, is_as(wanted.health, now)]


def _is_called(text: str) -> ColumnElement[bool]:
    words = text.strip()
    return or_(
        Box.name.icontains(words, autoescape=True),
        Box.serial.icontains(words, autoescape=True),
        Box.pinyin.contains(words.lower(), autoescape=True),
    )


def _in_enterprise(text: str) -> ColumnElement[bool]:
    words = text.strip()
    named = or_(Tenant.short_name.icontains(words, autoescape=True), Tenant.enterprise_id == words)
    return exists(select(Tenant.id).where(Tenant.id == Box.tenant_id, named))


def _of_bound_boxes() -> ColumnElement[bool]:
    """Said by the few that have ended: to look at every box of a large fleet takes four times as long."""
    ended = [each.value for each in BoxState if each is not BoxState.BOUND]
    return BoxStatus.id.not_in(select(Box.id).where(Box.state.in_(ended)))
