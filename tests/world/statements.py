"""Counting what a page asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from portal.core import database as databases


@contextmanager
def statements() -> Iterator[list[str]]:
    """This function will collect the statements that the process's database gets while the block runs."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    engine = databases.database().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
