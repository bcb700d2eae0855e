"""A sitting: somebody edits one object, and its page saves every few seconds. It is recorded when it begins and when it ends.

The first save of a sitting is a record like any other. Each further one leaves its hash in the sitting's row, in the same
transaction; from that row the record of the last hash is made, in the name of whoever sat there: before anything else happens
to the object, when somebody else saves it, or when nobody has saved for a while (`jobs.py`).
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.access.roles import LAYER_OF, Role
from portal.accounts.models import User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.models import ContentObject, DraftSitting, Revision
from portal.core import clock
from portal.core.context import Actor, Context
from portal.core.ids import SessionId, UserId

RESTS: Final = timedelta(minutes=5)
"""A sitting in which nobody has saved for so long is over."""
LASTS: Final = timedelta(hours=1)
"""One that goes on longer is recorded in between."""


def record_save(ctx: Context, draft: Revision, kind: str) -> None:
    """This function will record that the actor saved a draft."""
    target = Target("content_object", draft.object_id, draft.title)
    record(ctx, Event.DRAFT_SAVED, target, kind=kind, title=draft.title, sha256=draft.sha256)


def sit(ctx: Context, draft: Revision, kind: str) -> None:
    """This function will account for a draft that a page saved by itself; raises `ValueError` where nobody sits at it."""
    who = ctx.actor
    if who.user_id is None:
        raise ValueError("a page saves by itself for a person")
    sitting, others = _sittings_at(ctx, draft.object_id)
    _record_all(ctx, others)
    at = clock.now()
    if sitting is None:
        record_save(ctx, draft, kind)
        sitting = DraftSitting(object_id=draft.object_id, user_id=who.user_id, session_id=who.session_id, saves=0)
        sitting.role, sitting.auth_level, sitting.auth_method = who.role, who.auth_level, who.auth_method
        sitting.began_at = at
        ctx.session.add(sitting)
    else:
        sitting.saves += 1
    sitting.saved_at, sitting.sha256, sitting.title = at, draft.sha256, draft.title
    ctx.session.flush()


def rise(ctx: Context, object_ids: Collection[str]) -> None:
    """This function will end every sitting at these objects and record how each ended; the caller's own act follows."""
    found = select(DraftSitting).where(DraftSitting.object_id.in_(list(object_ids)))
    _record_all(ctx, ctx.session.scalars(found).all())


def overdue(session: Session) -> list[DraftSitting]:
    """This function will return the sittings that are over, or last so long that they are recorded in between."""
    now = clock.now()
    ended = or_(DraftSitting.saved_at <= now - RESTS, DraftSitting.began_at <= now - LASTS)
    return list(session.scalars(select(DraftSitting).where(ended).order_by(DraftSitting.id).with_for_update()))


def end_overdue(ctx: Context) -> int:
    """This function will record the sittings of the context's tenant that are over, and return how many those were."""
    return _record_all(ctx, overdue(ctx.session))


def _sittings_at(ctx: Context, object_id: str) -> tuple[DraftSitting | None, list[DraftSitting]]:
    """The actor's own sitting in this very session, and all others at the object."""
    found = ctx.session.scalars(select(DraftSitting).where(DraftSitting.object_id == object_id)).all()
    actor = ctx.actor
    own = next((one for one in found if (one.user_id, one.session_id) == (actor.user_id, actor.session_id)), None)
    return own, [one for one in found if one is not own]


def _record_all(ctx: Context, sittings: Iterable[DraftSitting]) -> int:
    ended = list(sittings)
    for sitting in ended:
        if sitting.saves:
            _record(ctx, sitting)
        ctx.session.delete(sitting)
    if ended:
        ctx.session.flush()
    return len(ended)


def _record(ctx: Context, sitting: DraftSitting) -> None:
    """Record the last hash in the name of whoever saved it, as that person was signed in then."""
    person, row = ctx.session.get(User, sitting.user_id), _object(ctx.session, sitting.object_id)
    if person is None or row is None:
        raise LookupError("a sitting names a person and an object")
    actor = Actor(
        user_id=UserId(person.id),
        username=person.username,
        display_name=person.display_name,
        role=sitting.role,
        layer=LAYER_OF[Role(sitting.role)],
        session_id=SessionId(sitting.session_id) if sitting.session_id else None,
        auth_level=sitting.auth_level,
        auth_method=sitting.auth_method,
    )
    record(
        Context(ctx.session, actor, ctx.tenant, ctx.request),
        Event.DRAFT_EDITED,
        Target("content_object", sitting.object_id, sitting.title),
        kind=row.kind,
        title=sitting.title,
        sha256=sitting.sha256,
        saves=sitting.saves,
        until=_minute(sitting.saved_at),
    )


def _object(session: Session, object_id: str) -> ContentObject | None:
    return session.scalar(select(ContentObject).where(ContentObject.id == object_id))


def _minute(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
