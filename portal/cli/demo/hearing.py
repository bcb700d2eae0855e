"""The demo's boxes are heard: on a demo the job worker speaks for those that are on, or all of them would be offline within minutes.

There is no key and no line; what a box would report is handed to what the calls hand it to.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final
from uuid import NAMESPACE_DNS, uuid5

from sqlalchemy import select

from portal.boxes.commands import answering, reporting
from portal.boxes.entering import Known, enter
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.pictures import Picture, draw_anew
from portal.boxes.queries.proven import Token
from portal.boxes.schemas import Done, Heartbeat, ReportedFault
from portal.boxes.states import BoxState, CommandKind
from portal.cli.demo import reading
from portal.core import clock
from portal.core.database import PortalSession, commit, system_session, tenant_session
from portal.core.ids import BoxId, TenantId
from portal.releases.models import Release
from portal.releases.states import ReleaseState
from portal.tenants.queries import get_tenant, reference

Json = Mapping[str, Any]

_FREE_BYTES: Final = 3_600_000_000
_MINUTE: Final = 60


def keep_heard() -> int:
    """This function will let every box of the demo that is on report once and do what it is told; returns how many reported.

    One that a person unbound stays silent, and so does a serial number that somebody else's box has by now.
    """
    told = _on_by_serial()
    with system_session(reason="boxes of the demo that are on") as session:
        wanted = select(Box, BoxStatus.boot).join(
            BoxStatus, (BoxStatus.tenant_id == Box.tenant_id) & (BoxStatus.id == Box.id)
        )
        rows = session.execute(wanted.where(Box.state == BoxState.BOUND.value, Box.serial.in_(told))).all()
    ours = [box for box, boot in rows if boot == _boot(box.serial)]
    for tenant_id in sorted({box.tenant_id for box in ours}):
        with tenant_session(TenantId(tenant_id), writes=True) as session:
            tenant = reference(get_tenant(session, TenantId(tenant_id)))
            for box in (one for one in ours if one.tenant_id == tenant_id):
                token = Token(tenant, BoxId(box.id), box.thumbprint, ended=False)
                answer_commands(session, token, told[box.serial]["picture"])
                beat(session, token, told[box.serial])
            commit(session)
    return len(ours)


def beat(session: PortalSession, token: Token, told: Json) -> None:
    """This function will keep a heartbeat of a box that is as its entry in the tenant's file says, and on since it was bound."""
    known = enter(session, token)
    feed = reporting.tell(session, known).feed
    behind = min(told.get("behind", 0), feed.sequence)
    seconds = int((clock.now() - known.bound_at).total_seconds())
    said = Heartbeat(
        boot=_boot(told["serial"]),
        count=seconds // _MINUTE,
        sequence=feed.sequence - behind,
        release=_document(session, known, behind),
        screen=told.get("screen", "zone"),
        uptime_seconds=seconds,
        free_bytes=_FREE_BYTES,
        firmware=told["firmware"],
        faults=[_fault(told["fault"])] if "fault" in told else [],
    )
    reporting.keep_heartbeat(session, known, said, feed)


def answer_commands(session: PortalSession, token: Token, picture: str | None) -> None:
    """This function will do what a box is told; asked for a screenshot it sends a picture out of the demo's, or says that it has none."""
    known = enter(session, token)
    for command, kind in reporting.tell(session, known).commands:
        done = Done(ok=True)
        if kind == CommandKind.SCREENSHOT and picture is None:
            done = Done(ok=False, detail="no layer of the zone is shown")
        elif kind == CommandKind.SCREENSHOT:
            answering.keep_screenshot(session, known, command, _drawn(str(picture)))
        answering.finish_command(session, known, command, done)


@cache
def _drawn(picture: str) -> Picture:
    return draw_anew((reading.FOLDER / picture).read_bytes())


@cache
def _on_by_serial() -> Mapping[str, Json]:
    found: dict[str, Json] = {}
    for source in reading.tenants():
        on = [one for one in source.get("box", ()) if not {"never", "offline_days", "waits"} & one.keys()]
        found |= {one["serial"]: {**one, "picture": reading.screen_of(source, one)} for one in on}
    return found


def _boot(serial: str) -> str:
    return str(uuid5(NAMESPACE_DNS, f"{serial}.demo"))


def _document(session: PortalSession, known: Known, behind: int) -> str | None:
    """The document that the box's group had so many releases ago."""
    released = select(Release.channels).where(Release.state == ReleaseState.PUBLISHED.value)
    channels = session.scalars(released.order_by(Release.number.desc()).offset(behind).limit(1)).first()
    return None if channels is None else channels.get(known.group_id)


def _fault(told: Json) -> ReportedFault:
    at = clock.now() - timedelta(minutes=told["minutes_ago"])
    return ReportedFault(code=told["code"], detail=told["detail"], at=at)
