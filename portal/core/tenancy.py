"""The fences between tenants that stand inside a session.

A session is bound for life to one scope. In a tenant's scope every ORM statement, relationship loads included, gets the
criterion `tenant_id = <the tenant>`; Core, text and bulk statements on tenant tables raise; a flush stamps new rows and
refuses rows of somebody else. In the platform's scope tenant tables do not exist. Reading across tenants is for
`system_session(reason=...)` alone, and it cannot write tenant rows at all.

No session of any scope writes what the append of the log alone may write.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from sqlalchemy import CTE, ColumnClause, SelectBase, Subquery, Table, TextClause, inspect
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.selectable import AliasedReturnsRows

from portal.core.ids import TenantId
from portal.core.models import AppendOnly, Base, TenantOwned, TenantTagged
from portal.core.unit_of_work import TELEMETRY, note_change


class TenancyBreach(Exception):
    """A statement or a row that would cross the border of a tenant: a fault of ours, stopped before the database."""


class LogIsClosed(Exception):
    """A session would write into the operation log, past its append: a fault of ours, stopped before the database."""


@dataclass(frozen=True)
class TenantScope:
    """One tenant, for life."""

    tenant_id: TenantId

    @cached_property
    def criteria(self) -> tuple[ExecutableOption, ExecutableOption]:
        """What every ORM statement of the scope is given: rows of this tenant alone."""
        tenant_id = self.tenant_id
        return (
            with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True),
            with_loader_criteria(TenantTagged, lambda cls: cls.tenant_id == tenant_id, include_aliases=True),
        )


@dataclass(frozen=True)
class PlatformScope:
    """Tables of the platform only."""


@dataclass(frozen=True)
class SystemScope:
    """Every tenant, for reading, with the reason that a reader of the code or of the log is owed."""

    reason: str


Scope = TenantScope | PlatformScope | SystemScope

INFRASTRUCTURE = "portal_infrastructure"

# Keys of `Session.info`, with ids of content that whoever it works for may not see: left out of what a reading session finds,
# and not named by one that writes, which has to know of it (`content/veil.py`) until it draws a page.
# The third says that one that writes has found something of which its reader may not see all.
HIDDEN, UNSEEN, FOUND = "content_hidden", "content_unseen", "content_found"


def hide_from(session: Session, unseen: frozenset[str], *, writes: bool) -> None:
    """This function will keep the content and files of `unseen` from whoever the session works for."""
    if unseen:
        session.info[UNSEEN if writes else HIDDEN] = unseen


def unseen_of(session: Session) -> frozenset[str]:
    """This function will return the ids of what whoever the session works for may not see."""
    found: frozenset[str] = session.info.get(UNSEEN) or session.info.get(HIDDEN) or frozenset()
    return found


def begin_drawing(session: Session) -> None:
    """This function will have a session that was to write find from now on what one that reads would find."""
    hide_from(session, unseen_of(session), writes=False)
    session.info.pop(FOUND, None)


def may_draw(session: Session) -> bool:
    """This function will tell whether what the session has found may stand on a page of whoever it works for."""
    return FOUND not in session.info


@cache
def fenced_tables() -> frozenset[Table]:
    """This function will return the tables whose rows belong to, or are marked with, a tenant."""
    return frozenset(
        mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantOwned | TenantTagged) and isinstance(mapper.local_table, Table)
    )


@cache
def _append_only_tables() -> frozenset[Any]:
    mappers = Base.registry.mappers
    return frozenset(mapper.local_table for mapper in mappers if issubclass(mapper.class_, AppendOnly))


def guard_statement(state: ORMExecuteState, scope: Scope) -> None:
    """This function will refuse a statement that leaves the scope, and add the tenant's criterion to one that may stay.

    Raises `TenancyBreach` for Core, text and bulk statements on fenced tables, and for fenced tables in the platform's scope;
    `LogIsClosed` for those that write into the log.
    """
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and _target_table(state) in _append_only_tables():
        raise LogIsClosed(f"{_target_table(state).name} is written by the append alone")
    if state.execution_options.get(INFRASTRUCTURE):
        return
    if isinstance(state.statement, TextClause):
        raise TenancyBreach("a text statement cannot be fenced")
    if not isinstance(scope, SystemScope) or writes:
        _refuse_what_cannot_be_fenced(state, scope, writes=writes)
    if writes:
        note_change(state.session, _target_table(state).name)
    if isinstance(scope, TenantScope):
        state.statement = state.statement.options(*scope.criteria)


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
        return
    for table in _unmapped_tables(state.statement):
        raise TenancyBreach(f"{table.name} is not named through its mapped class, so no criterion reaches it")
    if isinstance(scope, PlatformScope):
        for table in _named_tables(state.statement):
            raise TenancyBreach(f"{table.name} belongs to tenants and is named outside of one")


def _named_tables(statement: Any) -> Iterator[Table]:
    """Fenced tables that the statement names in any way."""
    for element in visitors.iterate(statement):
        if isinstance(element, Table) and element._deannotate() in fenced_tables():  # noqa: SLF001 - as everywhere in this file: annotations have no public reader
            yield element


def _unmapped_tables(element: Any) -> Iterator[Table]:
    """Fenced tables that some SELECT of the statement uses without the mapped class; the ORM fences only mapped ones."""
    frames = [element]
    while frames:
        root = frames.pop()
        plain: set[Table] = set()
        mapped: set[Table] = set()
        pending = [root]
        while pending:
            part = pending.pop()
            if isinstance(part, SelectBase) and part is not root:
                frames.append(part)
                continue
            pending.extend(part.get_children())
            if (table := _table_of(part)) is None or table not in fenced_tables():
                continue
            if "parententity" in part._annotations:  # noqa: SLF001
                mapped.add(table)
            elif isinstance(part, ColumnClause) and not isinstance(part.table, Table):
                yield table  # a column of an unmapped alias: a mapped use of the same table would not fence it
            else:
                plain.add(table)
        yield from plain - mapped


def _table_of(part: Any) -> Table | None:
    """The plain table that a FROM element or a column stands for, through aliases; something else for other parts."""
    found = part.table if isinstance(part, ColumnClause) else part
    while isinstance(found, AliasedReturnsRows) and not isinstance(found, Subquery | CTE):
        found = found.element
    return found._deannotate() if isinstance(found, Table) else None  # noqa: SLF001


def guard_flush(session: Session, scope: Scope) -> None:
    """This function will stamp new rows with the scope's tenant and refuse rows that belong to another one.

    Raises `TenancyBreach` and `LogIsClosed`; it also notes for the unit of work which tables change.
    """
    changed = [row for row in session.dirty if session.is_modified(row)]
    for row in [*session.new, *changed, *session.deleted]:
        if isinstance(row, AppendOnly):
            raise LogIsClosed(f"{type(row).__name__} is written by the append alone")
        if isinstance(row, TenantOwned):
            _stamp(row, scope)
        note_change(session, inspect(row).mapper.local_table.name)


def _stamp(row: TenantOwned, scope: Scope) -> None:
    if not isinstance(scope, TenantScope):
        raise TenancyBreach(f"{type(row).__name__} can be written only in its tenant's own session")
    if not row.tenant_id:
        row.tenant_id = scope.tenant_id
    if row.tenant_id != scope.tenant_id:
        raise TenancyBreach(f"{type(row).__name__} {row.id} belongs to another tenant")
