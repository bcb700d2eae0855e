"""The one source of time. Moments are aware and UTC; business days are those of Asia/Shanghai."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_offset = timedelta()


def now() -> datetime:
    """This function will return the current moment, aware, in UTC, shifted by what `shift` set."""
    return datetime.now(UTC) + _offset


def today() -> date:
    """This function will return the current business day, the date in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def business_date(moment: datetime) -> date:
    """This function will return the date in Asia/Shanghai on which `moment` lies."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """This function will return the moment, in UTC, at which the business day `day` begins."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def shift(offset: timedelta) -> None:
    """This function will move the clock by `offset` for the whole process; only a demo on loopback may ask for it."""
    global _offset
    _offset = offset
