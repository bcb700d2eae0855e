"""Doing a deletion, step by step; each step may be cut off anywhere and done again, so a killed process only makes it late.

1. The tenant is closed: it exists for nobody, its sessions end, nothing is written for it any more.
2. The ledger outside of the database names it.
3. Nobody has a seat in it; then its files go, of which its rows still say which they are, as far as no other tenant has the same.
4. Its rows go, a table at a time, in sessions of its own: row-level security holds them to it.
5. In one transaction its key is destroyed, and the registries, the people and the tenant itself go. Every foreign key of a
   tenant table leads to the tenant, so the database refuses this while a row of it is left.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from portal.access.acl import Acl
from portal.access.checks import ask
from portal.access.models import AccessList
from portal.access.permissions import Permission
from portal.access.queries import key_of
from portal.accounts.models import Membership, User, UserSession
from portal.administration.deletion import belonging, ledger
from portal.administration.deletion.queries import due, is_ended
from portal.administration.deletion.states import DeletionState
from portal.audit.events import Event
from portal.audit.keys import destroy_key
from portal.audit.log import Target, record
from portal.core import clock, unit_of_work
from portal.core.context import SYSTEM, Actor, Context, TenantRef
from portal.core.database import commit, database, platform_session, system_session, tenant_session
from portal.core.faults import declare, fault_point
from portal.core.ids import TenantId
from portal.core.logs import get_logger
from portal.core.tenancy import INFRASTRUCTURE
from portal.media.jobs import wipe_media
from portal.releases.clearing import wipe_public
from portal.tenants.models import Channel, Tenant, TenantDeletion

_CLOSED = declare("deletion.1-closed")
_LEDGER = declare("deletion.2-in-ledger")
_SEATS = declare("deletion.3-seats-gone")
_FILES = declare("deletion.4-files-gone")
_ROWS = declare("deletion.5-rows-gone")
_GONE = declare("deletion.6-gone")

POINTS = (_CLOSED, _LEDGER, _SEATS, _FILES, _ROWS, _GONE)

_log = get_logger()
_NAMELESS = "已删除"
_ROWS_GONE = "rows"


@dataclass(frozen=True)
class _Doing:
    """One deletion under way, and who does it: the system by the clock, or the command line after a restore."""

    id: str
    tenant_id: TenantId
    enterprise_id: str
    actor: Actor

    @property
    def tenant(self) -> TenantRef:
        """The tenant, whose own records say what of it went; they close with its key like all others."""
        return TenantRef(self.tenant_id, self.enterprise_id, self.enterprise_id, None)

    @property
    def target(self) -> Target:
        """The deletion as records name it."""
        return Target("tenant_deletion", self.id, self.enterprise_id)


def wipe_due(actor: Actor = SYSTEM) -> int:
    """This function will do every deletion whose day has come, and go on with those that were begun; returns how many are done."""
    with system_session(reason="deletions whose day has come") as session:
        waiting = due(session)
    return sum(or_later(partial(wipe, deletion_id, actor)) for deletion_id in waiting)


def wipe(deletion_id: str, actor: Actor = SYSTEM) -> bool:
    """This function will do one deletion from wherever it is; False where it was taken back because the enterprise is not ended any more."""
    doing = _close(deletion_id, actor)
    if doing is None:
        return False
    fault_point(_CLOSED)
    ledger.enter(doing.tenant_id, doing.enterprise_id, clock.now())
    fault_point(_LEDGER)
    tables = belonging.seats_first()
    seats = [table for table in tables if table.name in _seat_tables()]
    _wipe_tables(doing, seats)
    fault_point(_SEATS)
    files = _wipe_files(doing)
    fault_point(_FILES)
    _wipe_tables(doing, belonging.tenant_tables())
    fault_point(_ROWS)
    _finish(doing, files)
    fault_point(_GONE)
    _scrub()
    return True


def or_later(act: Callable[[], bool]) -> bool:
    """This function will do one deletion; one that fails, on a full disk say, keeps no other waiting and is tried again at the next look."""
    try:
        return act()
    except Exception:  # noqa: BLE001 - as the docstring says
        _log.exception("a deletion is left to the next look")
        return False


def _close(deletion_id: str, actor: Actor) -> _Doing | None:
    with platform_session() as session:
        row = session.get_one(TenantDeletion, deletion_id)
        doing = _Doing(row.id, TenantId(row.tenant_id), row.enterprise_id, actor)
        begun = row.state == DeletionState.WIPING
    if begun:
        return doing
    with tenant_session(doing.tenant_id) as session:
        ended = is_ended(session, doing.tenant_id)
    again = any(entry.tenant_id == doing.tenant_id for entry in ledger.entries())
    people = _own_people(doing.tenant_id)
    with platform_session(writes=True) as session:
        ctx = Context(session, actor)
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        wanted = select(TenantDeletion).where(TenantDeletion.id == deletion_id).with_for_update()
        row = session.scalars(wanted).one()
        if row.state != DeletionState.WAITING:
            return doing if row.state == DeletionState.WIPING else None
        if not ended and not again:
            row.state, row.ended_at = DeletionState.WITHDRAWN.value, clock.now()
            record(ctx, Event.DELETION_WITHDRAWN, doing.target, enterprise_id=doing.enterprise_id)
        else:
            row.state, row.user_ids = DeletionState.WIPING.value, people
            sessions = _shut(session, doing.tenant_id)
            record(ctx, Event.TENANT_CLOSED, doing.target, enterprise_id=doing.enterprise_id, sessions=sessions)
        commit(session)
    return doing if ended or again else None


def _shut(session: Session, tenant_id: TenantId) -> int:
    at = clock.now()
    session.execute(update(Tenant).where(Tenant.id == tenant_id).values(closed_at=at))
    mine = update(UserSession).where(UserSession.tenant_id == tenant_id, UserSession.ended_at.is_(None))
    ended: Any = session.execute(mine.values(ended_at=at, end_reason="tenant_deleted"))
    return int(ended.rowcount)


def _own_people(tenant_id: TenantId) -> list[str]:
    """The people who have a seat in this tenant, and no other."""
    with system_session(reason="people who belong to a tenant that is deleted and to no other") as session:
        elsewhere = select(Membership.user_id).where(Membership.tenant_id != tenant_id)
        here = select(Membership.user_id).join(User, User.id == Membership.user_id)
        here = here.where(Membership.tenant_id == tenant_id, User.staff_role.is_(None))
        return sorted(session.scalars(here.where(Membership.user_id.not_in(elsewhere))))


def _seat_tables() -> frozenset[str]:
    names = {"memberships"}
    for table in belonging.tenant_tables():
        if any(key.column.table.name == "memberships" for key in table.foreign_keys):
            names.add(table.name)
    return frozenset(names)


def _wipe_files(doing: _Doing) -> int:
    with system_session(reason="channels of a tenant that is deleted") as session:
        channels = session.scalars(select(Channel.channel).where(Channel.tenant_id == doing.tenant_id)).all()
    return wipe_public(doing.tenant_id, channels) + wipe_media(doing.tenant_id)


def _wipe_tables(doing: _Doing, tables: Sequence[Table]) -> None:
    for table in tables:
        with tenant_session(doing.tenant_id, writes=True) as session:
            ctx = Context(session, doing.actor)
            ask(ctx, Permission.SYSTEM_MAINTAIN)
            gone = _delete(session, table, table.c.tenant_id == doing.tenant_id)
            if gone:
                row = session.get_one(TenantDeletion, doing.id, with_for_update=True)
                row.extent = {**row.extent, _ROWS_GONE: row.extent.get(_ROWS_GONE, 0) + gone}
                known: dict[str, Any] = {"enterprise_id": doing.enterprise_id, "table": table.name, "count": gone}
                record(replace(ctx, tenant=doing.tenant), Event.TENANT_ROWS_WIPED, doing.target, **known)
                commit(session)


def _finish(doing: _Doing, files: int) -> None:
    with platform_session() as session:
        people = list(session.get_one(TenantDeletion, doing.id).user_ids)
    named_elsewhere = _named_elsewhere(people)
    leaving = [user_id for user_id in people if user_id not in named_elsewhere]
    with platform_session(writes=True) as session:
        ctx = Context(session, doing.actor)
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        row = session.scalars(select(TenantDeletion).where(TenantDeletion.id == doing.id).with_for_update()).one()
        if row.state == DeletionState.DONE:
            return
        destroy_key(session, doing.tenant_id)
        _delete(session, AccessList.__table__, AccessList.key == key_of(Acl.INFORMATION, doing.tenant_id))
        for table, column, condition in belonging.loose_references(leaving):
            session.execute(update(table).where(condition).values({column.name: None}))
            unit_of_work.note_change(session, table.name)
        for table, condition in belonging.platform_rows(doing.tenant_id, leaving):
            _delete(session, table, condition)
        for user_id in sorted(named_elsewhere):
            _make_nameless(session, user_id)
        row.state, row.ended_at, row.name, row.reason, row.user_ids = (
            DeletionState.DONE.value, clock.now(), "", "", [],
        )  # fmt: skip
        record(
            ctx,
            Event.TENANT_WIPED,
            doing.target,
            enterprise_id=doing.enterprise_id,
            people=len(people),
            files=files,
            rows=row.extent.get(_ROWS_GONE, 0),
        )
        commit(session)


def _named_elsewhere(user_ids: Sequence[str]) -> set[str]:
    """Those of the people whom something of another tenant names, as the author of a text say."""
    named: set[str] = set()
    with system_session(reason="what other tenants' rows say of people who are deleted") as session:
        for column in belonging.people_columns():
            wanted = select(column).where(column.in_(user_ids)).distinct()
            named.update(session.scalars(wanted, execution_options={INFRASTRUCTURE: True}))
    return named


def _make_nameless(session: Session, user_id: str) -> None:
    """Somebody whom another tenant's texts name stays as a number: no name, nothing to sign in with, what hung on the account gone."""
    for table, condition in belonging.platform_rows(None, [user_id]):
        if table.name != belonging.USERS:
            _delete(session, table, condition)
    user = session.get_one(User, user_id)
    user.username, user.display_name, user.pinyin = f"deleted-{user_id}", _NAMELESS, ""
    user.password_hash, user.totp_secret, user.disabled_at = None, None, user.disabled_at or clock.now()


def _delete(session: Session, table: Any, condition: Any) -> int:
    """Delete past the session's own fences, which know no bulk statements; those of the database hold."""
    gone: Any = session.execute(delete(table).where(condition), execution_options={INFRASTRUCTURE: True})
    if gone.rowcount:
        unit_of_work.note_change(session, table.name)
    return int(gone.rowcount)


def _scrub() -> None:
    """Have the database give up what it keeps of deleted rows, the key above all: SQLite its journal, PostgreSQL dead rows."""
    opened = database()
    statement = "PRAGMA wal_checkpoint(TRUNCATE)" if opened.is_sqlite else "VACUUM audit_keys"
    try:
        with closing(opened.engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            if not opened.is_sqlite:
                driver.autocommit = True
            try:
                connection.cursor().execute(statement)
            finally:
                if not opened.is_sqlite:
                    driver.autocommit = False
    except Exception:  # noqa: BLE001 - somebody reads just now: what is overwritten later is gone later
        _log.warning("the database keeps what was deleted a little longer")
