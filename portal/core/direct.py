"""SQLite's own connection in one scope, for prepared statements alone: a session is what a call of a box costs most of.

Whoever listens to the engine's statements hears these too, and what goes wrong is raised as from a session.
"""

import sqlite3
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from portal.core.tenancy import Scope

_SAVEPOINT: Final = "direct"


class Direct:
    """What `prepared` statements are run on without a session."""

    def __init__(self, engine: Engine, driver: Any, scope: Scope) -> None:
        self.scope = scope
        self._engine = engine
        self._driver = driver

    @property
    def dialect(self) -> Any:
        """The engine's dialect."""
        return self._engine.dialect

    def rows(self, text: str, values: Any) -> list[Any]:
        """This function will run a statement and return its rows as the driver gives them."""
        found: list[Any] = self._run(text, values).fetchall()
        return found

    def changed(self, text: str, values: Any) -> int:
        """This function will run a statement and return how many rows it changed."""
        return int(self._run(text, values).rowcount)

    def hold(self) -> None:
        """This function will begin what `take_back` takes back, inside a transaction that is open."""
        self._driver.execute(f"SAVEPOINT {_SAVEPOINT}")

    def take_back(self) -> None:
        """This function will undo everything since `hold`."""
        self._driver.execute(f"ROLLBACK TO {_SAVEPOINT}")
        self.let_go()

    def let_go(self) -> None:
        """This function will leave what was done since `hold` to the transaction."""
        self._driver.execute(f"RELEASE {_SAVEPOINT}")

    def _run(self, text: str, values: Any) -> Any:
        cursor = self._driver.cursor()
        for hear in self._engine.dispatch.before_cursor_execute:
            hear(None, cursor, text, values, None, False)
        try:
            return cursor.execute(text, values)
        except sqlite3.Error as error:
            raise DBAPIError.instance(text, None, error, sqlite3.Error, hide_parameters=True) from error
