"""JSON as boxes may send it: one object, UTF-8, no key twice, nothing that is no number, not deeper than 16. Pure."""

import json
import math
from typing import Any, Final, NoReturn

from portal.boxes.errors import Malformed

DEEPEST: Final = 16


def read_object(data: bytes) -> dict[str, Any]:
    """This function will return the object that `data` holds; raises `Malformed` for everything else."""
    try:
        found = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite
        )
    except (ValueError, RecursionError):  # a UnicodeDecodeError is a ValueError, and so is a number of 5,000 digits
        raise Malformed from None
    if not isinstance(found, dict) or _deeper_than(found, DEEPEST):
        raise Malformed
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number beyond every size")
    return number


def _deeper_than(value: object, limit: int) -> bool:
    """Whether arrays and objects lie in each other more than `limit` times; level by level, so that no depth costs a stack."""
    level = [value]
    for _ in range(limit):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _inside(outer)]
        if not level:
            return False
    return any(isinstance(one, dict | list) for one in level)


def _inside(outer: dict[str, Any] | list[Any]) -> list[Any]:
    return list(outer.values()) if isinstance(outer, dict) else outer
