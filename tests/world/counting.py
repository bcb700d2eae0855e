"""How many statements a page sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from portal.core import database as databases

# What begins a transaction, and the note that a session is in use, which comes every 20 seconds whatever the page.
_NOT_COUNTED = ("BEGIN", "PRAGMA", "SELECT set_config(", "SELECT rolsuper", "UPDATE session_activity")


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """This function will collect the statements that are sent while the block runs, but for `_NOT_COUNTED`."""
    engine = databases.database().engine
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(_NOT_COUNTED):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
