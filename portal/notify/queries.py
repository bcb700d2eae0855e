"""Whose messages are whose. A person's messages come from several tenants, so they are read through a system session."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from portal.core.context import Actor
from portal.core.database import system_session
from portal.core.messages import Message, unpacked
from portal.core.models import Base
from portal.notify.models import Notice

_PROVINCE = "province"
PAGE = 50


@dataclass(frozen=True)
class NoticePage:
    """Some messages, newest first; `older` is the id below which the next page begins, None on the last."""

    notices: tuple[Notice, ...]
    unread: int
    older: str | None


def unread_count(actor: Actor) -> int:
    """This function will return how many messages wait for the person, for the bell; one query in a session of its own."""
    with system_session(reason="number of a person's own messages") as session:
        return session.scalar(how_many_unread(actor)) or 0


def notice_page(actor: Actor, before: str | None = None, most: int = PAGE) -> NoticePage:
    """This function will return `most` of the person's messages, newest first, from the one before id `before` on; two queries."""
    wanted = select(Notice).where(addressed_to(actor)).order_by(Notice.id.desc()).limit(most + 1)
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    with system_session(reason="a person's own messages") as session:
        rows = session.scalars(wanted).all()
        count = session.scalar(how_many_unread(actor)) or 0
    return NoticePage(tuple(rows[:most]), count, rows[most - 1].id if len(rows) > most else None)


def unread(actor: Actor, ids: Collection[str] | None = None) -> Select[Any]:
    """This function will return the statement for the person's messages that nobody has read, all or those with `ids`."""
    wanted = select(Notice).where(addressed_to(actor), Notice.read_at.is_(None))
    return wanted if ids is None else wanted.where(Notice.id.in_(ids))


def how_many_unread(actor: Actor) -> Select[int]:
    """This function will return the statement for the number of the person's unread messages; it needs a system session."""
    return select(func.count(Notice.id)).where(addressed_to(actor), Notice.read_at.is_(None))


def addressed_to(actor: Actor) -> ColumnElement[bool]:
    """This function will return the condition for messages to the person or to a role that the person has where they belong.

    A member's role counts in the session's tenant, a province's in the enterprises of the province, the center's everywhere.
    What is for a role is read once for all who have it.
    """
    own = Notice.user_id == actor.user_id
    role = Notice.role == actor.role
    if actor.tenant_id is not None:
        here = Notice.tenant_id == actor.tenant_id
        return or_(and_(own, or_(here, Notice.tenant_id.is_(None))), and_(role, here))
    if actor.role == _PROVINCE:
        tenants = Base.metadata.tables["tenants"]  # a room above this one
        inside = select(tenants.c.id).where(tenants.c.province_code == actor.province_code)
        return or_(own, and_(role, Notice.tenant_id.in_(inside)))
    return or_(own, role)


def sentence(notice: Notice) -> Message:
    """This function will return the message as a sentence that the reader's language may replace."""
    return unpacked({"text": notice.text, "params": notice.params})
