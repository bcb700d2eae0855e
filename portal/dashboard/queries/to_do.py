"""What waits for somebody in a tenant: returned, not handed in, under way, running out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.models import Revision
from portal.content.queries import ObjectView, objects
from portal.content.schedule.windows import Window
from portal.content.states import RevisionState
from portal.content.stored import envelope_of
from portal.core.ids import GroupId, ObjectId
from portal.core.messages import Words
from portal.review.models import SubmissionItem

SOON: Final = timedelta(days=7)
_WEEK = 7


@dataclass(frozen=True)
class Returned:
    """A draft whose content came back from review, with the reason; `submission_id` is where it was decided."""

    view: ObjectView
    reason: str
    submission_id: str
    decided_at: datetime | None


@dataclass(frozen=True)
class RunningOut:
    """Something on air whose last window ends soon."""

    view: ObjectView
    title: Words
    ends_at: datetime


@dataclass(frozen=True)
class ToDo:
    """A tenant's work in hand, each list with the most urgent first."""

    returned: tuple[Returned, ...]
    drafts: tuple[ObjectView, ...]
    waiting: tuple[ObjectView, ...]
    running_out: tuple[RunningOut, ...]

    @property
    def count(self) -> int:
        """How many things wait for the tenant's own people."""
        return len(self.returned) + len(self.drafts) + len(self.running_out)


def to_do(session: Session, at: datetime, groups: Collection[GroupId] = ()) -> ToDo:
    """This function will return what is in hand in the session's tenant; three queries.

    With `groups`, a group editor's own, only what is aimed at nothing else.
    """
    views = [view for view in objects(session).values() if _within(view, groups)]
    back = _returned(session)
    returned = [_came_back(view, back[view.id]) for view in views if view.draft and _is_back(view, back)]
    known = {one.view.id for one in returned}
    drafts = [view for view in views if view.draft is not None and view.id not in known]
    waiting = [view for view in views if view.pending is not None]
    ending = [found for view in views if (found := _running_out(view, at)) is not None]
    return ToDo(
        tuple(sorted(returned, key=lambda one: one.decided_at or at, reverse=True)),
        tuple(sorted(drafts, key=lambda view: view.newest.saved_at, reverse=True)),
        tuple(sorted(waiting, key=lambda view: _handed_in(view, at))),
        tuple(sorted(ending, key=lambda one: one.ends_at)),
    )


def last_end(windows: Sequence[Window]) -> datetime | None:
    """This function will return the moment at which the last of the windows ends for good, None where one never does."""
    ends = [_end(window) for window in windows]
    return None if not ends or None in ends else max(end for end in ends if end is not None)


def _end(window: Window) -> datetime | None:
    if window.until is None:
        return None
    days = (window.until - timedelta(days=back) for back in range(_WEEK))
    started = next((day for day in days if window.starts_on(day)), window.until)
    return window.bounds(started)[1]


def _running_out(view: ObjectView, at: datetime) -> RunningOut | None:
    if view.on_air is None:
        return None
    envelope = envelope_of(view.on_air)
    ends_at = last_end(envelope.windows) if envelope.shown else None
    if ends_at is None or not at < ends_at <= at + SOON:
        return None
    return RunningOut(view, view.on_air.title, ends_at)


def _returned(session: Session) -> Mapping[ObjectId, tuple[Revision, SubmissionItem]]:
    """The last returned revision of each object, with the item by which it was handed in."""
    rows = session.execute(
        select(Revision, SubmissionItem)
        .join(
            SubmissionItem,
            (SubmissionItem.tenant_id == Revision.tenant_id) & (SubmissionItem.revision_id == Revision.id),
        )
        .where(Revision.state == RevisionState.RETURNED.value)
        .order_by(Revision.number)
    )
    return {ObjectId(revision.object_id): (revision, item) for revision, item in rows}


def _is_back(view: ObjectView, back: Mapping[ObjectId, tuple[Revision, SubmissionItem]]) -> bool:
    """Whether the draft goes on from what was returned: nothing of the object was handed in or came on air since."""
    if view.id not in back or view.pending is not None:
        return False
    newer = view.on_air is not None and view.on_air.number > back[view.id][0].number
    return not newer


def _came_back(view: ObjectView, found: tuple[Revision, SubmissionItem]) -> Returned:
    _revision, item = found
    return Returned(view, item.reason, item.submission_id, item.decided_at)


def _handed_in(view: ObjectView, at: datetime) -> datetime:
    return (view.pending.submitted_at if view.pending else None) or at


def _within(view: ObjectView, groups: Collection[GroupId]) -> bool:
    return not groups or (bool(view.envelope.targets) and set(view.envelope.targets) <= set(groups))
