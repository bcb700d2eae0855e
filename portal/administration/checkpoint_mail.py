"""Checkpoints of the log by mail: every day, and when the auditor asks; a copy outside of the house cannot be made anew.

What is sent says only how long the log is and which root it has; nothing of anybody stands in it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit import checkpoints
from portal.audit.checkpoints import file_name
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.audit.models import AuditCheckpoint
from portal.core import clock, outbox
from portal.core.context import Context
from portal.core.database import commit, platform_session
from portal.core.errors import Refused
from portal.core.messages import N_
from portal.notify import mail

KIND = "mail_checkpoint"

_TEXT = """\
附件是操作日志的检查点：日志到这时有 {size} 条记录。请留存，不要只留在收件箱里。
The attachment is a checkpoint of the operation log, which holds {size} records by now. Keep it, and not in this mailbox alone.

核对 / Check:  portal audit verify --checkpoint {name}

{note}
"""

_to: tuple[str, ...] = ()


def configure(recipients: Sequence[str]) -> None:
    """This function will set who gets checkpoints."""
    global _to
    _to = tuple(recipients)


def recipients() -> tuple[str, ...]:
    """This function will return who gets checkpoints; nobody where no mail is sent."""
    return _to if mail.post() is not None else ()


def last_sent() -> datetime | None:
    """This function will return when a checkpoint was last taken by the mail server, as far as the outbox remembers."""
    with platform_session() as session:
        done = select(func.max(outbox.OutboxRow.done_at)).where(outbox.OutboxRow.kind == KIND)
        return session.scalar(done)


def mail_checkpoint(ctx: Context) -> AuditCheckpoint:
    """This function will take a checkpoint, have it sent, and record who asked for that.

    The checkpoint is taken in a transaction of its own: call it before anything else is done in the context's session. Raises
    `Refused` where nobody is to get it (`no_recipient`) or the log is empty (`empty_log`).
    """
    taken = checkpoints.checkpoint_of_now()
    ask(ctx, Permission.AUDIT_EXPORT)
    if not recipients():
        raise Refused(
            "no_recipient", N_("没有设置收件人：请系统管理员设置 PORTAL_AUDIT_MAIL 和 PORTAL_SMTP_URL。"), status=409
        )
    if taken is None:
        raise Refused("empty_log", N_("日志里还没有记录。"), status=409)
    outbox.post(ctx.session, KIND, size=taken.size)
    record(
        ctx, Event.CHECKPOINT_MAILED, Target("checkpoint", str(taken.size)), up_to=taken.size, count=len(recipients())
    )
    return taken


def mail_daily() -> int:
    """This function will have the newest checkpoint sent, unless one was sent on this business day already; returns how many."""
    if not recipients():
        return 0
    with platform_session(writes=True) as session:
        newest = checkpoints.latest(session)
        today = clock.start_of(clock.today())
        asked = select(func.count()).where(outbox.OutboxRow.kind == KIND, outbox.OutboxRow.created_at >= today)
        if newest is None or session.scalar(asked):
            return 0
        outbox.post(session, KIND, size=newest.size)
        commit(session)
    return 1


@outbox.handles(KIND)
def _send(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    post = mail.post()
    if post is None or not _to:
        return  # it was taken out of the settings meanwhile
    with platform_session() as session:
        found = session.get_one(AuditCheckpoint, payload["size"])
    name, size = file_name(found), f"{found.size:,}"
    text = _TEXT.format(size=size, name=name, note=found.note)
    post.send(_to, f"操作日志检查点 / audit checkpoint {size}", text, [mail.Attachment(name, found.note)])
