"""How values are written for people: times in China Standard Time, money, sizes, masked phone numbers."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.core import clock

_KILO = 1024
_DIGITS, _GROUNDS = frozenset("0123456789"), 7
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def moment(value: datetime | None) -> str:
    """This function will return a moment as `2026-11-24 14:05` in China Standard Time, or a dash."""
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def second(value: datetime) -> str:
    """This function will return a moment to the second, as `2026-11-24 14:05:18` in China Standard Time."""
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def short_moment(value: datetime | None) -> str:
    """This function will return a moment without what goes without saying: the time today, else month and day too."""
    if value is None:
        return "—"
    local, today = value.astimezone(clock.SHANGHAI), clock.today()
    if local.date() == today:
        return local.strftime("%H:%M")
    return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


def day(value: date | None) -> str:
    """This function will return a date as `2026-11-24`, or a dash."""
    return value.isoformat() if value else "—"


def ago(value: datetime) -> str:
    """This function will return how long ago `value` was, in the reader's language."""
    seconds = max(0, int((clock.now() - value).total_seconds()))
    if seconds < _MINUTE:
        return str(_("刚刚"))
    if seconds < _HOUR:
        return str(ngettext("%(num)d 分钟前", "%(num)d 分钟前", seconds // _MINUTE))
    if seconds < timedelta(days=1).total_seconds():
        return str(ngettext("%(num)d 小时前", "%(num)d 小时前", seconds // _HOUR))
    return str(ngettext("%(num)d 天前", "%(num)d 天前", seconds // int(timedelta(days=1).total_seconds())))


def money(value: Decimal) -> str:
    """This function will return an amount of yuan as `¥12,345.60`."""
    return f"¥{value:,.2f}"


def masked_phone(value: str | None) -> str:
    """This function will return a mobile number as `138****8000`."""
    return f"{value[:3]}****{value[-4:]}" if value else "—"


def in_fours(digits: str) -> str:
    """This function will return an enterprise ID in groups of four digits, as it is read aloud and typed."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def size(value: int) -> str:
    """This function will return a number of bytes in the unit that suits it."""
    if value < _KILO:
        return f"{value} B"
    if value < _KILO**2:
        return f"{value / _KILO:.0f} KB"
    if value < _KILO**3:
        return f"{value / _KILO**2:.1f} MB"
    return f"{value / _KILO**3:.1f} GB"


def duration(seconds: int) -> str:
    """This function will return seconds as `m:ss`."""
    return f"{seconds // _MINUTE}:{seconds % _MINUTE:02d}"


def uptime(seconds: int) -> str:
    """This function will return how long something has run in the two largest units that say it, in the reader's language."""
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    if days:
        return str(_("%(days)d 天 %(hours)d 小时", days=days, hours=hours))
    if hours:
        return str(_("%(hours)d 小时 %(minutes)d 分", hours=hours, minutes=minutes))
    return str(_("%(minutes)d 分", minutes=minutes))


def ground(seed: str) -> int:
    """This function will return which of the crests' seven grounds a tenant has, by the digits in `seed`."""
    return sum(int(character) for character in seed if character in _DIGITS) % _GROUNDS


def install(app: Flask) -> None:
    """This function will make these available to templates as filters."""
    plain = (moment, second, short_moment, day, money, masked_phone, in_fours, size, duration, ground)
    for function in (*plain, ago, uptime):
        app.jinja_env.filters[function.__name__] = function
