"""Who else edits an object now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.accounts.models import User
from portal.content.models import EditorPresence
from portal.content.queries import find_row
from portal.core import presence
from portal.core.context import Context
from portal.core.errors import NotFound
from portal.core.ids import ObjectId, UserId


@dataclass(frozen=True)
class Present:
    """Somebody on another page that edits the same: the name, since when, and whether it is the asker's own other page."""

    user_id: UserId
    name: str
    since: datetime
    own: bool


def be_present(ctx: Context, object_id: ObjectId, page: str) -> Sequence[Present]:
    """This function will note that the actor's `page` edits the object, and return who else does, who came first first.

    Raises `NotFound`.
    """
    if find_row(ctx.session, object_id) is None:
        raise NotFound
    others = presence.be_present(ctx, EditorPresence.object_id, object_id, page)
    names = {row.id: row.display_name for row in _people(ctx, {one.user_id for one in others})}
    return [
        Present(UserId(one.user_id), names.get(one.user_id, ""), one.since, one.user_id == ctx.actor.user_id)
        for one in others
    ]


def leave(ctx: Context, object_id: ObjectId, page: str) -> None:
    """This function will forget the actor's `page`, which was closed."""
    presence.leave(ctx, EditorPresence.object_id, object_id, page)


def _people(ctx: Context, user_ids: set[str]) -> Sequence[User]:
    return ctx.session.scalars(select(User).where(User.id.in_(user_ids))).all() if user_ids else ()
