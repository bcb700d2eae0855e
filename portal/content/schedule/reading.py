"""Reading windows as the box contract writes them: strict, and with a sentence for every field that is wrong."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.content.limits import WINDOWS
from portal.content.schedule.windows import MIDNIGHT, ZONES, Window
from portal.core.errors import Invalid
from portal.core.messages import N_, Message

_FIELDS = frozenset({"from", "until", "days", "start", "end", "tz"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_WEEKDAYS = range(1, 8)


class _Refused(ValueError):
    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def read_windows(raw: object) -> tuple[Window, ...]:
    """This function will return the windows that the list `raw` describes.

    Raises `Invalid` with a sentence per field, named `windows.<index>.<field>`.
    """
    if not isinstance(raw, (list, tuple)):
        raise Invalid({"windows": N_("时段要写成列表。")})
    if len(raw) > WINDOWS:
        raise Invalid({"windows": N_("最多 %(max)d 个时段。", max=WINDOWS)})
    windows, errors = [], {}
    for index, entry in enumerate(raw):
        try:
            windows.append(read_window(entry))
        except Invalid as invalid:
            errors.update({f"windows.{index}.{field}": found for field, found in invalid.errors.items()})
    if errors:
        raise Invalid(errors)
    return tuple(windows)


def read_window(raw: object) -> Window:
    """This function will return the window that the mapping `raw` describes, in its normal form.

    Raises `Invalid` with a sentence per field: an unknown field, a date or time that is none, `until` before `from`, empty or wrong
    `days`, a `tz` that is absent or unknown.
    """
    if not isinstance(raw, Mapping):
        raise Invalid({"": N_("时段的格式不对。")})
    errors: dict[str, Message] = {str(field): N_("没有这一项。") for field in raw if field not in _FIELDS}
    values: dict[str, Any] = {}
    for field, name, read in _READERS:
        try:
            values[name] = read(raw.get(field))
        except _Refused as refused:
            errors[field] = refused.message
    first, until = values.get("first"), values.get("until")
    if first is not None and until is not None and until < first:
        errors["until"] = N_("结束日期不能早于开始日期。")
    if errors:
        raise Invalid(errors)
    return Window(**values)


def _date(value: object) -> date | None:
    if value is None:
        return None
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _Refused(N_("请填写日期，例如 2026-05-01。"))


def _days(value: object) -> tuple[int, ...] | None:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or not all(type(day) is int and day in _WEEKDAYS for day in value):
        raise _Refused(N_("星期要用 1 到 7 的数字，1 是星期一。"))
    if not value:
        raise _Refused(N_("请至少选一天。"))
    if len(set(value)) != len(value):
        raise _Refused(N_("同一天选了两次。"))
    return None if len(value) == len(_WEEKDAYS) else tuple(sorted(value))


def _minute(value: object) -> int:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _Refused(N_("请填写时间，例如 08:30。"))
    return int(found[1]) * 60 + int(found[2])


def _start(value: object) -> int:
    return 0 if value is None else _minute(value)


def _end(value: object) -> int:
    # 00:00 as an end is the midnight after the start, which is what "24:00" says.
    return MIDNIGHT if value is None or value == "24:00" else _minute(value) or MIDNIGHT


def _tz(value: object) -> str:
    if not isinstance(value, str) or value not in ZONES:
        raise _Refused(N_("时区只能是 %(zones)s。", zones=" · ".join(ZONES)))
    return value


_READERS = (
    ("from", "first", _date),
    ("until", "until", _date),
    ("days", "days", _days),
    ("start", "start", _start),
    ("end", "end", _end),
    ("tz", "tz", _tz),
)
