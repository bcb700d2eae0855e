"""Letting a box in: registries, licence, group and channel, all in one transaction, whoever decided it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.commands.channels import note_channel
from portal.boxes.commands.licensing import bound_boxes, take_licence
from portal.boxes.errors import Raced
from portal.boxes.models.bound import Box, BoxKey, BoxSerial
from portal.boxes.models.reported import BoxStatus
from portal.boxes.queries.feeds import Feed, first_feed
from portal.boxes.queries.proven import owner_of_key, owner_of_serial
from portal.boxes.states import BoxState
from portal.catalog.catalogue import catalogue
from portal.catalog.entries import STANDARD_BOX
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Unavailable
from portal.core.ids import BoxId, GroupId, JobId, TenantId, UserId, new_id
from portal.core.messages import N_
from portal.core.pinyin import pinyin_of
from portal.orders.queries import entitlement
from portal.orders.rules.entitlement import Entitlement
from portal.tenants.queries import group_tree

BOUND_ELSEWHERE: Final = "bound_elsewhere"
SERIAL_BOUND: Final = "serial_bound"
WRONG_BOX_TYPE: Final = "wrong_box_type"
NO_LICENCE_LEFT: Final = "no_licence_left"


@dataclass(frozen=True)
class Claims:
    """What a box says that it is, and the key that it proves to hold."""

    thumbprint: str
    serial: str
    model: str
    firmware: str


@dataclass(frozen=True)
class Admission:
    """Into which group a box comes, and by whom: an installer's phone in a job, or a person who confirms it."""

    group_id: GroupId
    how: str
    phone: str | None = None
    job_id: JobId | None = None
    confirmed_by: UserId | None = None
    name: str = ""


def obstacle(session: Session, tenant_id: TenantId, claims: Claims) -> str | None:
    """This function will return the code of what keeps the box from being bound now, or None."""
    held = entitlement(session, tenant_id, clock.now())
    if owner_of_key(session, claims.thumbprint) is not None:
        return BOUND_ELSEWHERE
    if owner_of_serial(session, claims.serial) is not None:
        return SERIAL_BOUND
    if not _fits(held, claims.model):
        return WRONG_BOX_TYPE
    return None if bound_boxes(session, tenant_id) < held.boxes else NO_LICENCE_LEFT


def admit(ctx: Context, claims: Claims, admission: Admission) -> tuple[Box, Feed]:
    """This function will bind a box that nothing stands in the way of; the caller asked, and looked for an `obstacle`.

    Raises `Raced` where another box was faster with the last licence, the database's error where one was with the key or the
    serial number: the caller begins its transaction anew. Raises `Unavailable` while the channel's files are still to come.
    """
    feed = first_feed(ctx.session, admission.group_id)
    if feed is None:
        raise Unavailable(N_("这个分组的频道正在生成，请稍后再试。"), code="channel_pending")
    held = entitlement(ctx.session, ctx.tenant_id, clock.now())
    if not take_licence(ctx.session, ctx.tenant_id, held.boxes):
        raise Raced("the last licence is gone")
    box = _stored(ctx, claims, admission, feed)
    record(
        ctx,
        Event.BOX_BOUND,
        Target("box", box.id, box.serial),
        serial=box.serial,
        model=box.model,
        group=group_tree(ctx.session).label(admission.group_id),
        how=admission.how,
    )
    return box, feed


def _stored(ctx: Context, claims: Claims, admission: Admission, feed: Feed) -> Box:
    box = Box(
        tenant_id=ctx.tenant_id,
        id=new_id(),
        group_id=admission.group_id,
        state=BoxState.BOUND.value,
        name=admission.name,
        pinyin=pinyin_of(admission.name),
        serial=claims.serial,
        model=claims.model,
        firmware=claims.firmware,
        thumbprint=claims.thumbprint,
        job_id=admission.job_id,
        bound_at=clock.now(),
        bound_by=admission.confirmed_by,
    )
    box.installer_phone = admission.phone
    ctx.session.add(box)
    ctx.session.flush()
    owner = {"tenant_id": ctx.tenant_id, "box_id": box.id}
    ctx.session.add_all(
        [
            BoxKey(thumbprint=claims.thumbprint, **owner),
            BoxSerial(serial=claims.serial, **owner),
            BoxStatus(id=box.id, channel=feed.channel, firmware=claims.firmware),
        ]
    )
    ctx.session.flush()
    note_channel(ctx.session, BoxId(box.id), admission.group_id, feed.channel)
    return box


def _fits(held: Entitlement, model: str) -> bool:
    """Hotel packages are for the three-in-one box alone (融合终端); every box can do what the others are for."""
    wanted = catalogue().offering(held.offering_code).box_type if held.offering_code else STANDARD_BOX
    return wanted in (STANDARD_BOX, catalogue().boxes.type_of(model))
