"""What happens to boxes by the clock and from the outbox: what served its purpose is forgotten, owners are warned."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.commands.binding import REFUSED_FOR, SERIAL_CLAIMED
from portal.boxes.models.bound import Box, BoxRequest, BoxToken
from portal.boxes.models.limiting import Refusals, SpentProof
from portal.boxes.models.reported import CommandResult, PlayBatch, PlayBoxDay, PlayRow, Screenshot
from portal.boxes.models.told import BoxCommand
from portal.boxes.states import RequestState
from portal.catalog.catalogue import catalogue
from portal.core import clock, outbox
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, platform_session, system_session
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.core.messages import N_
from portal.core.tenancy import INFRASTRUCTURE
from portal.notify.commands import tell
from portal.notify.models import Notice
from portal.releases.jobs import run_as_system

_MINUTE: Final = 60
_HOUR: Final = 3600
_AT_ONCE: Final = 2_000
PROOFS_AT_ONCE: Final = 500
_BREATH: Final = 0.02
_ACROSS = {INFRASTRUCTURE: True, "synchronize_session": False}


@every(seconds=_MINUTE)
def forget_proofs() -> None:
    """This function will delete the proofs that are older than anything they could be used for again.

    A fleet spends ten thousand in a minute: they go in small steps, between which boxes and people write.
    """
    before = clock.now() - timedelta(minutes=catalogue().boxes.proof_minutes)
    while _forget_some_proofs(before) == PROOFS_AT_ONCE:
        time.sleep(_BREATH)


def _forget_some_proofs(before: datetime) -> int:
    with platform_session() as session:
        old = select(SpentProof.mark).where(SpentProof.spent_at < before).order_by(SpentProof.spent_at)
        marks = session.scalars(old.limit(PROOFS_AT_ONCE)).all()
    if marks:
        with platform_session(writes=True) as session:
            session.execute(delete(SpentProof).where(SpentProof.mark.in_(marks)))
            commit(session)
    return len(marks)


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
            delete(PlayBoxDay).where(PlayBoxDay.day < clock.business_date(played)),
            delete(PlayBatch).where(PlayBatch.came_at < played),
            delete(Screenshot).where(Screenshot.taken_at < pictured),
            delete(Screenshot).where(Screenshot.id.in_(_pictures_too_many(rules.kept_screenshots))),
            delete(CommandResult).where(CommandResult.done_at < played),
        ):
            session.execute(statement, execution_options=_ACROSS)
        commit(session)


def _pictures_too_many(kept: int) -> Select[str]:
    """Of each box the newest are kept."""
    place = func.row_number().over(
        partition_by=(Screenshot.tenant_id, Screenshot.box_id), order_by=Screenshot.taken_at.desc()
    )
    ranked = select(Screenshot.id, place.label("place")).subquery()
    return select(ranked.c.id).where(ranked.c.place > kept)


@every(seconds=_HOUR)
def forget_leftovers() -> int:
    """This function will delete requests that nobody decided in time or that were decided a day ago, and old commands; returns how many.

    A request carries the phone of an installer, who need not be a customer's; whatever came of it stands with the box and in the log.
    """
    with system_session(reason="tenants with requests and commands of boxes that are no longer kept") as session:
        requests = session.scalars(select(BoxRequest.tenant_id).where(_is_over()).distinct())
        tenants = {*requests, *session.scalars(select(BoxCommand.tenant_id).where(_is_old()).distinct())}
    return sum(run_as_system(TenantId(each), _forget_leftovers) for each in sorted(tenants))


def _forget_leftovers(ctx: Context) -> int:
    ask(ctx, Permission.BOXES_REPORT)
    requests = _delete_each(ctx.session, select(BoxRequest).where(_is_over()))
    commands = _delete_each(ctx.session, select(BoxCommand).where(_is_old()))
    if requests:
        record(ctx, Event.BOX_REQUESTS_FORGOTTEN, count=requests)
    if commands:
        record(ctx, Event.BOX_COMMANDS_FORGOTTEN, count=commands)
    return requests + commands


def _delete_each(session: Session, wanted: Select[Any]) -> int:
    rows = session.scalars(wanted.limit(_AT_ONCE).with_for_update()).all()
    for row in rows:
        session.delete(row)
    session.flush()
    return len(rows)


def _is_over() -> ColumnElement[bool]:
    now = clock.now()
    late = (BoxRequest.state == RequestState.WAITING.value) & (BoxRequest.expires_at <= now)
    return late | (BoxRequest.decided_at <= now - REFUSED_FOR)


def _is_old() -> ColumnElement[bool]:
    return BoxCommand.told_at < clock.now() - timedelta(days=catalogue().boxes.kept_play_days)


@every(seconds=_HOUR)
def forget_tokens() -> int:
    """This function will delete tokens that ended long ago and were followed by another one; returns how many.

    The last token of a box that is unbound stays for good: however long the box was off, it is told that the token has ended, and
    deletes what it shows.
    """
    before = clock.now() - timedelta(days=catalogue().boxes.kept_ended_token_days)
    later = aliased(BoxToken)
    followed = exists().where(
        later.tenant_id == BoxToken.tenant_id, later.box_id == BoxToken.box_id, later.issued_at > BoxToken.issued_at
    )
    with platform_session(writes=True) as session:
        ctx = Context(session, SYSTEM)
        rows = session.scalars(select(BoxToken).where(BoxToken.ended_at < before, followed).limit(_AT_ONCE)).all()
        if rows:
            ask(ctx, Permission.SYSTEM_MAINTAIN)
            gone = delete(BoxToken).where(BoxToken.token_hash.in_([row.token_hash for row in rows]))
            session.execute(gone, execution_options={"synchronize_session": False})
            record(ctx, Event.BOX_TOKENS_FORGOTTEN, count=len(rows))
        commit(session)
    return len(rows)


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
    return f"/e/{ctx.enterprise.enterprise_id}/boxes/{box_id}"
