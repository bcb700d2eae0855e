"""Boxes that wait: somebody of the tenant, its province or the center confirms or rejects them, or lets one take another's place."""

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.commands.admitting import (
    BOUND_ELSEWHERE,
    NO_LICENCE_LEFT,
    SERIAL_BOUND,
    WRONG_BOX_TYPE,
    Admission,
    Claims,
    admit,
    obstacle,
)
from portal.boxes.commands.managing import end_binding, free_registries, one_bound
from portal.boxes.errors import Raced
from portal.boxes.models.bound import Box, BoxRequest
from portal.boxes.queries.fleet import is_waiting
from portal.boxes.queries.proven import Owner, owner_of_key, owner_of_serial
from portal.boxes.states import BoxState, RequestState
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, NotFound, Refused
from portal.core.ids import BoxId, GroupId
from portal.core.messages import N_
from portal.tenants.queries import group_tree

_WHY_NOT = {
    BOUND_ELSEWHERE: N_("这台机顶盒已经绑定在别的企业，要先在那里解绑。"),
    SERIAL_BOUND: N_("这个序列号已经被另一台设备绑定，请核对实物。"),
    WRONG_BOX_TYPE: N_("型号与套餐不符：酒店套餐只能用融合终端(三合一机顶盒)。"),
    NO_LICENCE_LEFT: N_("套餐的台数已经用完，请先加订或解绑一台。"),
}


def confirm_request(ctx: Context, request_id: str, group_id: GroupId) -> BoxId:
    """This function will bind a box that waits into a group; it gets its token when it next asks.

    Raises `NotFound` for one that does not wait any more or a group that there is not, `Refused` with what stands in the way.
    """
    ask(ctx, Permission.BOXES_CONFIRM)
    request = _waiting(ctx, request_id)
    if group_id not in group_tree(ctx.session):
        raise NotFound
    box = _admit(ctx, request, Admission(group_id, "confirmed"))
    return BoxId(box.id)


def reveal_asker(ctx: Context, request_id: str) -> BoxRequest:
    """This function will return a box that waits, whose phone as it was typed is then shown in full, and record that; raises `NotFound`."""
    ask(ctx, Permission.INSTALLATION_REVEAL)
    request = ctx.session.scalar(select(BoxRequest).where(BoxRequest.id == request_id, is_waiting(clock.now())))
    if request is None or request.installer_phone_sealed is None:
        raise NotFound
    record(
        ctx,
        Event.CONTACT_REVEALED,
        Target("box_request", request.id, request.serial),
        fields=["installer_phone"],
    )
    return request


def reject_request(ctx: Context, request_id: str) -> None:
    """This function will reject a box that waits; for a day nobody is asked about it again. The box is told nothing."""
    ask(ctx, Permission.BOXES_CONFIRM)
    request = _waiting(ctx, request_id)
    _decide(ctx, request, RequestState.REJECTED)
    target = Target("box_request", request.id, request.serial)
    record(ctx, Event.BOX_REJECTED, target, serial=request.serial, model=request.model)


def replace_box(ctx: Context, box_id: BoxId, request_id: str) -> BoxId:
    """This function will let a box that waits take the place of a bound one: its group, its name, its licence and place in the job.

    Raises `NotFound`, and `Refused` with what stands in the way.
    """
    ask(ctx, Permission.BOXES_MANAGE)
    request = _waiting(ctx, request_id)
    old = one_bound(ctx.session, box_id)
    end_binding(ctx, old, f"→ {request.serial}")
    admission = Admission(GroupId(old.group_id), "replacing", name=old.name)
    box = _admit(ctx, request, admission)
    record(
        ctx,
        Event.BOX_REPLACED,
        Target("box", old.id, old.name or old.serial),
        serial=old.serial,
        successor=box.serial,
    )
    return BoxId(box.id)


def _admit(ctx: Context, request: BoxRequest, admission: Admission) -> Box:
    claims = Claims(request.thumbprint, request.serial, request.model, request.firmware)
    _let_stolen_return(ctx, claims)
    if (code := obstacle(ctx.session, ctx.tenant_id, claims)) is not None:
        raise Refused(code, _WHY_NOT[code], status=409)
    by = Admission(
        admission.group_id,
        admission.how,
        phone=request.installer_phone,
        job_id=admission.job_id,
        confirmed_by=ctx.actor.user_id,
        name=admission.name,
    )
    try:
        box, _feed = admit(ctx, claims, by)
    except Raced as raced:
        raise Refused(NO_LICENCE_LEFT, _WHY_NOT[NO_LICENCE_LEFT], status=409) from raced
    _decide(ctx, request, RequestState.CONFIRMED)
    return box


def _let_stolen_return(ctx: Context, claims: Claims) -> None:
    """What is registered to a box that this tenant reported stolen is free for the one that somebody confirms now."""
    owners = (owner_of_key(ctx.session, claims.thumbprint), owner_of_serial(ctx.session, claims.serial))
    for owner in {each for each in owners if each is not None and each.tenant_id == ctx.tenant_id}:
        if _is_stolen(ctx, owner):
            free_registries(ctx.session, owner.box_id)


def _is_stolen(ctx: Context, owner: Owner) -> bool:
    box = ctx.session.get(Box, (ctx.tenant_id, owner.box_id), populate_existing=True)
    return box is not None and box.state == BoxState.STOLEN


def _waiting(ctx: Context, request_id: str) -> BoxRequest:
    wanted = select(BoxRequest).where(BoxRequest.id == request_id).with_for_update()
    request = ctx.session.scalar(wanted.execution_options(populate_existing=True))
    if request is None:
        raise NotFound
    if request.state != RequestState.WAITING or request.expires_at <= clock.now():
        raise Conflict(N_("这台机顶盒已经不在等待：别人处理过，或者过了一天。"), code="not_waiting")
    return request


def _decide(ctx: Context, request: BoxRequest, state: RequestState) -> None:
    request.state, request.decided_at, request.decided_by = state.value, clock.now(), ctx.actor.user_id
    ctx.session.flush()
