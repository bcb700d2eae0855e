"""Programs of the machine that tests use for real, as a pytest plugin.

    @needs_service("redis")
    def test_...

marks a test that needs one; without it the test is skipped with the command that installs it, and with CI=true it fails. A
fixture calls `require_service`. `new_postgresql_database()` and the fixture `postgresql_url` give databases of their own.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

from tools.services import SERVICES, install_command, postgresql_conninfo


def needs_service(name: str) -> pytest.MarkDecorator:
    """This function will return the mark of a test that needs the service `name`, a key of `tools.services.SERVICES`."""
    return pytest.mark.needs_service(name)


@cache
def _lack(name: str) -> str | None:
    service = SERVICES[name]
    if not service.serves():
        return f"{name} is not installed: {install_command([service])}"
    if name == "postgresql" and postgresql_conninfo() is None:
        return "PostgreSQL lets nobody in: make services"
    return None


def require_service(name: str) -> None:
    """This function will skip the running test where the service `name` is missing; with CI=true it fails the test."""
    reason = _lack(name)
    if reason is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """This function will ask for every service that the test is marked with."""
    for mark in item.iter_markers("needs_service"):
        require_service(*mark.args)


def _url(conninfo: str, database: str) -> str:
    where = psycopg.conninfo.conninfo_to_dict(conninfo)
    host = str(where["host"])
    on_socket = host.startswith("/")
    return URL.create(
        "postgresql+psycopg",
        username=str(where["user"]),
        host=None if on_socket else host,
        port=None if on_socket else int(str(where["port"])),
        database=database,
        query={"host": host, "port": str(where["port"])} if on_socket else {},
    ).render_as_string(hide_password=False)


@contextmanager
def new_postgresql_database(template: str = "template1") -> Iterator[str]:
    """This function will create a database of a name never used before, give its SQLAlchemy URL, and drop it at the end.

    `template` is the name of a database to copy; nobody may be connected to it meanwhile.
    """
    require_service("postgresql")
    conninfo = postgresql_conninfo()
    assert conninfo is not None
    name = f"portal_test_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(conninfo, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield _url(conninfo, name)
    finally:
        with psycopg.connect(conninfo, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def ordinary_owner(url: str) -> Iterator[str]:
    """This function will make an ordinary role, hand it the database at `url`, give the URL as that role, and drop the role.

    It signs in over TCP with a password, as an installation's role does; the database must be dropped before the role is.
    """
    conninfo = postgresql_conninfo()
    assert conninfo is not None
    name, password = f"portal_test_owner_{os.getpid()}", secrets.token_hex(16)
    where = make_url(url)
    tcp = None if (where.host or "/").startswith("/") else where.host
    with psycopg.connect(conninfo, autocommit=True) as server:
        owner = sql.Identifier(name)
        server.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(owner))
        server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(owner, sql.Literal(password)))
        server.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(str(where.database)), owner))
        as_owner = URL.create(where.drivername, name, password, tcp or "127.0.0.1", where.port or 5432, where.database)
        yield as_owner.render_as_string(hide_password=False)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(str(where.database))))
        server.execute(sql.SQL("DROP ROLE {}").format(owner))


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database that lives as long as the test session."""
    with new_postgresql_database() as url:
        yield url
