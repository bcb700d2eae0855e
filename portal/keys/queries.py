"""Reads over everything that is sealed, whatever the room: found from the models, so that no list can be forgotten."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Row, Select, Table, func, literal, select, tuple_
from sqlalchemy.orm import Session

from portal.core.crypto import Sealed, place_of
from portal.core.key_ring import KEY_ID_BYTES
from portal.core.models import Base
from portal.core.tenancy import INFRASTRUCTURE

# Ciphertext alone is read and written here, over all tenants and without the models, which would open it.
PAST_THE_FENCES: Mapping[str, bool] = {INFRASTRUCTURE: True}


@dataclass(frozen=True)
class SealedColumn:
    """One column of ciphertext."""

    table: Table
    column: Column[bytes]

    @property
    def name(self) -> str:
        """The column's name with its table's."""
        return f"{self.table.name}.{self.column.name}"

    def place(self, row: Row[Any]) -> str:
        """This function will return the place at which the row's value opens."""
        keys = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        return place_of(self.table.name, self.column.name, keys.get("tenant_id"), keys["id"])

    @property
    def key_id(self) -> Any:
        """The id of the key that a value is sealed with, as an expression."""
        return func.substr(self.column, 1, KEY_ID_BYTES, type_=LargeBinary)


def sealed_columns() -> Sequence[SealedColumn]:
    """This function will return every sealed column of every model that is imported, by name."""
    found = {
        (mapper.local_table.name, attribute.column): mapper.local_table
        for mapper in Base.registry.mappers
        for owner in mapper.class_.__mro__
        for attribute in vars(owner).values()
        if isinstance(attribute, Sealed) and isinstance(mapper.local_table, Table)
    }
    return [
        SealedColumn(table, table.c[column]) for (_, column), table in sorted(found.items(), key=lambda one: one[0])
    ]


def count_by_key(session: Session) -> Mapping[str, int]:
    """This function will return how many values each key has sealed, by the key's id; one query a column."""
    counted: Counter[str] = Counter()
    for sealed in sealed_columns():
        named = sealed.key_id.label("key_id")
        statement = select(named, func.count()).where(sealed.column.is_not(None)).group_by(named)
        for key_id, count in session.execute(statement, execution_options=PAST_THE_FENCES):
            counted[bytes(key_id).hex()] += count
    return counted


def sealed_otherwise(session: Session, sealed: SealedColumn, active: str, limit: int) -> Iterator[Sequence[Row[Any]]]:
    """This function will yield, `limit` at a time in the order of their keys, the rows that another key than `active` has sealed.

    A row carries its primary key, `id` and the ciphertext, last. What was sealed anew meanwhile is not met again.
    """
    statement = _otherwise(sealed, bytes.fromhex(active)).limit(limit)
    keys = tuple_(*sealed.table.primary_key.columns)
    after = statement
    while rows := session.execute(after, execution_options=PAST_THE_FENCES).all():
        yield rows
        last = rows[-1]._mapping  # noqa: SLF001
        reached = tuple_(*(literal(last[one.name], one.type) for one in sealed.table.primary_key.columns))
        after = statement.where(keys > reached)


def _otherwise(sealed: SealedColumn, active: bytes) -> Select[Any]:
    primary = list(sealed.table.primary_key.columns)
    beside = [
        one for one in (sealed.table.c.get("tenant_id"), sealed.table.c.id) if one is not None and one not in primary
    ]
    return (
        select(*primary, *beside, sealed.column)
        .where(sealed.column.is_not(None), sealed.key_id != active)
        .order_by(*primary)
    )
