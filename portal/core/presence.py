"""Who is at a page now. A page says that it is there every few seconds, which counts as no activity of its person.

A room keeps its pages in a table of its own, whose column says what they are about: `about` here, such as `EditorPresence.object_id`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ForeignKey, Select, String, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound
from portal.core.models import Id

SEEN_FOR: Final = timedelta(seconds=30)
"""How long after its last word a page counts as open; pages speak every ten seconds."""

MOST_PAGES: Final = 10
"""How many pages of one person count at once; of more, those that spoke longest ago are forgotten."""


class AtPage:
    """What a table of open pages has beside what they are about: whose page, since when, and when it last said so."""

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    page: Mapped[str] = mapped_column(String(36))
    since: Mapped[datetime]
    seen_at: Mapped[datetime]


def be_present(ctx: Context, about: InstrumentedAttribute[str], thing: str, page: str) -> Sequence[Any]:
    """This function will note that the actor's `page` is about `thing`, and return the rows of the others, who came first first.

    Raises `NotFound` for an actor who is nobody. Pages that were not seen for a while are forgotten.
    """
    table: Any = about.class_
    at = clock.now()
    if ctx.actor.user_id is None:
        raise NotFound
    ctx.session.execute(delete(table).where(table.seen_at < at - SEEN_FOR))
    there = ctx.session.scalars(select(table).where(about == thing).order_by(table.since)).all()
    mine = next((one for one in there if (one.user_id, one.page) == (ctx.actor.user_id, page)), None)
    if mine is None:
        mine = table(**{about.key: thing}, user_id=ctx.actor.user_id, page=page, since=at)
        ctx.session.add(mine)
        _forget_more_than(ctx, table, MOST_PAGES - 1)
    mine.seen_at = at
    ctx.session.flush()
    return [one for one in there if one is not mine]


def leave(ctx: Context, about: InstrumentedAttribute[str], thing: str, page: str) -> None:
    """This function will forget the actor's `page`, which was closed."""
    table: Any = about.class_
    own: Select[Any] = select(table).where(about == thing, table.user_id == ctx.actor.user_id, table.page == page)
    for one in ctx.session.scalars(own):
        ctx.session.delete(one)


def _forget_more_than(ctx: Context, table: Any, kept: int) -> None:
    """Whoever makes up pages gets no more rows than somebody with many open."""
    own = select(table).where(table.user_id == ctx.actor.user_id)
    latest_first = own.order_by(table.seen_at.desc(), table.id)
    with ctx.session.no_autoflush:
        for row in ctx.session.scalars(latest_first.offset(kept)):
            ctx.session.delete(row)
