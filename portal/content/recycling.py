"""The recycle bin: what was deleted, how long it can still come back, and throwing it away for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.content.envelope import Envelope
from portal.content.models import ContentObject, Revision
from portal.content.states import WORKING, RevisionState
from portal.content.stored import envelope_of
from portal.core import clock
from portal.core.context import Context

KEPT_FOR: Final = timedelta(days=catalogue().limits.recycle_bin_days)

_GONE: Final = frozenset({RevisionState.PUBLISHED, RevisionState.WITHDRAWN})


@dataclass(frozen=True)
class Recycled:
    """A deleted object and the revision that says so.

    A deletion that is not on air yet (a draft, or under way) has no date on which the object is thrown away.
    """

    object: ContentObject
    revision: Revision

    @property
    def envelope(self) -> Envelope:
        """What was deleted."""
        return envelope_of(self.revision)

    @property
    def state(self) -> RevisionState:
        """Where the deletion stands."""
        return RevisionState(self.revision.state)

    @property
    def deleted_at(self) -> datetime:
        """When it was deleted, or handed in for deletion."""
        return max(at for at in (self.revision.saved_at, self.revision.submitted_at) if at is not None)

    @property
    def thrown_away_at(self) -> datetime | None:
        """When it is thrown away, None while it still stands on a screen."""
        return self.deleted_at + KEPT_FOR if self.state in _GONE else None


def recycled(session: Session) -> Sequence[Recycled]:
    """This function will return what lies in the tenant's recycle bin, the last deleted first; two queries."""
    newest = (
        select(Revision.object_id, func.max(Revision.number).label("number")).group_by(Revision.object_id).subquery()
    )
    rows = session.execute(
        select(ContentObject, Revision)
        .join(Revision, Revision.object_id == ContentObject.id)
        .join(newest, and_(newest.c.object_id == Revision.object_id, newest.c.number == Revision.number))
        .where(
            ContentObject.purged_at.is_(None),
            Revision.state.in_([state.value for state in {*WORKING, RevisionState.WITHDRAWN}]),
        )
    ).all()
    living = set(session.scalars(select(Revision.object_id).where(Revision.state.in_([one.value for one in WORKING]))))
    found = [Recycled(row, revision) for row, revision in rows if revision.envelope["deleted"]]
    kept = [one for one in found if one.state is not RevisionState.WITHDRAWN or one.object.id not in living]
    return sorted(kept, key=lambda one: one.deleted_at, reverse=True)


def purge_overdue(ctx: Context) -> int:
    """This function will throw away what has lain in the tenant's bin for its days, and return how many objects that were.

    Only the mark is set: revisions that releases name stay stored.
    """
    at = clock.now()
    overdue = [one for one in recycled(ctx.session) if one.thrown_away_at is not None and one.thrown_away_at <= at]
    if overdue:
        # The permission belongs to the portal as a whole and is asked there, outside of any tenant.
        ask(Context(ctx.session, ctx.actor, None, ctx.request), Permission.SYSTEM_MAINTAIN)
    for one in overdue:
        one.object.purged_at = at
        title = one.revision.title
        target = Target("content_object", one.object.id, title)
        record(ctx, Event.OBJECT_PURGED, target, kind=one.object.kind, title=title)
    return len(overdue)
