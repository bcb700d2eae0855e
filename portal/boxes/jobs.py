"""What happens to boxes by the clock and from the outbox: telemetry that served its purpose is forgotten, owners are warned."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.commands.binding import SERIAL_CLAIMED
from portal.boxes.models.bound import Box
from portal.boxes.models.limiting import Refusals, SpentProof
from portal.boxes.models.reported import CommandResult, PlayBatch, PlayRow, Screenshot
from portal.catalog.catalogue import catalogue
from portal.core import clock, outbox
from portal.core.context import Context
from portal.core.database import commit, platform_session
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.core.messages import N_
from portal.core.tenancy import INFRASTRUCTURE
from portal.notify.commands import tell
from portal.notify.models import Notice
from portal.releases.jobs import run_as_system

_MINUTE: Final = 60
_HOUR: Final = 3600
_ACROSS = {INFRASTRUCTURE: True, "synchronize_session": False}


@every(seconds=_MINUTE)
def forget_proofs() -> None:
    """This function will delete the proofs that are older than anything they could be used for again."""
    before = clock.now() - timedelta(minutes=catalogue().boxes.proof_minutes)
    with platform_session(writes=True) as session:
        session.execute(delete(SpentProof).where(SpentProof.spent_at < before))
        commit(session)


@every(seconds=_HOUR)
def forget_reports() -> None:
    """This function will delete refusals, plays, pictures and answers that are older than they are kept."""
    rules, now = catalogue().boxes, clock.now()
    with platform_session(writes=True) as session:
        session.execute(delete(Refusals).where(Refusals.last_at < now - timedelta(days=1)))
        played = now - timedelta(days=rules.kept_play_days)
        pictured = now - timedelta(days=rules.kept_screenshot_days)
        for statement in (
            delete(PlayRow).where(PlayRow.started_at < played),
            delete(PlayBatch).where(PlayBatch.came_at < played),
            delete(Screenshot).where(Screenshot.taken_at < pictured),
            delete(CommandResult).where(CommandResult.done_at < played),
        ):
            session.execute(statement, execution_options=_ACROSS)
        commit(session)


@outbox.handles(SERIAL_CLAIMED)
def _warn(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    """The administrators of whoever has the serial number are told once a day, however often it is claimed."""
    if tenant_id is not None:
        run_as_system(TenantId(tenant_id), lambda ctx: _warn_once(ctx, payload["box_id"], payload["day"]))


def _warn_once(ctx: Context, box_id: str, day: str) -> None:
    box, key = ctx.session.get(Box, (ctx.tenant_id, box_id)), f"{SERIAL_CLAIMED}:{box_id}:{day}"
    if box is None or ctx.session.scalar(select(Notice.id).where(Notice.key == key)) is not None:
        return
    ask(ctx, Permission.BOXES_REPORT)
    words = N_("有别的设备用「%(serial)s」这个序列号上报，已经拒绝。请核对这台机顶盒是否被冒用。", serial=box.serial)
    tell(ctx, words, key=key, role=Role.TENANT_ADMIN.value, link=_page(ctx, box_id))
    record(ctx, Event.BOX_SERIAL_CLAIMED, Target("box", box.id, box.serial), serial=box.serial)


def _page(ctx: Context, box_id: str) -> str:
    return f"/e/{ctx.tenant.enterprise_id}/boxes/{box_id}" if ctx.tenant else ""
