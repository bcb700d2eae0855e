"""Pages of long lists: bounded sizes, sort keys from an allow-list, everything in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")

SIZES = (50, 100, 200, 500)
_LAST_PAGE = 100_000


@dataclass(frozen=True)
class Paging:
    """Which page is asked for, of which size, in which order; `sort` is a key of the list's allow-list."""

    number: int
    size: int
    sort: str
    descending: bool

    @classmethod
    def from_request(cls, sorts: Sequence[str], *, default: str, descending: bool = False) -> "Paging":
        """This function will read `page`, `size`, `sort` (`-key` for descending) from the address; nonsense counts as absent."""
        asked = request.args.get("sort", "")
        key = asked.removeprefix("-")
        if key not in sorts:
            key, down = default, descending
        else:
            down = asked.startswith("-")
        size = request.args.get("size", type=int)
        number = request.args.get("page", 1, type=int)
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


def paged(session: Session, statement: Select[Any], sorts: Mapping[str, Any], paging: Paging) -> Page[Any]:
    """This function will run `statement` for one page: two queries, whatever the list's length.

    `sorts` maps the allowed keys to columns; the statement's first entity is returned per row.
    """
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    column = sorts[paging.sort]
    ordered = statement.order_by(column.desc() if paging.descending else column.asc())
    rows = session.scalars(ordered.limit(paging.size).offset((paging.number - 1) * paging.size)).all()
    return Page(rows, total, paging)
