"""What Prometheus is told of the review queue."""

from sqlalchemy import func, select

from portal.content.models import Revision
from portal.content.states import RevisionState
from portal.core.database import system_session
from portal.core.metrics import gauge


@gauge("portal_reviews_waiting", "Submissions in which something waits for a decision.")
def count_waiting() -> int:
    """This function will return how many submissions wait, over all tenants."""
    waits = Revision.state == RevisionState.SUBMITTED.value
    with system_session(reason="how much waits for review") as system:
        return system.scalar(select(func.count(Revision.submission_id.distinct())).where(waits)) or 0
