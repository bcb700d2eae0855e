"""The accounts of boxes at the broker: made, changed and ended a few seconds after the binding, channel or state that they follow from.

What a box is to have stands in the database; the broker is brought to it, however often that takes. Without accounts boxes poll.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from portal.boxes.listening import login_of
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.queries.proven import is_suspended
from portal.boxes.states import BoxState
from portal.core import clock
from portal.core.database import commit, system_session, tenant_session
from portal.core.ids import BoxId, TenantId
from portal.core.jobs import every
from portal.core.logs import get_logger
from portal.orders.models import Suspension
from portal.releases import push
from portal.releases.broker import Line, PushFailed
from portal.releases.broker_accounts import grant, revoke

_AT_ONCE: Final = 20
_SECONDS: Final = 3.0
"""For how long one look may go on: mosquitto writes its whole file for every account, which takes longer the more there are."""

_log = get_logger()
Result = TypeVar("Result")


@dataclass(frozen=True)
class Wanted:
    """A box whose account at the broker is not what it is to be: number, channel, and whether it is to be let in."""

    tenant_id: TenantId
    box_id: BoxId
    number: int
    channel: str
    open: bool


@every(seconds=5)
def settle_accounts() -> int:
    """This function will bring the broker's accounts to what boxes are to have, for a few seconds; returns how many it brought."""
    if not push.has_accounts():
        return 0
    began, settled = time.monotonic(), 0
    while time.monotonic() - began < _SECONDS and (wanted := _behind(_AT_ONCE)):
        if not at_broker(partial(_tell, wanted=wanted)):
            break
        settled += sum(_note(tenant, wanted) for tenant in {each.tenant_id for each in wanted})
    return settled


@every(seconds=60)
def follow_suspensions() -> int:
    """This function will ask for another account for every box whose tenant was suspended or resumed; returns how many."""
    if not push.has_accounts():
        return 0
    with system_session(reason="tenants that were ever suspended and have boxes") as session:
        ever = select(Suspension.tenant_id)
        wanted = select(Box.tenant_id).where(Box.state == BoxState.BOUND.value, Box.tenant_id.in_(ever)).distinct()
        tenants = [TenantId(each) for each in session.scalars(wanted)]
    return sum(_follow_suspension(each) for each in tenants)


def _behind(most: int) -> Sequence[Wanted]:
    """The boxes of which the broker is to hear; those that end come first."""
    with system_session(reason="boxes whose account at the broker is to change") as session:
        behind = _select().where(BoxStatus.push_known != BoxStatus.push_number)
        rows = session.execute(behind.order_by(Box.state == BoxState.BOUND.value, Box.id).limit(most)).all()
    rests = {tenant: _rests(tenant) for tenant in {row.tenant_id for row in rows}}
    return [
        Wanted(
            TenantId(row.tenant_id),
            BoxId(row.id),
            row.push_number,
            row.channel,
            row.state == BoxState.BOUND.value and not rests[row.tenant_id],
        )
        for row in rows
    ]


def _select() -> Any:
    return select(Box.tenant_id, Box.id, Box.state, BoxStatus.channel, BoxStatus.push_number).join(
        BoxStatus, and_(BoxStatus.tenant_id == Box.tenant_id, BoxStatus.id == Box.id)
    )


def _tell(line: Line, wanted: Iterable[Wanted]) -> bool:
    let_in = [login_of(each.box_id, each.number, each.channel) for each in wanted if each.open]
    revoke(line, [each.box_id for each in wanted if not each.open])
    if let_in:
        grant(line, let_in)
    return True


def _note(tenant_id: TenantId, wanted: Iterable[Wanted]) -> int:
    """What changed meanwhile has another number, and its turn is the next."""
    own = [each for each in wanted if each.tenant_id == tenant_id]
    return in_tenant(tenant_id, lambda session: sum(_know(session, each) for each in own))


def _know(session: Session, settled: Wanted) -> int:
    same = and_(BoxStatus.id == settled.box_id, BoxStatus.push_number == settled.number)
    return change(session, same, {"push_known": settled.number, "push_open": settled.open})


def _follow_suspension(tenant_id: TenantId) -> int:
    """Mostly nothing differs: that is found out by reading, and nobody waits for a lock."""
    rests = _rests(tenant_id)
    bound = BoxStatus.id.in_(select(Box.id).where(Box.tenant_id == tenant_id, Box.state == BoxState.BOUND.value))
    differs = and_(bound, BoxStatus.push_open.is_(rests), BoxStatus.push_known == BoxStatus.push_number)
    with tenant_session(tenant_id) as session:
        if session.scalar(select(BoxStatus.id).where(differs).limit(1)) is None:
            return 0
    return in_tenant(tenant_id, lambda session: want_others(session, differs))


def _rests(tenant_id: TenantId) -> bool:
    with tenant_session(tenant_id) as session:
        return is_suspended(session, tenant_id, clock.now())


def want_others(session: Session, condition: ColumnElement[bool]) -> int:
    """This function will ask for another account for the boxes that meet the condition; returns how many."""
    return change(session, condition, {"push_number": BoxStatus.push_number + 1})


def change(session: Session, condition: ColumnElement[bool], values: Mapping[str, Any]) -> int:
    """This function will change what stands about boxes that meet the condition, in a session of their tenant; returns how many."""
    own = BoxStatus.tenant_id == session.scope.tenant_id  # type: ignore[attr-defined]
    changed = update(BoxStatus).where(own, condition).values(**values)
    return int(session.execute(changed, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


def in_tenant(tenant_id: TenantId, act: Callable[[Session], int]) -> int:
    """This function will run `act` in a transaction of the tenant."""
    with tenant_session(tenant_id, writes=True) as session:
        changed = act(session)
        commit(session)
        return changed


def at_broker(act: Callable[[Line], Result]) -> Result | None:
    """This function will run `act` with a line to the broker; None where that is away, which is told later, and said by `broadcasting`."""
    try:
        with push.connected() as line:
            return act(line)
    except (PushFailed, OSError) as away:
        _log.debug("accounts at the broker wait", why=str(away))
        return None
