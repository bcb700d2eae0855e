"""The declarative base, the two ways in which a row belongs to a tenant, and the column types of every room."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, MetaData, Text, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.core.ids import new_id
from portal.core.messages import Message, Words, packed, unpacked

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON().with_variant(JSONB(), "postgresql")


class TextId(Uuid[str]):
    """An id as `core/ids.py` writes it: lower-case text with dashes, whatever the database keeps.

    SQLite keeps 32 hexadecimal digits. A long list reads thousands of ids, so the dashes are put in by slicing: SQLAlchemy's
    own way builds a `UUID` of each and takes four times as long.
    """

    def __init__(self) -> None:
        super().__init__(as_uuid=False)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], str | None] | None:
        """Return what turns a value of the driver into an id."""
        return _text if dialect.supports_native_uuid else _dashed


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _dashed(digits: str | None) -> str | None:
    if digits is None:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


Id = TextId()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC, aware on both sides; a naive one is a fault and raises `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into what the database keeps."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive moment reached the database: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn what the database kept into an aware moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WordsText(TypeDecorator[Words]):
    """What something is called: typed words as they are, a sentence of ours as JSON, to be told in the reader's language."""

    impl = Text
    cache_ok = True
    _MARK = "\x1e"  # no form lets it through, so typed words are never taken for a sentence

    def process_bind_param(self, value: Words | None, dialect: Dialect) -> str | None:
        """Turn words or a sentence into the text that the database keeps."""
        if isinstance(value, Message):
            return self._MARK + json.dumps(packed(value), ensure_ascii=False)
        return value if value is None else value.replace(self._MARK, "")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Words | None:
        """Turn what the database kept into words or a sentence."""
        if value is None or not value.startswith(self._MARK):
            return value
        return unpacked(json.loads(value.removeprefix(self._MARK)))


class Base(DeclarativeBase):
    """The base of all tables; its metadata carries the naming convention that migrations rely on."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: Json, list[Any]: Json}


class TenantOwned:
    """Mixin of a table whose every row belongs to one tenant; the tenant comes first in its primary key."""

    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenants.id"), primary_key=True, sort_order=-20)
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id, sort_order=-10)


class AppendOnly:
    """Mixin of a table whose rows no session adds, changes or deletes: the append of the log alone does, on its connection."""


class TenantTagged:
    """Mixin of a platform table whose rows may concern a tenant; seen from inside a tenant, only its own rows exist."""

    tenant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("tenants.id"), index=True, sort_order=-20)
