"""Deleting again what a restored backup brought back: the ledger outside of the database knows which enterprises are gone."""

from functools import partial

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.administration.deletion import ledger
from portal.administration.deletion.states import DeletionState
from portal.administration.deletion.wiping import or_later, wipe
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import SYSTEM, Actor, Context
from portal.core.database import commit, platform_session, system_session
from portal.core.ids import new_id
from portal.tenants.models import Tenant, TenantDeletion


def replay_ledger(actor: Actor = SYSTEM) -> int:
    """This function will delete again what the ledger names and a restored database brought back; returns how many enterprises."""
    named = list(ledger.entries())
    if not named:
        return 0
    with system_session(reason="deleted enterprises that a backup brought back") as session:
        present = set(session.scalars(select(Tenant.id).where(Tenant.id.in_([each.tenant_id for each in named]))))
    back = [each for each in named if each.tenant_id in present]
    return sum(or_later(partial(_wipe_again, each, actor)) for each in back)


def _wipe_again(entry: ledger.Entry, actor: Actor) -> bool:
    return wipe(_begin_again(entry, actor), actor)


def _begin_again(entry: ledger.Entry, actor: Actor) -> str:
    """The row of a deletion that a backup does not know, or knows as not yet begun."""
    with platform_session(writes=True) as session:
        ctx = Context(session, actor)
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        wanted = select(TenantDeletion).where(
            TenantDeletion.tenant_id == entry.tenant_id, TenantDeletion.ended_at.is_(None)
        )
        row = session.scalars(wanted.with_for_update()).first()
        at = clock.now()
        if row is None:
            row = TenantDeletion(
                id=new_id(), tenant_id=entry.tenant_id, enterprise_id=entry.enterprise_id, name="", reason="", extent={},
                user_ids=[], asked_at=at,
            )  # fmt: skip
            session.add(row)
        elif row.state == DeletionState.WIPING:
            return row.id
        row.state, row.confirmed_at, row.due_at = DeletionState.WAITING.value, row.confirmed_at or at, at
        session.flush()
        target = Target("tenant_deletion", row.id, row.enterprise_id)
        due_on = clock.business_date(at).isoformat()
        record(ctx, Event.DELETION_CONFIRMED, target, enterprise_id=row.enterprise_id, due_on=due_on)
        commit(session)
        return row.id
