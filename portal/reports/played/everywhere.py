"""Sums of plays over all enterprises, one line for each; needs a system session."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.boxes.models.reported import PlayDay
from portal.reports.played.queries import MOST_LINES, Asked, Totals
from portal.tenants.models import Tenant
from portal.tenants.queries import of_province


@dataclass(frozen=True)
class EnterpriseLine:
    """The sums of one enterprise; `things` is how many different things its boxes played."""

    enterprise_id: str
    name: str
    province_code: str | None
    things: int
    plays: int
    completed: int
    seconds: int


def enterprise_lines(
    session: Session, asked: Asked, province: str | None, *, limit: int = MOST_LINES
) -> list[EnterpriseLine]:
    """This function will return the lines, most plays first, those of one province where it is given; one query."""
    rows = session.execute(_grouped(asked, province).order_by(func.sum(PlayDay.plays).desc()).limit(limit))
    return [EnterpriseLine(*row) for row in rows]


def enterprise_totals(session: Session, asked: Asked, province: str | None) -> Totals:
    """This function will add up all lines; one query."""
    inner = _grouped(asked, province).subquery()
    columns = [func.coalesce(func.sum(inner.c[name]), 0) for name in ("plays", "completed", "seconds")]
    row = session.execute(select(func.count(), *columns).select_from(inner)).one()
    return Totals(*(int(number) for number in row))


def plays_by_day(session: Session, asked: Asked, province: str | None) -> dict[Any, int]:
    """This function will return the plays of every day of the period over all enterprises; one query."""
    wanted = _where(select(PlayDay.day, func.sum(PlayDay.plays)), asked, province).group_by(PlayDay.day)
    found = {day: int(plays) for day, plays in session.execute(wanted)}
    return {day: found.get(day, 0) for day in asked.days}


def _grouped(asked: Asked, province: str | None) -> Select[Any]:
    sums = [func.sum(getattr(PlayDay, name)).label(name) for name in ("plays", "completed", "seconds")]
    things = func.count(PlayDay.item.distinct()).label("things")
    columns = (Tenant.enterprise_id, Tenant.short_name, Tenant.province_code, things, *sums)
    statement: Select[Any] = _where(select(*columns), asked, province)
    return statement.group_by(Tenant.id)


def _where(statement: Any, asked: Asked, province: str | None) -> Any:
    statement = statement.select_from(PlayDay).join(Tenant, Tenant.id == PlayDay.tenant_id)
    statement = statement.where(PlayDay.day >= asked.first, PlayDay.day <= asked.last)
    if asked.list:
        statement = statement.where(PlayDay.list == asked.list)
    if province is not None:
        statement = statement.where(of_province(province))
    return statement
