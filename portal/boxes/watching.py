"""Boxes that fall silent and come back: a state of two, and one message for each change of it.

A whole floor that loses its power is one message, and its return another: what is told at one look is told together. After how long
and to whom, each tenant says (`commands/alerting.py`); no tenant is told earlier than a box counts as offline.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.boxes.commands.alerting import alerts_of
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.rules import offline_after
from portal.boxes.states import BoxState
from portal.core import clock
from portal.core.context import Context
from portal.core.database import system_session
from portal.core.ids import TenantId, new_id
from portal.core.jobs import every
from portal.core.messages import N_, Message
from portal.notify.commands import tell
from portal.releases.jobs import run_as_system

_MINUTE: Final = 60
_LOOKED_AT: Final = 500  # among so many an example is looked for


@every(seconds=_MINUTE)
def watch_boxes() -> int:
    """This function will tell every tenant whose boxes fell silent or came back since the last look; returns how many boxes."""
    with system_session(reason="tenants whose boxes fell silent or came back") as session:
        wanted = (
            select(Box.tenant_id)
            .join(BoxStatus, _of_the_box())
            .where(or_(_fell_silent(offline_after()), _came_back()))
            .distinct()
        )
        tenants = [TenantId(each) for each in session.scalars(wanted)]
    return sum(run_as_system(each, _tell) for each in tenants)


def _tell(ctx: Context) -> int:
    alerts = alerts_of(ctx.session, ctx.tenant_id)
    silent = _turn(ctx.session, _fell_silent(alerts.after), to=True)
    back = _turn(ctx.session, _came_back(), to=False)
    if silent:
        message = N_(
            "%(count)d 台机顶盒离线，例如「%(name)s」。", count=len(silent), name=_example(ctx.session, silent)
        )
        _say(ctx, Event.BOXES_FELL_SILENT, message, len(silent), alerts.roles)
    if back:
        message = N_(
            "%(count)d 台机顶盒恢复在线，例如「%(name)s」。", count=len(back), name=_example(ctx.session, back)
        )
        _say(ctx, Event.BOXES_CAME_BACK, message, len(back), alerts.roles)
    return len(silent) + len(back)


def _turn(session: Session, condition: ColumnElement[bool], *, to: bool) -> Sequence[str]:
    """Note the change of every box that changed and return their ids: one statement, for a whole fleet may have changed at once."""
    changed = update(BoxStatus).where(exists(select(Box.id).where(_of_the_box(), condition))).values(told_offline=to)
    return session.scalars(changed.returning(BoxStatus.id), execution_options={"synchronize_session": False}).all()


def _example(session: Session, ids: Sequence[str]) -> str:
    box = session.scalars(select(Box).where(Box.id.in_(ids[:_LOOKED_AT])).order_by(Box.name, Box.serial).limit(1)).one()
    return box.name or box.serial


def _say(ctx: Context, event: Event, message: Message, count: int, roles: Iterable[str]) -> None:
    """The change is recorded also where nobody wants to be told of it."""
    ask(ctx, Permission.BOXES_REPORT)
    query = "health=offline" if event is Event.BOXES_FELL_SILENT else "health=online"
    link = f"/e/{ctx.tenant.enterprise_id}/boxes?{query}" if ctx.tenant else ""
    for role in roles:
        tell(ctx, message, key=f"{event.value}:{ctx.tenant_id}:{new_id()}", role=role, link=link)
    record(ctx, event, Target("tenant", ctx.tenant_id, ctx.tenant.name if ctx.tenant else ""), count=count)


def _fell_silent(after: timedelta) -> ColumnElement[bool]:
    return and_(_is_bound(), BoxStatus.told_offline.is_(False), BoxStatus.seen_at < clock.now() - after)


def _came_back() -> ColumnElement[bool]:
    return and_(_is_bound(), BoxStatus.told_offline.is_(True), BoxStatus.seen_at >= clock.now() - offline_after())


def _is_bound() -> ColumnElement[bool]:
    return Box.state == BoxState.BOUND.value


def _of_the_box() -> Any:
    return and_(BoxStatus.tenant_id == Box.tenant_id, BoxStatus.id == Box.id)
