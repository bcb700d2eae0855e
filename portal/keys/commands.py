"""Writes: a new sealing key, values sealed anew with it, an old key retired."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, update

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import PORTAL_ITSELF
from portal.audit.events import Event
from portal.audit.keys import new_sign_key
from portal.audit.log import FAILED, Target, record, record_apart
from portal.core import clock, crypto, row_security
from portal.core.canonical import canonical_sha256
from portal.core.context import SYSTEM, Actor, Context, RequestMeta
from portal.core.crypto import SealBroken
from portal.core.database import commit, database, platform_session, system_session
from portal.core.secret_file import KeyFile
from portal.keys import canary
from portal.keys.queries import PAST_THE_FENCES, SealedColumn, count_by_key, sealed_columns, sealed_otherwise

BATCH = 200

SETTLING = timedelta(minutes=15)
"""Longer than any request: what began under an old key has been written, or never will be."""


class StillNeeded(Exception):
    """A key cannot go, or not yet; the text is a sentence that says why."""


@dataclass
class Resealed:
    """What one pass did: how many values it sealed anew, and which do not open, each as `table.column of row id: why`."""

    count: int = 0
    broken: list[str] = field(default_factory=list)


def rotate(actor: Actor, file: KeyFile, request: RequestMeta | None = None) -> str:
    """This function will make a new sealing key the active one and return its id; running processes follow with their next value.

    The record comes first: a key that nobody heard of must not seal anything.
    """
    with platform_session(writes=True) as session:
        ctx = Context(session, actor, None, request or RequestMeta())
        ask(ctx, Permission.KEYS_ROTATE)
        record(ctx, Event.KEY_ROTATED, Target("key", "sealing"), former=crypto.vault().ring.active.id)
        commit(session)
    return file.change(lambda ring: ring.with_new_key(clock.now())).active.id


def rotate_audit_key(ctx: Context) -> str:
    """This function will have a new key sign the log's stamps and checkpoints, and return its id.

    What the former one signed stays good; a stamp of it on a later record, or a later checkpoint, is found by `portal audit verify`.
    """
    ask(ctx, Permission.KEYS_ROTATE)
    former, made = new_sign_key(ctx.session)
    record(
        ctx,
        Event.AUDIT_KEY_ROTATED,
        Target("key", "audit", made),
        key=made,
        former=former,
        decided_on=canonical_sha256({"former": former}),
    )
    return made


def reseal(actor: Actor) -> Resealed:
    """This function will seal with the active key whatever another one has sealed, in small transactions, over all tenants.

    A value that does not open stays as it is and is named; a row that somebody changes meanwhile is left to that somebody.
    """
    vault = crypto.vault()
    done = Resealed()
    canary.seal_anew(database().engine, vault)
    for sealed in sealed_columns():
        with system_session(reason="values to seal anew") as session:
            batches = sealed_otherwise(session, sealed, vault.ring.active.id, BATCH)
            rows = next(batches, ())
            while rows:
                session.rollback()  # reading ends before writing begins: SQLite has one snapshot a connection
                _reseal_batch(actor, sealed, rows, done)
                rows = next(batches, ())
    return done


def retire(actor: Actor, file: KeyFile, key_id: str, request: RequestMeta | None = None) -> None:
    """This function will take an old key out of the ring for good, once nothing is sealed with it any more.

    What is left is sealed anew first. Raises `StillNeeded` for the active key, one that is not there, one that something needs, and
    where the last rotation was less than `SETTLING` ago.
    """
    ring = crypto.vault().ring
    if ring.find(key_id) is None:
        raise StillNeeded(f"There is no key {key_id} in the ring.")
    if ring.active.id == key_id:
        raise StillNeeded(f"{key_id} is the active key: rotate first.")
    _check_settled(ring.active.made_at)
    left = reseal(actor if actor.role in PORTAL_ITSELF else SYSTEM)
    with system_session(reason="keys that are still needed") as session:
        needed = count_by_key(session).get(key_id, 0)
    if needed:
        which = "".join(f"\n  {line}" for line in left.broken)
        raise StillNeeded(f"{needed} values need {key_id} and do not open; enter them anew, then retire it:{which}")
    with platform_session(writes=True) as session:
        ctx = Context(session, actor, None, request or RequestMeta())
        ask(ctx, Permission.KEYS_ROTATE)
        record(ctx, Event.KEY_RETIRED, Target("key", key_id), key=key_id)
        commit(session)
    file.change(lambda held: held.without(key_id))


def _check_settled(made_at: datetime | None) -> None:
    if made_at is not None and clock.now() - made_at < SETTLING:
        until = (made_at + SETTLING).astimezone(clock.SHANGHAI)
        raise StillNeeded(f"The last rotation was just now; requests may still use the old key until {until:%H:%M}.")


def _reseal_batch(actor: Actor, sealed: SealedColumn, rows: Sequence[Row[Any]], done: Resealed) -> None:
    with platform_session(writes=True) as session:
        row_security.enter_maintenance(session.connection())  # ciphertext of every tenant, and nothing else
        ctx = Context(session, actor)
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        count = sum(_reseal_row(ctx, sealed, row, done) for row in rows)
        if count:
            record(
                ctx, Event.VALUES_RESEALED, Target("column", sealed.name, sealed.name), column=sealed.name, count=count
            )
            commit(session)
    done.count += count


def _reseal_row(ctx: Context, sealed: SealedColumn, row: Row[Any], done: Resealed) -> int:
    place, held = sealed.place(row), bytes(row[-1])
    try:
        anew = crypto.vault().seal(crypto.vault().open(held, place), place)
    except SealBroken as broken:
        done.broken.append(str(broken))
        return 0
    columns = [one == row._mapping[one.name] for one in sealed.table.primary_key.columns]  # noqa: SLF001
    statement = update(sealed.table).where(*columns, sealed.column == held).values({sealed.column.name: anew})
    result: Any = ctx.session.execute(statement, execution_options=PAST_THE_FENCES)
    return int(result.rowcount)


def record_broken(actor: Actor, request: RequestMeta, broken: SealBroken) -> None:
    """This function will record, in a transaction of its own, that a sealed value did not open."""
    record_apart(
        actor,
        request,
        None,
        Event.SEAL_BROKEN,
        outcome=FAILED,
        target=Target("sealed_value", broken.row, f"{broken.table}.{broken.column}"),
        column=f"{broken.table}.{broken.column}",
        reason=broken.reason,
    )
