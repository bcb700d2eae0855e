"""What people do with boxes that are bound: name them, move them, unbind them, report one stolen, tell them to do something."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.commands.channels import want_account
from portal.boxes.commands.licensing import give_back_licence
from portal.boxes.commands.tokens import end_tokens
from portal.boxes.models.bound import Box, BoxKey, BoxSerial
from portal.boxes.models.reported import BoxChannel, CommandResult, Screenshot
from portal.boxes.models.told import BoxCommand
from portal.boxes.rules import COMMAND_LIFE
from portal.boxes.states import BoxState, CommandKind
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import BoxId, GroupId, JobId, new_id
from portal.core.messages import N_, Message
from portal.core.pinyin import pinyin_of
from portal.tenants.commands.groups import announce_groups, register_use, renew_channel
from portal.tenants.installing.commands import give_back_place
from portal.tenants.models import BoxGroup
from portal.tenants.queries import group_tree
from portal.tenants.rules import fold

NAME_CHARACTERS = 40
REASON_CHARACTERS = 200
_ANSWERS: tuple[Any, ...] = (CommandResult, Screenshot)


def name_box(ctx: Context, box_id: BoxId, version: int, name: str) -> None:
    """This function will give a box the name that people call it by (a room); raises `Invalid`, `Conflict`, `NotFound`, `Refused`."""
    ask(ctx, Permission.BOXES_MANAGE)
    box = _bound(ctx.session, box_id, version)
    if len(fold(name)) > NAME_CHARACTERS:
        raise Invalid({"name": N_("名称最多 %(n)d 个字。", n=NAME_CHARACTERS)})
    box.name = fold(name)
    box.pinyin = pinyin_of(box.name)
    record(ctx, Event.BOX_NAMED, _target(box), serial=box.serial, name=box.name)


def move_boxes(ctx: Context, box_ids: Collection[BoxId], group_id: GroupId) -> int:
    """This function will move bound boxes into a group and return how many moved; each is told the group's channel with its next heartbeat.

    Raises `NotFound` for a group that there is not, and where one of the boxes is not bound here.
    """
    ask(ctx, Permission.BOXES_MANAGE)
    tree = group_tree(ctx.session)
    if group_id not in tree:
        raise NotFound
    boxes = [box for box in _several(ctx.session, box_ids) if box.group_id != group_id]
    for box in boxes:
        box.group_id = group_id
    if boxes:
        label = tree.label(group_id)
        record(ctx, Event.BOXES_MOVED, _target_of_several(boxes), count=len(boxes), group=label)
        announce_groups(ctx)
    return len(boxes)


def unbind_box(ctx: Context, box_id: BoxId, version: int, reason: str) -> None:
    """This function will unbind a box: its token ends, its licence, its serial number and its key are free again.

    Raises `Invalid` without a reason, `Conflict`, `NotFound`, `Refused`.
    """
    ask(ctx, Permission.BOXES_MANAGE)
    box = _bound(ctx.session, box_id, version)
    end_binding(ctx, box, _checked_reason(reason))
    record(ctx, Event.BOX_UNBOUND, _target(box), serial=box.serial, reason=box.end_reason)


def report_stolen(ctx: Context, box_id: BoxId, version: int, reason: str) -> None:
    """This function will end a stolen box's token and replace every channel that it knows, both at once: its group's, and those of groups it was in.

    Its key and serial number stay registered, so that it can come back only by somebody's confirmation. Raises as `unbind_box` does.
    """
    ask(ctx, Permission.BOXES_MANAGE)
    box = _bound(ctx.session, box_id, version)
    _end(ctx, box, BoxState.STOLEN, _checked_reason(reason))
    groups = [renew_channel(ctx, each) for each in groups_it_reads(ctx.session, box)]
    record(ctx, Event.BOX_STOLEN, _target(box), serial=box.serial, group="、".join(groups), reason=box.end_reason)


def groups_it_reads(session: Session, box: Box) -> list[GroupId]:
    """This function will return the groups whose channels of today a box knows: its own, and those it was told while it was in them."""
    told = select(BoxChannel.channel).where(BoxChannel.box_id == box.id)
    wanted = select(BoxGroup.id).where(or_(BoxGroup.id == box.group_id, BoxGroup.channel.in_(told)))
    return [GroupId(each) for each in session.scalars(wanted.order_by(BoxGroup.id))]


def type_serial(serial: str) -> Message:
    """This function will return the sentence that asks for a serial number to be typed."""
    return N_("请输入序列号「%(serial)s」确认。", serial=serial)


def tell_boxes(ctx: Context, box_ids: Collection[BoxId], kind: CommandKind) -> int:
    """This function will tell bound boxes to do something with their next heartbeats and return how many; raises `NotFound`, `Refused`."""
    ask(ctx, Permission.BOXES_COMMAND)
    most = catalogue().boxes.command_rounds
    if len(box_ids) > most:
        raise Refused("too_many_boxes", N_("一次最多 %(n)d 台，请先筛选。", n=most))
    boxes = _several(ctx.session, box_ids)
    now = clock.now()
    ctx.session.add_all(
        BoxCommand(id=new_id(), box_id=box.id, kind=kind.value, told_at=now, told_by=ctx.actor.user_id) for box in boxes
    )
    record(ctx, Event.BOXES_COMMANDED, _target_of_several(boxes), command=kind.value, count=len(boxes))
    return len(boxes)


def tell_those_bound(
    ctx: Context, box_ids: Collection[BoxId], kind: CommandKind, groups: Collection[GroupId] | None = None
) -> int:
    """This function will tell those of the boxes that are bound, in `groups` where they are given, and are not told so already.

    Of a page that was read a while ago some may be gone: they are passed over. Returns how many were told; raises `Refused`.
    """
    ask(ctx, Permission.BOXES_COMMAND)
    told = exists().where(
        BoxCommand.tenant_id == Box.tenant_id,
        BoxCommand.box_id == Box.id,
        BoxCommand.kind == kind.value,
        BoxCommand.told_at > clock.now() - COMMAND_LIFE,
        *(~exists().where(one.tenant_id == BoxCommand.tenant_id, one.id == BoxCommand.id) for one in _ANSWERS),
    )
    wanted = select(Box.id).where(Box.id.in_(set(box_ids)), Box.state == BoxState.BOUND.value, ~told)
    if groups is not None:
        wanted = wanted.where(Box.group_id.in_(groups))
    found = [BoxId(each) for each in ctx.session.scalars(wanted)]
    return tell_boxes(ctx, found, kind) if found else 0


def reveal_installer(ctx: Context, box_id: BoxId) -> Box:
    """This function will return a box whose installer's phone is then shown in full, and record that it was; raises `NotFound`."""
    ask(ctx, Permission.INSTALLATION_REVEAL)
    box = ctx.session.scalar(select(Box).where(Box.id == box_id))
    if box is None or box.installer_phone_sealed is None:
        raise NotFound
    record(ctx, Event.CONTACT_REVEALED, _target(box), fields=["installer_phone"])
    return box


def end_binding(ctx: Context, box: Box, reason: str) -> None:
    """This function will do what unbinding does, where the caller asked and records."""
    _end(ctx, box, BoxState.UNBOUND, reason)
    free_registries(ctx.session, BoxId(box.id))


def free_registries(session: Session, box_id: BoxId) -> None:
    """This function will let another box have the key and the serial number of this one."""
    for registry in (BoxKey, BoxSerial):
        for row in session.scalars(select(registry).where(registry.box_id == box_id)):
            session.delete(row)
    session.flush()


def _end(ctx: Context, box: Box, state: BoxState, reason: str) -> None:
    box.state, box.ended_at, box.end_reason = state.value, clock.now(), reason
    ctx.session.flush()
    end_tokens(ctx.session, BoxId(box.id))
    want_account(ctx.session, BoxId(box.id))
    # The place before the licence, as a binding takes them, so that nobody waits in a circle.
    if box.job_id is not None:
        give_back_place(ctx, JobId(box.job_id))
    give_back_licence(ctx.session, ctx.tenant_id)


def one_bound(session: Session, box_id: BoxId) -> Box:
    """This function will return a bound box that nobody else changes until the transaction ends; raises `NotFound`, `Refused`."""
    (box,) = _several(session, [box_id])
    return box


def _bound(session: Session, box_id: BoxId, version: int) -> Box:
    box = one_bound(session, box_id)
    if box.version != version:
        raise Conflict(N_("这台机顶盒刚被别人改过，请看过再办。"), code="newer_version")
    return box


def _several(session: Session, box_ids: Collection[BoxId]) -> Sequence[Box]:
    wanted = select(Box).where(Box.id.in_(set(box_ids))).order_by(Box.id).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).all()
    if len(found) != len(set(box_ids)) or not found:
        raise NotFound
    if any(box.state != BoxState.BOUND for box in found):
        raise Refused("not_bound", N_("只有已绑定的机顶盒可以这样办。"), status=409)
    return found


def _checked_reason(reason: str) -> str:
    if not 1 <= len(reason.strip()) <= REASON_CHARACTERS:
        raise Invalid({"reason": N_("请写明原因，1 到 %(n)d 个字，它会留在记录里。", n=REASON_CHARACTERS)})
    return reason.strip()


def _target(box: Box) -> Target:
    return Target("box", box.id, box.name or box.serial)


def _target_of_several(boxes: Sequence[Box]) -> Target | None:
    return _target(boxes[0]) if len(boxes) == 1 else None


@register_use
def _holds_boxes(session: Session, group_id: GroupId) -> Message | None:
    """A group that ever had boxes stays: they and what they played belong to it."""
    used = session.scalar(select(Box.id).where(Box.group_id == group_id).limit(1))
    return N_("有机顶盒属于或曾属于这个分组，不能删除。") if used else None
