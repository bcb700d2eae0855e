"""Rows that every database has: the provinces of the catalogue."""

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite

from portal.catalog.catalogue import catalogue
from portal.tenants.models import Province


def fill_provinces(engine: Engine) -> None:
    """This function will add the provinces that the database does not have yet, on a connection of its own.

    They come from the catalogue, which is checked at every start, so nobody's permission is asked.
    """
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    rows = [{"code": one.code, "name": one.name.zh} for one in catalogue().provinces.values()]
    with engine.begin() as connection:
        connection.execute(insert(Province).values(rows).on_conflict_do_nothing())
