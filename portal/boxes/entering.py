"""A box that comes with a token: the one place where it is found out whether the token holds, and what the box is now.

All of it only reads; what the call then writes is one short transaction, so that no reading is done under SQLite's lock.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, exists, select

from portal.boxes.errors import TooMany, Unproven
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.queries.feeds import COLUMNS, with_pointer
from portal.boxes.queries.pending import is_pending
from portal.boxes.queries.proven import Token, find_token, has_rest, rests_at
from portal.boxes.rules import COMMAND_LIFE
from portal.boxes.states import BoxState
from portal.boxes.transactions import Caller
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.database import Ground, database, tenant_session
from portal.core.ids import BoxId, GroupId, TenantId
from portal.core.messages import N_
from portal.core.models import UtcDateTime
from portal.core.prepared import TENANT, Prepared
from portal.core.tenancy import PlatformScope
from portal.tenants.models import BoxGroup

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Known:
    """A bound box whose token holds, as it was when the call came; `row` has its group's pointer and its status."""

    tenant: TenantRef
    id: BoxId
    group_id: GroupId
    bound_at: datetime
    row: Any

    @property
    def counted(self) -> tuple[datetime, int]:
        """The minute in which the box's calls are counted, and how many there are in it with this one."""
        since, now = self.row.calls_since, clock.now()
        if since is None or now - since >= _MINUTE:
            return now, 1
        return since, self.row.calls + 1


def find_caller(caller: Caller) -> Token:
    """This function will return the token that came with a call, and whose it is; raises `Unproven` where it does not hold."""
    if caller.token is None:
        raise _unknown()
    with database().looking(PlatformScope()) as look:
        token = find_token(look, caller.token)
    if token is None or token.thumbprint != caller.proof.thumbprint:
        raise _unknown()
    if token.ended:
        raise ended()
    return token


def enter(on: Ground, token: Token) -> Known:
    """This function will return the box that the call comes from, in its tenant's scope.

    Raises `Unproven` (`token_ended`) where the box is bound no more or its tenant is suspended, and `TooMany`.
    """
    now = clock.now()
    found = _WANTED.rows(on, {"box_id": token.box_id, "now": now, "told_since": now - COMMAND_LIFE})
    row = found[0] if found else None
    if row is None or row.state != BoxState.BOUND or (row.rests and _rests(token.tenant.id, now)):
        raise ended()
    known = Known(token.tenant, BoxId(row.id), GroupId(row.group_id), row.bound_at, row)
    since, calls = known.counted
    if calls > catalogue().boxes.calls_a_minute:
        raise TooMany(math.ceil((since + _MINUTE - clock.now()).total_seconds()))
    return known


def _rests(tenant_id: TenantId, now: datetime) -> bool:
    with tenant_session(tenant_id) as session:
        return has_rest(session, tenant_id, now)


def _wanted() -> Any:
    since = bindparam("told_since", type_=UtcDateTime())
    statement = (
        select(
            Box.id,
            Box.state,
            Box.group_id,
            Box.bound_at,
            BoxStatus.channel.label("told"),
            BoxStatus.calls,
            BoxStatus.calls_since,
            BoxStatus.push_number,
            BoxStatus.push_known,
            BoxStatus.push_open,
            rests_at(Box.tenant_id, bindparam("now", type_=UtcDateTime())).label("rests"),
            exists().where(is_pending(Box.tenant_id, Box.id, since)).label("is_told"),
            *COLUMNS,
        )
        .join(BoxStatus, (BoxStatus.tenant_id == Box.tenant_id) & (BoxStatus.id == Box.id))
        .join(BoxGroup, (BoxGroup.tenant_id == Box.tenant_id) & (BoxGroup.id == Box.group_id))
    )
    return with_pointer(statement).where(Box.tenant_id == bindparam(TENANT), Box.id == bindparam("box_id"))


_WANTED: Final = Prepared(lambda _: _wanted())


def _unknown() -> Unproven:
    return Unproven("invalid_token", N_("凭证无效，或属于另一把密钥。"))


def ended() -> Unproven:
    """This function will return what a box is refused with whose token holds no more."""
    return Unproven("token_ended", N_("凭证已经终止：机顶盒已解绑、报失，或企业已停机。"))
