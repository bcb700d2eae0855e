"""Where a submission stands: one word, from the states of the revisions that it holds."""

from collections.abc import Iterable
from datetime import datetime

from portal.content.states import RevisionState

_WEIGHT = (
    RevisionState.SUBMITTED,
    RevisionState.APPROVED,
    RevisionState.RETURNED,
    RevisionState.PUBLISHED,
    RevisionState.ROLLED_BACK,
    RevisionState.WITHDRAWN,
    RevisionState.VOIDED,
)


def word_for(states: Iterable[RevisionState], publish_at: datetime | None) -> str:
    """This function will return the one word for all of it, as the pills know it.

    What waits counts before what is done, and bad news before good; what is approved for a set time is `scheduled`.
    """
    held = set(states)
    first = next((state for state in _WEIGHT if state in held), RevisionState.SUPERSEDED)
    if first is RevisionState.APPROVED and publish_at is not None:
        return "scheduled"
    return first.value
