"""The draft bar: what of the tenant is pending, how far it is, when something was saved last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.content.models import Revision
from portal.content.states import RevisionState

_STAGES = (RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.APPROVED)


@dataclass(frozen=True)
class DraftBar:
    """How many objects have a draft, wait for review, wait for publication; when a draft was saved last."""

    drafts: int
    submitted: int
    approved: int
    saved_at: datetime | None

    @property
    def stage(self) -> str:
        """The first step that something waits at; `published` where nothing is under way."""
        for name, count in (("draft", self.drafts), ("submitted", self.submitted), ("approved", self.approved)):
            if count:
                return name
        return "published"


def draft_bar(session: Session) -> DraftBar:
    """This function will return the bar of the session's tenant; one query."""
    rows = session.execute(
        select(Revision.state, func.count(), func.max(Revision.saved_at))
        .where(Revision.state.in_([state.value for state in _STAGES]))
        .group_by(Revision.state)
    ).all()
    counts = {state: count for state, count, _ in rows}
    saved = next((at for state, _, at in rows if state == RevisionState.DRAFT), None)
    drafts, submitted, approved = (counts.get(state.value, 0) for state in _STAGES)
    return DraftBar(drafts, submitted, approved, saved)
