"""The fences between tenants that stand inside a session.

A session is bound for life to one scope. In a tenant's scope every ORM statement, relationship loads included, gets the
criterion `tenant_id = <the tenant>`; Core, text and bulk statements on tenant tables raise; a flush stamps new rows and
refuses rows of somebody else. In the platform's scope tenant tables do not exist. Reading across tenants is for
`system_session(reason=...)` alone, and it cannot write tenant rows at all.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, inspect
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors

from portal.core.ids import TenantId
from portal.core.models import Base, TenantOwned, TenantTagged
from portal.core.unit_of_work import TELEMETRY, note_change


class TenancyBreach(Exception):
    """A statement or a row that would cross the border of a tenant: a fault of ours, stopped before the database."""


@dataclass(frozen=True)
class TenantScope:
    """One tenant, for life."""

    tenant_id: TenantId


@dataclass(frozen=True)
class PlatformScope:
    """Tables of the platform only."""


@dataclass(frozen=True)
class SystemScope:
    """Every tenant, for reading, with the reason that a reader of the code or of the log is owed."""

    reason: str


Scope = TenantScope | PlatformScope | SystemScope

INFRASTRUCTURE = "portal_infrastructure"


@cache
def fenced_tables() -> frozenset[Table]:
    """This function will return the tables whose rows belong to, or are marked with, a tenant."""
    return frozenset(
        mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantOwned | TenantTagged) and isinstance(mapper.local_table, Table)
    )


def guard_statement(state: ORMExecuteState, scope: Scope) -> None:
    """This function will refuse a statement that leaves the scope, and add the tenant's criterion to one that may stay.

    Raises `TenancyBreach` for Core, text and bulk statements on fenced tables, and for fenced tables in the platform's scope.
    """
    if state.execution_options.get(INFRASTRUCTURE):
        return
    if isinstance(state.statement, TextClause):
        raise TenancyBreach("a text statement cannot be fenced")
    writes = state.is_insert or state.is_update or state.is_delete
    if not isinstance(scope, SystemScope) or writes:
        _refuse_what_cannot_be_fenced(state, scope, writes=writes)
    if writes:
        note_change(state.session, _target_table(state).name)
    if isinstance(scope, TenantScope):
        tenant_id = scope.tenant_id
        state.statement = state.statement.options(
            with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True),
            with_loader_criteria(TenantTagged, lambda cls: cls.tenant_id == tenant_id, include_aliases=True),
        )


def _target_table(state: ORMExecuteState) -> Table:
    table: Any = state.statement.table  # type: ignore[attr-defined]
    if not isinstance(table, Table):
        raise TenancyBreach("a bulk statement must name a table")
    return table


def _refuse_what_cannot_be_fenced(state: ORMExecuteState, scope: Scope, *, writes: bool) -> None:
    if writes:
        target = _target_table(state)
        if target in fenced_tables() and target.name not in TELEMETRY:
            raise TenancyBreach(f"bulk statements on {target.name} pass by the unit of work and the fences")
    for element in visitors.iterate(state.statement):
        if not isinstance(element, Table):
            continue
        if (element in fenced_tables() or _deannotated(element) in fenced_tables()) and not _may_name(element, scope):
            raise TenancyBreach(f"{element.name} is named outside a tenant, or not through its mapped class")


def _deannotated(table: Table) -> Table:
    plain: Table = table._deannotate()
    return plain


def _may_name(table: Table, scope: Scope) -> bool:
    return isinstance(scope, TenantScope) and "parententity" in table._annotations


def guard_flush(session: Session, scope: Scope) -> None:
    """This function will stamp new rows with the scope's tenant and refuse rows that belong to another one.

    Raises `TenancyBreach`; it also notes for the unit of work which tables change.
    """
    changed = [row for row in session.dirty if session.is_modified(row)]
    for row in [*session.new, *changed, *session.deleted]:
        if isinstance(row, TenantOwned):
            _stamp(row, scope)
        note_change(session, inspect(row).mapper.local_table.name)  # type: ignore[union-attr]


def _stamp(row: TenantOwned, scope: Scope) -> None:
    if not isinstance(scope, TenantScope):
        raise TenancyBreach(f"{type(row).__name__} can be written only in its tenant's own session")
    if row.tenant_id is None:
        row.tenant_id = scope.tenant_id
    if row.tenant_id != scope.tenant_id:
        raise TenancyBreach(f"{type(row).__name__} {row.id} belongs to another tenant")
