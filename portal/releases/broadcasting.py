"""What the broker holds for every channel, brought to what the database says: after a start, after the broker was away, after it forgot.

Publications are told by the outbox; this makes good what that missed. The broker keeps a mark of ours: while it is the one this process
knows, nothing was lost.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from portal.core.database import database, system_session
from portal.core.ids import new_id
from portal.core.installation import note_fact
from portal.core.jobs import every
from portal.core.logs import get_logger
from portal.releases import push
from portal.releases.broker import Line, PushFailed
from portal.releases.broker_accounts import topic
from portal.releases.models import Pointer, Release
from portal.releases.states import ReleaseState

_MARK: Final = "zones/portal"
_EVERY_CHANNEL: Final = "zones/+/current"
_PASSES: Final = 3

_log = get_logger()
_known: bytes | None = None
_noted: str | None = None


@every(seconds=5)
def follow_broker() -> bool:
    """This function will tell every channel's newest pointer to a broker that may hold another one; tells whether it had to look."""
    if not push.is_on():
        return False
    try:
        looked = _follow()
    except (PushFailed, OSError) as away:
        _forget()
        _note(push.AWAY, str(away))
        return False
    _note(push.HERE)
    return looked


def _follow() -> bool:
    global _known
    with push.connected() as line:
        mark = line.retained(_MARK, most=1).get(_MARK)
    if mark is not None and mark == _known:
        return False
    push.find_accounts()
    with push.connected() as line:
        told = tell_all(line)
        if mark is None:
            mark = new_id().encode()
            line.publish({_MARK: mark})
    _known = mark
    _log.info("the broker was told what it did not hold", messages=told, accounts=push.has_accounts())
    return True


def tell_all(line: Line) -> int:
    """This function will publish what the broker holds otherwise than the database, and take away what is no channel's; returns how many.

    What is published meanwhile by another process is newer than what was read: it looks again until nothing differs.
    """
    held = dict(line.retained(_EVERY_CHANNEL))
    told = 0
    for _ in range(_PASSES):
        wanted, busy = _wanted()
        news = {name: data for name, data in wanted.items() if held.get(name) != data}
        news |= dict.fromkeys((name for name in held if held[name] and name not in wanted and name not in busy), b"")
        if not news:
            break
        line.publish(news)
        held |= news
        told += len(news)
    return told


def _wanted() -> tuple[Mapping[str, bytes], frozenset[str]]:
    """What every channel's boxes are to hear, by topic, and the topics of which that is not to be said now: their files are being written."""
    with system_session(reason="pointers to tell a broker that may not hold them") as session:
        writing = select(Release.tenant_id).where(Release.state == ReleaseState.PUBLISHING.value)
        busy = set(session.scalars(writing))
        rows = session.execute(select(Pointer.tenant_id, Pointer.channel, Pointer.jws)).all()
    wanted = {topic(row.channel): row.jws.encode() for row in rows if row.jws is not None and row.tenant_id not in busy}
    return wanted, frozenset(topic(row.channel) for row in rows if row.tenant_id in busy)


def _forget() -> None:
    global _known
    _known = None


def _note(state: str, why: str = "") -> None:
    """What the web's processes tell boxes depends on it; written and logged when it changes, and by each process once."""
    global _noted
    if state != _noted:
        _log.info("the broker of boxes", state=state, why=why)
        note_fact(database().engine, push.FACT, state)
        _noted = state
