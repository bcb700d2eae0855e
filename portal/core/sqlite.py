"""The engine of SQLite: WAL with durable commits, and writers that queue up.

What may write begins with `BEGIN IMMEDIATE`, so that of two writers neither fails half way.
"""

import random
import sqlite3
import time
from sqlite3 import SQLITE_BUSY
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection

WRITES: Final = "portal_writes"
"""Whether what runs on a connection may write, as an execution option."""

_BUSY_MILLISECONDS: Final = 15_000
_BETWEEN_TRIES: Final = (0.0005, 0.003)  # seconds


def sqlite_engine(url: str) -> Engine:
    """This function will return the engine of a SQLite file, whose transactions write unless the execution option `WRITES` says otherwise."""
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_MILLISECONDS / 1000, "check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES, True):
            _take_write_lock(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _take_write_lock(connection: Connection) -> None:
    """Begin a transaction that writes, trying again every moment while somebody else writes.

    SQLite's own way of waiting sleeps longer and longer, up to a tenth of a second, while others come and go: whoever waited long is
    then served last, and the lock lies idle in between.
    """
    driver: Any = connection.connection.dbapi_connection
    deadline = time.monotonic() + _BUSY_MILLISECONDS / 1000
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < deadline and not _begins(driver):
            time.sleep(random.uniform(*_BETWEEN_TRIES))  # noqa: S311 - so that two do not try in step
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, to say what is the matter
    finally:
        driver.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")


def _begins(driver: Any) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == SQLITE_BUSY:
            return False
        raise
    return True
