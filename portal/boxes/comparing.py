"""The accounts that the broker has, compared with those that boxes are to have: after it was away or lost its memory, and every hour.

What `letting_in` was told of is settled there; this finds what nobody told it of: boxes of an enterprise that was deleted, a backup of either side.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sqlalchemy import and_, or_, select

from portal.boxes.letting_in import at_broker, in_tenant, want_others
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.core.database import system_session
from portal.core.ids import TenantId, is_id
from portal.core.jobs import every
from portal.releases import push
from portal.releases.broker import Line
from portal.releases.broker_accounts import accounts, channels, remove, retire, revoke

_HOUR: Final = 3600.0

_compared: tuple[int, float] | None = None


@every(seconds=5)
def compare_when_due() -> int:
    """This function will compare once an hour, and at once where the broker came back; returns how many accounts were wrong."""
    global _compared
    if not push.has_accounts():
        return 0
    found = push.times_found()
    if _compared is not None and _compared[0] == found and time.monotonic() - _compared[1] < _HOUR:
        return 0
    wrong = at_broker(compare)
    if wrong is None:
        return 0
    _compared = found, time.monotonic()
    return wrong


def compare(line: Line) -> int:
    """This function will end accounts that no box of ours has, have those made anew that the broker lost, and return how many that were."""
    held = accounts(line)
    with system_session(reason="boxes that have accounts at the broker, or are to have one") as session:
        behind = BoxStatus.push_known != BoxStatus.push_number
        wanted = select(Box.tenant_id, Box.id, BoxStatus.channel, behind.label("behind")).join(
            BoxStatus, and_(BoxStatus.tenant_id == Box.tenant_id, BoxStatus.id == Box.id)
        )
        rows = session.execute(wanted.where(or_(BoxStatus.push_open, behind))).all()
    strangers = sorted({name for name in held if is_id(name)} - {row.id for row in rows})
    revoke(line, strangers)
    _clear(line, held.keys() - set(strangers), held, {row.channel for row in rows})
    lost = [row for row in rows if row.id not in held and not row.behind]
    for tenant in {row.tenant_id for row in lost}:
        own = BoxStatus.id.in_([row.id for row in lost if row.tenant_id == tenant])
        in_tenant(TenantId(tenant), lambda session, own=own: want_others(session, own))  # type: ignore[misc]
    return len(strangers) + len(lost)


def _clear(line: Line, left: Iterable[str], held: Mapping[str, frozenset[str]], wanted: Collection[str]) -> None:
    """The right to read what is no box's channel goes at once; its role when no account has it any more."""
    had = {channel for name in left for channel in held[name]}
    unwanted = channels(line) - set(wanted)
    retire(line, sorted(unwanted & had))
    remove(line, sorted(unwanted - had))
