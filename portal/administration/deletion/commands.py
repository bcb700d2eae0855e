"""Asking for a deletion, confirming it, and taking it back while that is possible; it is done by `wiping.py`."""

from datetime import timedelta

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.administration.deletion.queries import extent, is_ended, open_deletion
from portal.administration.deletion.states import UNDOABLE, DeletionState
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import is_id, new_id
from portal.core.messages import N_
from portal.notify.commands import tell
from portal.tenants.models import TenantDeletion
from portal.tenants.rules import fold

WAITING_TIME = timedelta(days=7)
LONGEST_REASON = 300
PAGE = "/admin/deletions"


def ask_for_deletion(ctx: Context, reason: str, typed: str) -> TenantDeletion:
    """This function will ask for the deletion of the context's tenant; the system administrator has to confirm it.

    Raises `Invalid` for `reason` and `typed`, which must be the enterprise's short name, `Refused` where a subscription still
    runs (`not_ended`) and where a deletion is open already (`asked_already`).
    """
    ask(ctx, Permission.TENANT_DELETE)
    tenant = ctx.tenant
    if tenant is None:
        raise NotFound
    errors = {}
    if not reason.strip() or len(reason) > LONGEST_REASON:
        errors["reason"] = N_("请写明原因，最多 %(n)d 个字；确认的人要看。", n=LONGEST_REASON)
    if fold(typed) != tenant.name:
        errors["typed"] = N_("请输入「%(name)s」确认。", name=tenant.name)
    if errors:
        raise Invalid(errors)
    if not is_ended(ctx.session, tenant.id):
        raise Refused("not_ended", N_("只能删除订购已经全部终止的企业。"), status=409)
    if open_deletion(ctx.session, tenant.id) is not None:
        raise Refused("asked_already", N_("这家企业已经提请过删除。"), status=409)
    row = TenantDeletion(
        id=new_id(),
        tenant_id=tenant.id,
        enterprise_id=tenant.enterprise_id,
        name=tenant.name,
        reason=reason.strip(),
        state=DeletionState.ASKED.value,
        extent=extent(ctx.session, tenant.id).as_json(),
        user_ids=[],
        asked_by=ctx.actor.user_id,
        asked_at=clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, Event.DELETION_ASKED, _target(row), enterprise_id=row.enterprise_id, reason=row.reason)
    asked = N_("%(name)s 提请删除企业「%(tenant)s」，请确认或否决。", name=ctx.actor.display_name, tenant=tenant.name)
    tell(
        ctx,
        N_("运营中心提请删除本企业：%(reason)s", reason=row.reason),
        key=f"deletion:{row.id}",
        role=Role.TENANT_ADMIN,
    )
    tell(ctx, asked, key=f"deletion:{row.id}:confirm", role=Role.SYSTEM_ADMIN, link=PAGE)
    return row


def withdraw_deletion(ctx: Context) -> None:
    """This function will take back the deletion of the context's tenant; raises `Conflict` where none can be taken back any more."""
    ask(ctx, Permission.TENANT_DELETE)
    row = open_deletion(ctx.session, ctx.tenant_id, lock=True)
    if row is None or row.state not in UNDOABLE:
        raise Conflict(N_("没有可以撤回的删除。"), code="not_open")
    _end(ctx, row, DeletionState.WITHDRAWN)
    record(ctx, Event.DELETION_WITHDRAWN, _target(row), enterprise_id=row.enterprise_id)


def confirm_deletion(ctx: Context, deletion_id: str, typed: str) -> TenantDeletion:
    """This function will confirm a deletion, which is then done after a week.

    Raises `NotFound`, `Conflict` where it was answered meanwhile, `Refused` for whoever asked, `Invalid` where `typed` is not the
    enterprise ID.
    """
    ask(ctx, Permission.DELETIONS_CONFIRM)
    row = _locked(ctx, deletion_id)
    if row.state != DeletionState.ASKED:
        raise Conflict(N_("这项删除已经有了结果。"), code="already_decided")
    if row.asked_by == ctx.actor.user_id:
        raise Refused("same_person", N_("提请的人不能自己确认。"), status=409)
    if fold(typed).replace(" ", "") != row.enterprise_id:
        raise Invalid({"typed": N_("请输入企业 ID %(number)s 确认。", number=row.enterprise_id)})
    at = clock.now()
    row.state, row.confirmed_by, row.confirmed_at, row.due_at = (
        DeletionState.WAITING.value, ctx.actor.user_id, at, at + WAITING_TIME,
    )  # fmt: skip
    ctx.session.flush()
    due_on = clock.business_date(row.due_at).isoformat()
    record(ctx, Event.DELETION_CONFIRMED, _target(row), enterprise_id=row.enterprise_id, due_on=due_on)
    return row


def decline_deletion(ctx: Context, deletion_id: str) -> None:
    """This function will decline a deletion, or stop one that waits for its day; raises `NotFound`, `Conflict`."""
    ask(ctx, Permission.DELETIONS_CONFIRM)
    row = _locked(ctx, deletion_id)
    if row.state not in UNDOABLE:
        raise Conflict(N_("这项删除已经有了结果。"), code="already_decided")
    _end(ctx, row, DeletionState.DECLINED)
    record(ctx, Event.DELETION_DECLINED, _target(row), enterprise_id=row.enterprise_id)


def _locked(ctx: Context, deletion_id: str) -> TenantDeletion:
    wanted = select(TenantDeletion).where(TenantDeletion.id == deletion_id).with_for_update()
    row = ctx.session.scalar(wanted, execution_options={"populate_existing": True}) if is_id(deletion_id) else None
    if row is None:
        raise NotFound
    return row


def _end(ctx: Context, row: TenantDeletion, state: DeletionState) -> None:
    row.state, row.ended_by, row.ended_at = state.value, ctx.actor.user_id, clock.now()
    ctx.session.flush()


def _target(row: TenantDeletion) -> Target:
    return Target("tenant_deletion", row.id, row.enterprise_id)
