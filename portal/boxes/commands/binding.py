"""上报: a box asks to be bound. An enterprise ID and a phone number prove nothing: an open job that names the phone lets it in, or a person."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.commands.admitting import SERIAL_BOUND, Admission, Claims, admit, obstacle
from portal.boxes.commands.channels import current_feed
from portal.boxes.commands.limiting import Tally
from portal.boxes.commands.looking import subjects
from portal.boxes.commands.tokens import issue_token
from portal.boxes.errors import Raced
from portal.boxes.models.bound import Box, BoxRequest, BoxToken
from portal.boxes.queries.feeds import Feed
from portal.boxes.queries.proven import bound_box, is_suspended, owner_of_key, owner_of_serial
from portal.boxes.schemas import Binding
from portal.boxes.states import RequestState
from portal.catalog.catalogue import catalogue
from portal.core import clock, outbox
from portal.core.context import Context
from portal.core.ids import BoxId, new_id
from portal.core.messages import N_
from portal.notify.commands import tell
from portal.tenants.installing.commands import take_place
from portal.tenants.installing.queries import OpenJob, open_job_for, phone_lookup

SERIAL_CLAIMED: Final = "box_serial_claimed"
REFUSED_FOR: Final = timedelta(days=1)


@dataclass(frozen=True)
class Bound:
    """The box is bound: its new token, shown this once, and the channel that it follows. `first`: it never had a token before."""

    box_id: BoxId
    token: str
    feed: Feed
    first: bool


@dataclass(frozen=True)
class Waiting:
    """The box waits for somebody to confirm it, or for nothing at all: nobody can tell from outside."""


@dataclass(frozen=True)
class Turned:
    """The box is turned away inside an open job, with the code that says why."""

    code: str


Outcome = Bound | Waiting | Turned


def bind(ctx: Context, asked: Binding, thumbprint: str) -> Outcome:
    """This function will bind the box that holds the key, let it wait, or turn it away; outside of all tenants for a made-up ID.

    A key that is bound here gets a new token, whatever became of the job and however many licences there are. Refusals and waiting
    count against ID, phone, address and serial; raises `TooMany` where they have counted too often, `Raced` where another box
    was faster, `Unavailable` while the channel's files are still to come.
    """
    if ctx.tenant is not None:
        ask(ctx, Permission.BOXES_REPORT)
        if (again := _bound_already(ctx, thumbprint)) is not None:
            return again
    tally = Tally(ctx.session, subjects(asked, ctx.request.address, asked.serial))
    tally.check()
    outcome = _judge(ctx, asked, thumbprint)
    if not isinstance(outcome, Bound):
        tally.refused()
    return outcome


def _bound_already(ctx: Context, thumbprint: str) -> Bound | None:
    owner = owner_of_key(ctx.session, thumbprint)
    if owner is None or owner.tenant_id != ctx.tenant_id or is_suspended(ctx.session, ctx.tenant_id, clock.now()):
        return None
    box = bound_box(ctx.session, owner.box_id)
    return None if box is None else _given(ctx, box, current_feed(ctx.session, box))


def _judge(ctx: Context, asked: Binding, thumbprint: str) -> Outcome:
    if ctx.tenant is None:
        return Waiting()
    if (meanwhile := _bound_already(ctx, thumbprint)) is not None:  # by a call that the tally's rows had us wait for
        return meanwhile
    claims = Claims(thumbprint, asked.serial, asked.model, asked.firmware)
    job = _open_job(ctx, asked)
    if job is None or _was_stolen_here(ctx, thumbprint):
        _let_wait(ctx, claims, asked.installer_phone)
        return Waiting()
    if (code := obstacle(ctx.session, ctx.tenant_id, claims)) is not None:
        if code == SERIAL_BOUND:
            _warn_owner(ctx.session, asked.serial)
        return Turned(code)
    if not take_place(ctx, job.id):
        raise Raced("the last place in the job is gone")
    admission = Admission(job.group_id, "job", phone=asked.installer_phone, job_id=job.id)
    box, feed = admit(ctx, claims, admission)
    return _given(ctx, box, feed)


def _given(ctx: Context, box: Box, feed: Feed) -> Bound:
    first = not ctx.session.scalar(select(exists().where(BoxToken.box_id == box.id)))
    token = issue_token(ctx.session, box)
    record(ctx, Event.BOX_TOKEN_ISSUED, Target("box", box.id, box.serial), serial=box.serial)
    return Bound(BoxId(box.id), token, feed, first)


def _open_job(ctx: Context, asked: Binding) -> OpenJob | None:
    now = clock.now()
    if is_suspended(ctx.session, ctx.tenant_id, now):
        return None
    return open_job_for(ctx.session, asked.enterprise_id, phone_lookup(asked.installer_phone), now)


def _was_stolen_here(ctx: Context, thumbprint: str) -> bool:
    """A key that is not bound and still registered belongs to a box that its own tenant reported stolen: a person decides."""
    owner = owner_of_key(ctx.session, thumbprint)
    return owner is not None and owner.tenant_id == ctx.tenant_id


def _let_wait(ctx: Context, claims: Claims, phone: str) -> None:
    """Where there is room and nobody has said no lately, somebody is asked; the answer to the box is the same either way."""
    now, rules = clock.now(), catalogue().boxes
    waiting = BoxRequest.state == RequestState.WAITING.value
    own = BoxRequest.thumbprint == claims.thumbprint
    alive = waiting & (BoxRequest.expires_at > now)
    refused = (BoxRequest.state == RequestState.REJECTED.value) & (BoxRequest.decided_at > now - REFUSED_FOR)
    if ctx.session.scalar(select(exists().where(own, alive | refused))):
        return
    if (ctx.session.scalar(select(func.count(BoxRequest.id)).where(alive)) or 0) >= rules.waiting_per_enterprise:
        return
    for row in ctx.session.scalars(select(BoxRequest).where(own, waiting)):
        ctx.session.delete(row)  # it waited for a day in vain
    ctx.session.flush()
    row = BoxRequest(
        tenant_id=ctx.tenant_id,
        id=new_id(),
        state=RequestState.WAITING.value,
        serial=claims.serial,
        model=claims.model,
        firmware=claims.firmware,
        thumbprint=claims.thumbprint,
        asked_at=now,
        expires_at=now + timedelta(hours=rules.waiting_hours),
    )
    row.installer_phone = phone
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, Event.BOX_WAITING, Target("box_request", row.id, row.serial), serial=row.serial, model=row.model)
    _tell_of_waiting(ctx)


def _tell_of_waiting(ctx: Context) -> None:
    """Once a day, however many wait."""
    path = f"/e/{ctx.tenant.enterprise_id}/boxes/waiting" if ctx.tenant else ""
    tell(
        ctx,
        N_("有机顶盒等待确认，一天内不处理就会失效。"),
        key=f"boxes_wait:{ctx.tenant_id}:{clock.today()}",
        role=Role.TENANT_ADMIN.value,
        link=path,
    )


def _warn_owner(session: Session, serial: str) -> None:
    """The tenant that has the serial number is told from the outbox: this session knows another tenant, if any."""
    owner = owner_of_serial(session, serial)
    if owner is not None:
        outbox.post(session, SERIAL_CLAIMED, owner.tenant_id, box_id=owner.box_id, day=clock.today().isoformat())
