"""The last two weeks, day by day, for the charts of first pages; one query each, whatever there is to count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.core import clock
from portal.core.messages import Message

DAYS: Final = 14
_ONE: Final = timedelta(days=1)


@dataclass(frozen=True)
class Chart:
    """Numbers by day in their order: what they are, what is counted, and what is said where there is nothing."""

    title: Message
    counted: Message
    nothing: Message
    days: Mapping[date, int]

    @property
    def total(self) -> int:
        """All days together."""
        return sum(self.days.values())


def two_weeks() -> list[date]:
    """This function will return the last two weeks' days, today being the last."""
    return [clock.today() - _ONE * back for back in range(DAYS - 1, -1, -1)]


def counted_by_day(
    session: Session, at: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> dict[date, int]:
    """This function will count the rows that meet the conditions by the business day of `at`."""
    days = two_weeks()
    numbers = [func.sum(case((_on(at, day), 1), else_=0)) for day in days]
    wanted = select(*numbers).where(at >= clock.start_of(days[0]), *conditions)
    return {day: int(number or 0) for day, number in zip(days, session.execute(wanted).one(), strict=True)}


def _on(at: InstrumentedAttribute[datetime], day: date) -> ColumnElement[bool]:
    return (at >= clock.start_of(day)) & (at < clock.start_of(day + _ONE))
