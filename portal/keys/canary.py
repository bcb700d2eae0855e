"""A sealed fact that the installation's keys must open: the wrong file of keys is found out at the start, not by a user."""

import base64
from typing import Any

from sqlalchemy import Connection, Engine, Select, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.core import row_security
from portal.core.crypto import SealBroken, Vault, place_of
from portal.core.installation import InstallationFact
from portal.keys.queries import SealedColumn, sealed_columns

_NAME = "canary"
_PLACE = place_of(InstallationFact.__tablename__, "value", None, _NAME)
_FACT = select(InstallationFact.value).where(InstallationFact.name == _NAME)


class ForeignKeys(Exception):
    """The keys at hand are not those with which this database was sealed."""


def stands(engine: Engine) -> bool:
    """This function will tell whether the database was sealed with some installation's keys."""
    with engine.connect() as connection:
        return _has_facts(connection) and connection.scalar(_FACT) is not None


def check(engine: Engine, vault: Vault) -> None:
    """This function will raise `ForeignKeys` where `vault` does not open what the database holds.

    A database that has no canary yet gets one, provided that the first sealed value found, if any, opens. One without tables is fine.
    """
    with engine.connect() as connection:
        row_security.enter_maintenance(connection)
        if not _has_facts(connection):
            return
        sealed = connection.scalar(_FACT)
        if sealed is not None:
            _open(sealed, vault)
            return
        _open_any(connection, vault)
    _plant(engine, vault)


def seal_anew(engine: Engine, vault: Vault) -> bool:
    """This function will seal the canary with the active key; tells whether another one had sealed it."""
    with engine.begin() as connection:
        sealed = connection.scalar(_FACT)
        if sealed is None or _open(sealed, vault) == vault.ring.active.id:
            return False
        connection.execute(update(InstallationFact).where(InstallationFact.name == _NAME).values(value=_sealed(vault)))
        return True


def _has_facts(connection: Connection) -> bool:
    return inspect(connection).has_table(InstallationFact.__tablename__)


def _open(text: str, vault: Vault) -> str:
    """Open the canary; returns the id of the key that had sealed it. It names the secret too, which seals nothing itself."""
    sealed = base64.b64decode(text)
    try:
        if vault.open(sealed, _PLACE) != vault.fingerprint(_NAME, _NAME):
            raise ForeignKeys
    except SealBroken as broken:
        raise ForeignKeys from broken
    return sealed[:4].hex()


def _open_any(connection: Connection, vault: Vault) -> None:
    for sealed in sealed_columns():
        if not _exists(connection, sealed):
            continue
        named = [one for one in (sealed.table.c.get("tenant_id"), sealed.table.c.id) if one is not None]
        statement: Select[Any] = select(*named, sealed.column).where(sealed.column.is_not(None)).limit(1)
        row = connection.execute(statement).first()
        if row is not None:
            try:
                vault.open(row[-1], sealed.place(row))
            except SealBroken as broken:
                raise ForeignKeys from broken
            return


def _exists(connection: Connection, sealed: SealedColumn) -> bool:
    """A database that waits for its migrations lacks the newest columns."""
    found = inspect(connection)
    name = sealed.table.name
    return found.has_table(name) and sealed.column.name in {one["name"] for one in found.get_columns(name)}


def _plant(engine: Engine, vault: Vault) -> None:
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    with engine.begin() as connection:
        connection.execute(insert(InstallationFact).values(name=_NAME, value=_sealed(vault)).on_conflict_do_nothing())


def _sealed(vault: Vault) -> str:
    return base64.b64encode(vault.seal(vault.fingerprint(_NAME, _NAME), _PLACE)).decode()
