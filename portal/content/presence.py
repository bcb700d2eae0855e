"""Who else edits an object now. A page says that it is there every few seconds, which counts as no activity of its person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from portal.accounts.models import User
from portal.content.models import EditorPresence
from portal.content.queries import find_row
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound
from portal.core.ids import ObjectId, UserId

SEEN_FOR: Final = timedelta(seconds=30)
"""How long after its last word a page counts as open; pages speak every ten seconds."""


@dataclass(frozen=True)
class Present:
    """Somebody on another page that edits the same: the name, since when, and whether it is the asker's own other page."""

    user_id: UserId
    name: str
    since: datetime
    own: bool


def be_present(ctx: Context, object_id: ObjectId, page: str) -> Sequence[Present]:
    """This function will note that the actor's `page` edits the object, and return who else does, who came first first.

    Raises `NotFound`. Pages that were not seen for a while are forgotten.
    """
    at = clock.now()
    if find_row(ctx.session, object_id) is None or ctx.actor.user_id is None:
        raise NotFound
    ctx.session.execute(delete(EditorPresence).where(EditorPresence.seen_at < at - SEEN_FOR))
    there = ctx.session.scalars(
        select(EditorPresence).where(EditorPresence.object_id == object_id).order_by(EditorPresence.since)
    ).all()
    mine = next((one for one in there if (one.user_id, one.page) == (ctx.actor.user_id, page)), None)
    if mine is None:
        mine = EditorPresence(object_id=object_id, user_id=ctx.actor.user_id, page=page, since=at)
        ctx.session.add(mine)
    mine.seen_at = at
    ctx.session.flush()
    others = [one for one in there if one is not mine]
    names = {row.id: row.display_name for row in _people(ctx, {one.user_id for one in others})}
    return [
        Present(UserId(one.user_id), names.get(one.user_id, ""), one.since, one.user_id == ctx.actor.user_id)
        for one in others
    ]


def leave(ctx: Context, object_id: ObjectId, page: str) -> None:
    """This function will forget the actor's `page`, which was closed."""
    own = select(EditorPresence).where(
        EditorPresence.object_id == object_id, EditorPresence.user_id == ctx.actor.user_id, EditorPresence.page == page
    )
    for one in ctx.session.scalars(own):
        ctx.session.delete(one)


def _people(ctx: Context, user_ids: set[str]) -> Sequence[User]:
    return ctx.session.scalars(select(User).where(User.id.in_(user_ids))).all() if user_ids else ()
