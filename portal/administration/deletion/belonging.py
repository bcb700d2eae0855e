"""What of the database belongs to one tenant, found from the models, so that a new table cannot be forgotten.

Three kinds: tenant tables, whose rows a tenant owns; registries of the platform that name a tenant, with whatever hangs on
their rows; and the people who belong to no other tenant, with whatever hangs on them. The log belongs to nobody: its records
name a tenant without referring to one, because they outlive it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from sqlalchemy import Column, ColumnElement, ForeignKey, Table, select

from portal.core.models import Base
from portal.core.tenancy import fenced_tables
from portal.tenants.models import TenantDeletion

TENANTS, USERS = "tenants", "users"
KEPT = frozenset({TenantDeletion.__tablename__})
"""Registries that name a tenant for ever, so that what it had is never given again."""


@cache
def tenant_tables() -> tuple[Table, ...]:
    """This function will return the tables whose rows a tenant owns, those that refer to others first."""
    return tuple(table for table in _children_first() if table in fenced_tables() and _refers_to_tenant(table))


@cache
def log_tables() -> frozenset[str]:
    """This function will return the names of the tables that name a tenant and outlive it."""
    return frozenset(table.name for table in fenced_tables() if not _refers_to_tenant(table))


def seats_first() -> tuple[Table, ...]:
    """This function will return the tenant tables with `memberships` and what refers to it in front: nobody may enter meanwhile."""
    seats = {
        table for table in tenant_tables() if "memberships" in {table.name, *(one.name for one in _parents(table))}
    }
    return (*(one for one in tenant_tables() if one in seats), *(one for one in tenant_tables() if one not in seats))


Condition = tuple[Table, ColumnElement[bool]]


def platform_rows(tenant_id: str | None, user_ids: Sequence[str]) -> Iterator[Condition]:
    """This function will yield what of the platform's tables goes with the tenant, if one is given, and these people, children first."""
    roots: dict[str, ColumnElement[bool]] = {USERS: _column(USERS, "id").in_(user_ids)}
    if tenant_id is not None:
        roots[TENANTS] = _column(TENANTS, "id") == tenant_id
    for table in _children_first():
        if table not in fenced_tables():
            for condition in _conditions(table, tenant_id, roots):
                yield table, condition


def loose_references(user_ids: Sequence[str]) -> Iterator[tuple[Table, Column[str], ColumnElement[bool]]]:
    """This function will yield the columns of the platform that may name these people and can do without them."""
    for table in Base.metadata.sorted_tables:
        if table not in fenced_tables():
            for key in _keys_to(table, USERS):
                if key.parent.nullable:
                    yield table, key.parent, key.parent.in_(user_ids)


def people_columns() -> Iterator[Column[str]]:
    """This function will yield the columns of tenant tables that name a person: whoever one of them names cannot go without a trace."""
    for table in tenant_tables():
        yield from (key.parent for key in _keys_to(table, USERS))


def _conditions(
    table: Table, tenant_id: str | None, roots: Mapping[str, ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """The conditions under which a row of a platform table goes, each for itself."""
    if table.name in KEPT:
        return []
    if table.name in roots:
        return [roots[table.name]]
    found: list[ColumnElement[bool]] = []
    if tenant_id is not None:
        found = [column == tenant_id for column in table.c if column.name == "tenant_id" or _leads_to_tenant(column)]
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        parent = key.column.table
        if key.parent.nullable or parent is table or parent in fenced_tables() or parent.name == TENANTS:
            continue
        found += [key.parent.in_(select(key.column).where(one)) for one in _conditions(parent, tenant_id, roots)]
    return found


def _leads_to_tenant(column: Column[str]) -> bool:
    return any(key.column.table.name == TENANTS for key in column.foreign_keys)


def _refers_to_tenant(table: Table) -> bool:
    return _leads_to_tenant(table.c.tenant_id)


def _parents(table: Table) -> set[Table]:
    return {key.column.table for key in table.foreign_keys if key.column.table is not table}


def _keys_to(table: Table, name: str) -> list[ForeignKey]:
    return [key for key in table.foreign_keys if key.column.table.name == name]


def _children_first() -> tuple[Table, ...]:
    return tuple(reversed(Base.metadata.sorted_tables))


def _column(table: str, name: str) -> Column[str]:
    return Base.metadata.tables[table].c[name]
