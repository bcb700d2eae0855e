"""The recycle bin: what was deleted, how long it can still come back, and throwing it away for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Exists, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

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

_WORKING: Final = [state.value for state in WORKING]
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
    """This function will return what lies in the tenant's recycle bin, the last deleted first; one query."""
    rows = session.execute(select(ContentObject, Revision).join(Revision, OF_ITS_OBJECT).where(LIES_IN_BIN))
    return sorted((Recycled(*row) for row in rows), key=lambda one: one.deleted_at, reverse=True)


def _lies_in_bin() -> ColumnElement[bool]:
    """The newest revision is a deletion, under way or on air, or taken back and nothing else stands for the object."""
    later, living = aliased(Revision), aliased(Revision)
    return and_(
        Revision.deleted,
        ContentObject.purged_at.is_(None),
        ~_exists(later, later.number > Revision.number),
        or_(
            Revision.state.in_(_WORKING),
            and_(Revision.state == RevisionState.WITHDRAWN.value, ~_exists(living, living.state.in_(_WORKING))),
        ),
    )


def _exists(other: type[Revision], condition: ColumnElement[bool]) -> Exists:
    return exists().where(_same_object(other, Revision.tenant_id, Revision.object_id), condition)


def _same_object(revision: type[Revision], tenant_id: Any, object_id: Any) -> ColumnElement[bool]:
    return and_(revision.tenant_id == tenant_id, revision.object_id == object_id)


OF_ITS_OBJECT: Final = _same_object(Revision, ContentObject.tenant_id, ContentObject.id)
"""On which a revision is joined to its object."""
LIES_IN_BIN: Final = _lies_in_bin()
"""The condition on a revision joined to its object that it is what lies in the recycle bin."""


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
