"""Statements that boxes have run hundreds of times a second: made into text once, and held to the fences at that time.

SQLAlchemy takes longer for the way from a statement to its text, at every run, than the database for its answer. What is run here has
said beforehand all that a session would look for: a tenant's statement compares the `tenant_id` of every tenant table with the scope's
own, or with that of another table; what is written is telemetry; the platform's names no tenant's table. Row-level security of
PostgreSQL stands below, as always.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Column, Dialect, Insert, Select, Table
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression

from portal.core.database import Ground, PortalSession
from portal.core.direct import Direct
from portal.core.tenancy import PlatformScope, Scope, TenancyBreach, TenantScope, fenced_tables
from portal.core.unit_of_work import TELEMETRY, note_change

TENANT: Final = "tenant_id"

Statement = Any  # SELECT, INSERT, UPDATE or DELETE; a SELECT's type names its columns, which are nobody's concern here
Processor = Callable[[Any], Any]


class Prepared:
    """One statement; `make` returns it for a dialect's name. Its parameter `tenant_id`, where it has one, is always the scope's."""

    def __init__(self, make: Callable[[str], Statement]) -> None:
        self._make = make
        self._forms: dict[str, _Form] = {}

    def rows(self, on: Ground, values: Mapping[str, Any]) -> Sequence[Any]:
        """This function will run the statement and return its rows, each with the names of its columns."""
        form = self._form(on)
        if isinstance(on, Direct):
            return [form.row(row) for row in on.rows(form.text, form.bound(on.scope, values))]
        found = on.connection().exec_driver_sql(form.text, form.bound(_scope(on), values))
        return [form.row(row) for row in found]

    def changed(self, on: Ground, values: Mapping[str, Any]) -> int:
        """This function will run the statement, an UPDATE or DELETE, and return how many rows it changed."""
        form = self._form(on)
        if isinstance(on, Direct):
            return on.changed(form.text, form.bound(on.scope, values))
        return on.connection().exec_driver_sql(form.text, form.bound(_scope(on), values)).rowcount

    def each(self, session: Session, many: Iterable[Mapping[str, Any]]) -> None:
        """This function will run the statement once for each of `many`, at least one."""
        form = self._form(session)
        scope = _scope(session)
        session.connection().exec_driver_sql(form.text, [form.bound(scope, values) for values in many])

    def _form(self, on: Ground) -> "_Form":
        if isinstance(on, Direct):
            form = self._made(on.dialect)
            form.admit(on.scope)
            return form
        on.flush()  # what is run sees what the session has done so far
        form = self._made(on.get_bind().dialect)
        form.admit(_scope(on))
        if form.writes is not None:
            note_change(on, form.writes)
        return form

    def _made(self, dialect: Dialect) -> "_Form":
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _Form.of(self._make(dialect.name), dialect)
        return form


@dataclass(frozen=True)
class _Form:
    """A statement as one dialect writes it, with what turns values into the driver's and back."""

    text: str
    names: tuple[str, ...]
    positional: bool
    given: Mapping[str, Any]
    inward: Mapping[str, Processor | None]
    outward: tuple[Processor | None, ...]
    shape: Callable[..., Any]
    writes: str | None
    fenced: bool
    bears_tenant: bool

    @classmethod
    def of(cls, statement: Statement, dialect: Dialect) -> "_Form":
        """This function will make the form; raises `TenancyBreach` for a statement that no scope may run."""
        compiled = statement.compile(dialect=dialect)
        binds: Mapping[str, BindParameter[Any]] = compiled.binds
        inward = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        given = {name: _through(inward[name], bind.value) for name, bind in binds.items() if not bind.required}
        columns = list(statement.exported_columns)
        names = tuple(getattr(compiled, "positiontup", None) or binds)
        return cls(
            text=str(compiled),
            names=names,
            positional=bool(compiled.positional),
            given=given,
            inward=inward,
            outward=tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
            shape=namedtuple("Row", [column.key for column in columns]),  # noqa: PYI024 - its names are the statement's
            writes=_written(statement),
            fenced=_is_fenced(statement),
            bears_tenant=TENANT in binds,
        )

    def admit(self, scope: Scope) -> None:
        """This function will raise `TenancyBreach` where the scope may not run the statement."""
        if isinstance(scope, TenantScope) and self.fenced and not self.bears_tenant:
            raise TenancyBreach("a statement about a tenant's rows does not name the tenant")
        if isinstance(scope, PlatformScope) and self.fenced:
            raise TenancyBreach("a statement about a tenant's rows is run outside of one")
        if self.writes is not None and not isinstance(scope, TenantScope | PlatformScope):
            raise TenancyBreach("nothing is written across tenants")

    def bound(self, scope: Scope, values: Mapping[str, Any]) -> Any:
        """This function will return the parameters as the driver takes them."""
        whole = {**self.given, **{name: _through(self.inward[name], value) for name, value in values.items()}}
        if self.bears_tenant and isinstance(scope, TenantScope):
            whole[TENANT] = _through(self.inward[TENANT], scope.tenant_id)
        return tuple(whole[name] for name in self.names) if self.positional else whole

    def row(self, found: Sequence[Any]) -> Any:
        """This function will return a row as the application takes it."""
        return self.shape(*(_through(turn, value) for turn, value in zip(self.outward, found, strict=True)))


def _scope(session: Session) -> Scope:
    return cast(PortalSession, session).scope


def _through(turn: Processor | None, value: Any) -> Any:
    return value if turn is None else turn(value)


def _written(statement: Statement) -> str | None:
    if isinstance(statement, Select):
        return None
    table = statement.table
    if not isinstance(table, Table) or table.name not in TELEMETRY:
        raise TenancyBreach("only telemetry is written by a prepared statement")
    return table.name


def _is_fenced(statement: Statement) -> bool:
    """Whether tenants' tables are named; raises `TenancyBreach` where one of them is tied to no tenant."""
    fenced = {_plain(each) for each in _tables(statement)} & fenced_tables()
    for table in fenced - _tied(statement):
        raise TenancyBreach(f"{table.name} is tied to no tenant")
    return bool(fenced)


def _tables(statement: Statement) -> Iterator[Table]:
    if not isinstance(statement, Select) and isinstance(statement.table, Table):
        yield statement.table
    for element in visitors.iterate(statement):
        if isinstance(element, Table):
            yield element
        if isinstance(element, Column) and isinstance(element.table, Table):
            yield element.table


def _tied(statement: Statement) -> set[Table]:
    """The tables whose tenant is compared with the parameter, or with that of a table which is."""
    tied = (
        {_plain(statement.table)} if isinstance(statement, Insert) else set()
    )  # what it stores names the tenant, by the parameter
    pairs = [(_bearer(one.left), _bearer(one.right)) for one in _equations(statement)]
    for _ in pairs:
        for one, other in [*pairs, *((other, one) for one, other in pairs)]:
            if isinstance(one, Table) and (other == TENANT or other in tied):
                tied.add(one)
    return tied


def _equations(statement: Statement) -> Iterator[BinaryExpression[Any]]:
    for element in visitors.iterate(statement):
        if isinstance(element, BinaryExpression) and element.operator is operators.eq:
            yield element


def _bearer(side: Any) -> Table | str | None:
    """The table whose tenant one side of an equation is, or the name of a parameter."""
    if isinstance(side, Column) and side.name == TENANT and isinstance(side.table, Table):
        return _plain(side.table)
    return side.key if isinstance(side, BindParameter) else None


def _plain(table: Any) -> Table:
    return cast(Table, table._deannotate())  # noqa: SLF001 - as in `tenancy`: annotations have no public reader
