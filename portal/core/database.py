"""The engine, and sessions that are bound for life to one scope.

The transaction begins with the first statement, never before: whoever hashes or handles files does it first and holds no lock meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, SQLITE_FULL
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, ExceptionContext, make_url
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction

from portal.core import row_security, unit_of_work
from portal.core.direct import Direct
from portal.core.errors import Unavailable
from portal.core.files import DiskFull
from portal.core.group_commit import GroupCommit
from portal.core.ids import TenantId
from portal.core.messages import N_
from portal.core.sqlite import WRITES, sqlite_engine
from portal.core.tenancy import (
    PlatformScope,
    Scope,
    SystemScope,
    TenancyBreach,
    TenantScope,
    begin_drawing,
    guard_flush,
    guard_statement,
    hide_from,
    unseen_of,
)

Result = TypeVar("Result")
Ground = Session | Direct  # where prepared statements are run

_POSTGRESQL_FULL = "53100"


class PortalSession(Session):
    """A session of one scope; what would pass by its fences raises `TenancyBreach`."""

    def __init__(self, bind: Engine | Connection, scope: Scope, *, writes: bool) -> None:
        super().__init__(
            bind.execution_options(**{WRITES: writes}),
            expire_on_commit=False,
            autoflush=True,
            join_transaction_mode="create_savepoint",  # on a connection that is in a transaction: `group_commit`
        )
        self.scope = scope

    def rollback(self) -> None:
        """Roll back and forget the account, also where no statement had begun a transaction yet."""
        super().rollback()
        if not self.in_nested_transaction():
            unit_of_work.reset(self)
            begin_drawing(self)  # nothing is written any more: what follows says why

    def bulk_save_objects(self, *args: Any, **kwargs: Any) -> None:
        """Refuse; `bulk_insert_mappings` and `bulk_update_mappings` do the same."""
        raise TenancyBreach("bulk writes pass by the fences")

    bulk_insert_mappings = bulk_update_mappings = bulk_save_objects


@event.listens_for(PortalSession, "after_begin")
def _fence_transaction(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        row_security.enter(connection, cast(PortalSession, session).scope)


@event.listens_for(PortalSession, "do_orm_execute")
def _fence_statements(state: ORMExecuteState) -> None:
    guard_statement(state, cast(PortalSession, state.session).scope)


@event.listens_for(PortalSession, "before_flush")
def _fence_rows(session: Session, context: UOWTransaction, instances: object) -> None:
    guard_flush(session, cast(PortalSession, session).scope)


@event.listens_for(PortalSession, "before_commit")
def _close_unit_of_work(session: Session) -> None:
    if not session.in_nested_transaction():  # a savepoint ends nothing: its changes are accounted for with the rest
        unit_of_work.close(session)


@event.listens_for(PortalSession, "after_commit")
def _remember_after_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        if (unforced := unit_of_work.work_of(session).unforced) is not None:
            _force_down(unforced)
        session.info["after_commit"] = unit_of_work.reset(session)


def _force_down(connection: Connection) -> None:
    """Wait until PostgreSQL has what was just committed on its disk.

    The commit itself did not wait, so as to let go of the log's lock. This message is a transaction of its own, later in the
    write-ahead log, whose commit does wait: when it returns, everything before it is down. Of many that wait at once, one
    forcing of the disk serves all. Nobody has been answered before that.
    """
    driver: Any = connection.connection.dbapi_connection
    driver.autocommit = True
    try:
        driver.execute("SELECT pg_logical_emit_message(true, 'portal', '')")
    finally:
        driver.autocommit = False


@event.listens_for(PortalSession, "after_rollback")
def _forget_unit_of_work(session: Session) -> None:
    if not session.in_nested_transaction():
        unit_of_work.reset(session)


class Database:
    """One database of the portal: its engine and the three kinds of session."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.engine = (
            sqlite_engine(url)
            if self.is_sqlite
            else create_engine(url, pool_size=pool_size, pool_pre_ping=True, hide_parameters=True)
        )
        self._group = GroupCommit(self.engine)
        event.listen(self.engine, "handle_error", _say_what_lacks)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    def session(self, scope: Scope, *, writes: bool = False) -> PortalSession:
        """This function will return a new session of `scope`; only one with `writes` should change anything."""
        return PortalSession(self.engine, scope, writes=writes)

    def run(self, scope: Scope, act: Callable[[PortalSession], Result]) -> Result:
        """This function will run `act` in a transaction of `scope` and return its result; on SQLite together with what others run at the moment.

        `act` may run in another thread and more than once; only what is committed is answered. Raises what `act` and the commit raise.
        """
        if self.is_sqlite:
            return self._group.run(lambda connection: PortalSession(connection, scope, writes=True), act)
        with self.session(scope, writes=True) as session:
            result = act(session)
            commit(session)
            return result

    def run_prepared(self, scope: Scope, act: Callable[[Ground], Result]) -> Result:
        """This function will do what `run` does, for an `act` that runs nothing but prepared statements; on SQLite without a session."""
        if not self.is_sqlite:
            return self.run(scope, act)
        return self._group.run(
            lambda connection: Direct(self.engine, connection.connection.driver_connection, scope), act
        )

    @contextmanager
    def looking(self, scope: Scope) -> Iterator[Ground]:
        """This function will give what prepared statements read on, each by itself; on SQLite without a session."""
        if not self.is_sqlite:
            with self.session(scope) as session:
                yield session
            return
        line = self.engine.raw_connection()
        try:
            yield Direct(self.engine, line.driver_connection, scope)
        finally:
            line.close()

    def dispose(self) -> None:
        """This function will close every connection."""
        self.engine.dispose()


def _say_what_lacks(failure: ExceptionContext) -> None:
    """A database without room, or too busy, is nobody's fault and nothing to hide: people are told and may try again."""
    error = failure.original_exception
    if getattr(error, "sqlstate", None) == _POSTGRESQL_FULL or getattr(error, "sqlite_errorcode", None) == SQLITE_FULL:
        raise DiskFull from error
    if getattr(error, "sqlite_errorcode", None) == SQLITE_BUSY or failure.is_disconnect:
        raise Unavailable(N_("系统正忙，这一步没有完成，请稍后再试。")) from error


_database: Database | None = None


def use(database: Database) -> None:
    """This function will make `database` the one that this process works on."""
    global _database
    _database = database


def database() -> Database:
    """This function will return the process's database; raises `RuntimeError` before `use`."""
    if _database is None:
        raise RuntimeError("no database is open")
    return _database


@contextmanager
def tenant_session(tenant_id: TenantId, *, writes: bool = False) -> Iterator[PortalSession]:
    """This function will open a session for one tenant and close it, rolling back what was not committed."""
    with database().session(TenantScope(tenant_id), writes=writes) as session:
        yield session


@contextmanager
def session_beside(session: Session, *, writes: bool = False) -> Iterator[PortalSession]:
    """This function will open another session for the same tenant and reader and close it, for what must not wait for `session` or hold its locks."""
    with database().session(cast(PortalSession, session).scope, writes=writes) as own:
        hide_from(own, unseen_of(session), writes=writes)
        yield own


@contextmanager
def platform_session(*, writes: bool = False) -> Iterator[PortalSession]:
    """This function will open a session in which tenant tables do not exist, and close it."""
    with database().session(PlatformScope(), writes=writes) as session:
        yield session


@contextmanager
def system_session(*, reason: str) -> Iterator[PortalSession]:
    """This function will open a session that reads across all tenants, for `reason`, and close it."""
    with database().session(SystemScope(reason)) as session:
        yield session


def commit(session: Session) -> None:
    """This function will commit the session's one transaction and then run what waits for it.

    Only the pipeline, `run_as_system` and the publisher call it. Raises what `unit_of_work.UnitOfWork.check` raises.
    """
    session.commit()
    for action in session.info.pop("after_commit", []):
        action()
