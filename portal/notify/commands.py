"""Telling somebody something, and noting that it was read."""

from collections.abc import Collection

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.messages import Message, packed
from portal.core.tenancy import INFRASTRUCTURE
from portal.notify.models import Notice
from portal.notify.queries import unread


def tell(
    ctx: Context,
    message: Message,
    *,
    key: str,
    user_id: str | None = None,
    role: str | None = None,
    link: str = "",
) -> None:
    """This function will leave `message` for a person or for a role, once per `key`, in the context's transaction.

    `link` is a path on this site. A second call with the same key does nothing, so a transition that is tried again
    tells nobody twice.
    """
    said = select(Notice.id).where(Notice.key == key)
    # A key is one over all tenants, and what concerns no tenant is told outside of one.
    if ctx.session.scalar(said, execution_options={INFRASTRUCTURE: True}) is not None:
        return
    ctx.session.add(
        Notice(
            key=key,
            user_id=user_id,
            role=role,
            tenant_id=ctx.tenant.id if ctx.tenant else None,
            text=message.text,
            params=packed(message)["params"],
            link=link,
            created_at=clock.now(),
        )
    )


def mark_read(ctx: Context, ids: Collection[str] | None = None) -> int:
    """This function will note that the actor read messages, all or those with `ids`, and return how many were new.

    One's messages come from several tenants; the statement names the person, which is the fence that counts here.
    """
    ask(ctx, Permission.SELF_MANAGE)
    rows = ctx.session.scalars(unread(ctx.actor, ids), execution_options={INFRASTRUCTURE: True}).all()
    for row in rows:
        row.read_at = clock.now()
    if rows:
        target = Target("user", str(ctx.actor.user_id), ctx.actor.username)
        record(ctx, Event.NOTICES_READ, target, count=len(rows))
    return len(rows)
