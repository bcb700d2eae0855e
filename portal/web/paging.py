"""Pages of long lists: bounded sizes, sort keys from an allow-list, everything in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")

SIZES = (50, 100, 200, 500)
MOST_ROWS = 20_000  # of a list that is handed out as a file
PLACES = ("page",)
_LAST_PAGE = 100_000
_LARGEST = 2**53  # what no database and no browser stumbles over


def whole(text: str) -> int:
    """This function will return a whole number of an address, for `request.args.get(type=whole)`; raises `ValueError` for one too large."""
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError(text)
    return number


@dataclass(frozen=True)
class Paging:
    """Which page is asked for, of which size, in which order; `sort` is a key of the list's allow-list.

    `chosen` are the ids of the rows that alone are wanted, where somebody chose some.
    """

    number: int
    size: int
    sort: str
    descending: bool
    chosen: frozenset[str] = frozenset()

    @classmethod
    def from_request(cls, sorts: Sequence[str], *, default: str, descending: bool = False) -> "Paging":
        """This function will read `page`, `size`, `sort` (`-key` for descending) from the address; nonsense counts as absent.

        A POST asks for the list as a file: all of it, or the rows that the form chose, in the same order.
        """
        asked = request.args.get("sort", "")
        key = asked.removeprefix("-")
        if key not in sorts:
            key, down = default, descending
        else:
            down = asked.startswith("-")
        if request.method == "POST":
            return cls(1, MOST_ROWS, key, down, frozenset(request.form.getlist("chosen")[: SIZES[-1]]))
        size = request.args.get("size", type=whole)
        number = request.args.get("page", 1, type=whole)
        return cls(min(max(1, number), _LAST_PAGE), size if size in SIZES else SIZES[0], key, down)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list and what the pager below it needs."""

    rows: Sequence[Row]
    total: int
    paging: Paging

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.paging.size))


def paged(
    session: Session,
    statement: Select[Any],
    sorts: Mapping[str, Any],
    paging: Paging,
    counted: Select[Any] | None = None,
) -> Page[Any]:
    """This function will run `statement` for one page: two queries, whatever the list's length.

    `sorts` maps the allowed keys to columns; the statement's first entity is returned per row. `counted` has the same rows without what
    they are only sorted by.
    """
    counted = statement if counted is None else counted
    if paging.chosen:
        statement, counted = (_of_chosen(each, paging) for each in (statement, counted))
    total = session.scalar(select(func.count()).select_from(counted.order_by(None).subquery())) or 0
    column = sorts[paging.sort]
    ordered = statement.order_by(column.desc() if paging.descending else column.asc())
    rows = session.scalars(ordered.limit(paging.size).offset((paging.number - 1) * paging.size)).all()
    return Page(rows, total, paging)


def _of_chosen(statement: Select[Any], paging: Paging) -> Select[Any]:
    return statement.where(statement.column_descriptions[0]["entity"].id.in_(paging.chosen))


def page_sizes(total: int) -> list[tuple[int, str, bool]]:
    """This function will return the sizes that a page of `total` rows may have: rows, address, whether it has it now.

    A list that fits on the smallest page offers none.
    """
    asked = request.args.get("size", type=whole)
    if total <= SIZES[0] or request.endpoint is None:
        return []
    now = asked if asked in SIZES else SIZES[0]
    return [(size, list_address(request.endpoint, {"size": size}), size == now) for size in SIZES]


def list_address(endpoint: str, changes: Mapping[str, str | int | None], places: Sequence[str] = PLACES) -> str:
    """This function will return the address of the list that is shown, with some of its parameters changed; None takes one away.

    `places` are the parameters that say how far one has come: a change of anything else begins anew. What the address holds is never
    handed to `url_for`, for which `_scheme` or `endpoint` would be more than a parameter.
    """
    now: dict[str, str | int | None] = {**request.args.to_dict(), **changes}
    if not changes.keys() & set(places):
        now = {name: value for name, value in now.items() if name not in places}
    query = urlencode({name: value for name, value in now.items() if value not in (None, "")})
    return url_for(endpoint) + (f"?{query}" if query else "")


def kept_parameters(*but: str) -> dict[str, str]:
    """This function will return the parameters of the address that a form beside the filters has to send along, without its own."""
    return {name: value for name, value in request.args.items() if value and name not in {*but, *PLACES}}
