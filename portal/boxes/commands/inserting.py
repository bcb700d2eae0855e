"""Inserting what may be there already, in one statement that says whether it was, on both databases."""

from typing import Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_into(session: Session, model: Any) -> Any:
    """This function will return an INSERT of `model` that knows ON CONFLICT, for the session's database."""
    return insert_for(session.get_bind().dialect.name, model)


def insert_for(dialect: str, model: Any) -> Any:
    """This function will return an INSERT of `model` that knows ON CONFLICT, for the dialect of this name."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(model.__table__)


def insert_new(session: Session, model: Any, **values: Any) -> bool:
    """This function will insert a row unless its key is there, and tell whether it did."""
    statement = insert_into(session, model).values(**values).on_conflict_do_nothing().returning(literal(1))
    return session.scalar(statement) is not None  # not every driver counts the rows of an INSERT
