"""What people wrote about the objects of a submission."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.roles import MEMBERS
from portal.accounts.models import User
from portal.review.models import SubmissionComment
from portal.review.queries import SubmissionView

LONGEST = 500
MOST = 200
"""How many comments one submission takes."""


@dataclass(frozen=True)
class Comment:
    """One comment: who wrote it in which role, whether that was one of the enterprise, and when."""

    id: str
    name: str
    role: str
    text: str
    at: datetime

    @property
    def by_member(self) -> bool:
        """Whether somebody of the enterprise wrote it."""
        return self.role in MEMBERS

    @property
    def initial(self) -> str:
        """The one character in the writer's circle."""
        return self.name[:1].upper()


Thread = tuple[Comment, ...]


def threads_of(session: Session, view: SubmissionView) -> Mapping[str, Thread]:
    """This function will return the comments on each revision of the submission, by its id, the oldest first; one query.

    What is about an object that the reader may not see is not among them.
    """
    revisions = {item.item.id: item.revision.id for item in view.items}
    found: dict[str, list[Comment]] = {revision_id: [] for revision_id in revisions.values()}
    rows = session.execute(
        select(SubmissionComment, User.display_name)
        .outerjoin(User, User.id == SubmissionComment.author_id)
        .where(SubmissionComment.submission_id == view.id)
        .order_by(SubmissionComment.id)
    )
    for row, name in rows:
        if row.item_id in revisions:
            found[revisions[row.item_id]].append(Comment(row.id, name or "—", row.role, row.text, row.written_at))
    return {revision_id: tuple(thread) for revision_id, thread in found.items()}
