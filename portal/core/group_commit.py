"""Many small transactions made one on SQLite, which has one writer at a time and forces its disk at every commit.

Whoever comes while another thread commits waits, and then goes with all who wait: one lock, one commit, one forcing of the disk. Each
keeps what makes it a transaction: a session of its own in its own scope, inside a savepoint, so that what one raises takes back nothing
but its own. Nobody is answered before the commit of all is on the disk; where that fails, it failed for each. There is no thread for it:
the first who waits leads the next group.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.core.direct import Direct
from portal.core.errors import PortalError

Result = TypeVar("Result")
AnyGround = TypeVar("AnyGround", bound=Session | Direct)

_MOST: Final = 64


class Again(Exception):
    """The base of what a call raises to be made anew: its own affair, which the others of the group do not notice."""


@dataclass(eq=False)
class _Call:
    """One of the small transactions. `turn` is set when it is done, or when it leads; `settled` says that its end is known."""

    ground: Callable[[Connection], Any]
    act: Callable[[Any], Any]
    turn: Event = field(default_factory=Event)
    leads: bool = False
    settled: bool = False
    result: Any = None
    failure: BaseException | None = None
    afterwards: list[Callable[[], None]] = field(default_factory=list)


class GroupCommit:
    """The groups of one process on one SQLite database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._waiting: deque[_Call] = deque()
        self._led = False

    def run(self, ground: Callable[[Connection], AnyGround], act: Callable[[AnyGround], Result]) -> Result:
        """This function will run `act` on what `ground` makes of a connection, commit it together with others, and return its result.

        The ground is a session, or the driver's connection for statements that are prepared.

        Raises what `act` raises, with all that it changed taken back, and what the commit raises. `act` may run in another thread, and
        more than once before it is committed.
        """
        call = _Call(ground, act)
        with self._lock:
            self._waiting.append(call)
            if not self._led:
                self._led = call.leads = True
        if not call.leads:
            call.turn.wait()
        if call.leads:
            self._lead()
        if call.failure is not None:
            raise call.failure
        for action in call.afterwards:
            action()
        return cast(Result, call.result)

    def _lead(self) -> None:
        """Commit whoever waits, the leader among them, and hand over to the first who came meanwhile."""
        with self._lock:
            group = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
        try:
            self._commit(group)
        except BaseException as failure:  # also what ends the thread: nobody may wait for ever
            _fail(group, failure)
            if not isinstance(failure, Exception):
                raise
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
                if following is not None:
                    following.leads = True
            for call in [*group, *([following] if following is not None else [])]:
                call.turn.set()

    def _commit(self, group: list[_Call]) -> None:
        try:
            self._commit_together(group)
        except _Spoilt as spoilt:
            if len(group) == 1:
                _fail(group, spoilt.__cause__)
                return
            for call in group:
                self._commit_alone(call)

    def _commit_alone(self, call: _Call) -> None:
        """Commit one call of a group that began anew: where that fails it fails for this one, and the next has its turn."""
        try:
            self._commit([call])
        except Exception as failure:  # noqa: BLE001 - whoever made the call raises it
            _fail([call], failure)

    def _commit_together(self, group: list[_Call]) -> None:
        with self._engine.connect() as connection, connection.begin():  # a connection that says nothing else writes
            for call in group:
                _run(connection, call)
            if not _in_transaction(connection):
                raise _Spoilt from RuntimeError("the transaction ended before its commit")
        for call in group:
            call.settled = True


class _Spoilt(Exception):
    """Something went wrong of which nobody knows what else it has taken back: the group begins anew, one by one."""


def _run(connection: Connection, call: _Call) -> None:
    call.failure = None
    ground = call.ground(connection)
    if isinstance(ground, Direct):
        _run_directly(ground, call)
    else:
        _run_in_session(ground, call)


def _run_in_session(session: Session, call: _Call) -> None:
    try:
        call.result = call.act(session)
        session.commit()
        call.afterwards = session.info.pop("after_commit", [])
    except (PortalError, Again, IntegrityError, StaleDataError) as failure:
        session.rollback()
        call.failure = failure
    except Exception as failure:
        raise _Spoilt from failure
    finally:
        session.close()


def _run_directly(ground: Direct, call: _Call) -> None:
    try:
        ground.hold()
        try:
            call.result = call.act(ground)
        except (PortalError, Again) as failure:
            ground.take_back()
            call.failure = failure
        else:
            ground.let_go()
    except Exception as failure:
        raise _Spoilt from failure


def _fail(group: list[_Call], failure: BaseException | None) -> None:
    """Those whose end is not known yet have failed; what others did is on the disk, or was refused, whatever happened later."""
    for call in group:
        if not call.settled:
            call.failure, call.settled = failure, True


def _in_transaction(connection: Connection) -> bool:
    """SQLite ends a transaction by itself where the disk is full or fails; what came before is then gone."""
    driver: Any = connection.connection.dbapi_connection
    return bool(driver.in_transaction)
