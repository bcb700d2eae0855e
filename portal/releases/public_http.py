"""The request fields that GET and HEAD below /pub/ understand (RFC 9110), as pure functions over strings."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

_ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_RANGE = re.compile(r"([0-9]*)-([0-9]*)")
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_LONGEST_NUMBER = 19
"""Digits of the largest 64-bit number: no file is larger, and Python refuses to read numbers of thousands of digits."""


class UnsatisfiableRange(Exception):
    """The one range asked for lies wholly behind the end of the file: 416."""


def tag_matches(if_none_match: str, tag: str) -> bool:
    """This function will say whether an If-None-Match field names this entity tag: a list, weak tags and `*` included (RFC 9110, 13.1.2)."""
    return if_none_match == tag or if_none_match.strip() == "*" or tag in _ENTITY_TAG.findall(if_none_match)


def unmodified_since(if_modified_since: str, modified_at: int) -> bool:
    """This function will say whether a file changed at `modified_at` (seconds since 1970) is no newer than the date of the field.

    What is not a date counts as absent (RFC 9110, 13.1.3).
    """
    since = _seconds(if_modified_since)
    return since is not None and modified_at <= since


def range_still_holds(if_range: str, tag: str, modified_at: int) -> bool:
    """This function will say whether an If-Range field still names this file: its strong tag or its exact date (RFC 9110, 13.1.5)."""
    return if_range.strip() == tag or _seconds(if_range) == modified_at


def requested_range(field: str, size: int) -> tuple[int, int] | None:
    """This function will return first byte and end (exclusive) of the one range that a Range field asks of `size` bytes.

    None stands for the whole file: another unit, what does not parse, and several ranges, all of which a server may ignore
    (RFC 9110, 14.2). Raises UnsatisfiableRange.
    """
    unit, _, rest = field.partition("=")
    ranges = [part.strip() for part in rest.split(",") if part.strip()]
    match = _RANGE.fullmatch(ranges[0]) if unit.strip().lower() == "bytes" and len(ranges) == 1 else None
    if match is None or not any(match.groups()):
        return None
    first, last = (_number(digits) for digits in match.groups())
    if first is not None and last is not None and last < first:
        return None
    start, end = _bounds(first, last, size)
    if start >= end:
        raise UnsatisfiableRange
    return start, end


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """This function will say whether an Accept-Encoding field prefers gzip to the plain bytes, or ranks them alike (RFC 9110, 12.5.3)."""
    weights = dict(_weighted(part) for part in accept_encoding.split(",") if part.strip())
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def http_date(seconds: int) -> str:
    """This function will write seconds since 1970 as an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT`."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def _seconds(date: str) -> int | None:
    try:
        parsed = parsedate_to_datetime(date)
        return int(parsed.replace(tzinfo=parsed.tzinfo or UTC).timestamp())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _number(digits: str) -> int | None:
    if not digits:
        return None
    significant = digits.lstrip("0") or "0"
    return int(significant) if len(significant) <= _LONGEST_NUMBER else int("9" * _LONGEST_NUMBER)


def _bounds(first: int | None, last: int | None, size: int) -> tuple[int, int]:
    """Where a range begins and ends; a missing first number means the last bytes, a missing last one the end of the file."""
    if first is None:
        return max(0, size - (last or 0)), size
    return first, size if last is None else min(last + 1, size)


def _weighted(part: str) -> tuple[str, float]:
    coding, *parameters = (piece.strip() for piece in part.split(";"))
    weight = _WEIGHT.fullmatch(parameters[0]) if parameters else None
    return coding.lower(), float(weight[1]) if weight else 0.0 if parameters else 1.0
