"""Where the tests' databases are."""

import getpass
import os


def postgresql_url(name: str) -> str:
    """This function will return the SQLAlchemy address of the database `name` on the machine's PostgreSQL."""
    user = os.environ.get("PGUSER") or getpass.getuser()
    host = os.environ.get("PGHOST") or "127.0.0.1"
    return f"postgresql+psycopg://{user}@{host}:{os.environ.get('PGPORT') or 5432}/{name}"
