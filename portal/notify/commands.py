"""Telling somebody something."""

from sqlalchemy import select

from portal.core import clock
from portal.core.context import Context
from portal.core.messages import Message
from portal.notify.models import Notice


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
    if ctx.session.scalar(select(Notice.id).where(Notice.key == key)) is not None:
        return
    ctx.session.add(
        Notice(
            key=key,
            user_id=user_id,
            role=role,
            tenant_id=ctx.tenant.id if ctx.tenant else None,
            text=message.text,
            params={name: str(value) for name, value in message.params.items()},
            link=link,
            created_at=clock.now(),
        )
    )
