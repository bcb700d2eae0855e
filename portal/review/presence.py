"""Who looks at which submission at the desk now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, presence
from portal.core.context import Context
from portal.core.presence import SEEN_FOR
from portal.review.models import ReviewPresence
from portal.review.queries import get_submission


@dataclass(frozen=True)
class Looker:
    """Somebody who looks at a submission."""

    user_id: str
    name: str
    since: datetime


def be_present(ctx: Context, submission_id: str, page: str) -> None:
    """This function will note that the actor's `page` shows the submission; raises `NotFound`."""
    get_submission(ctx.session, submission_id)
    presence.be_present(ctx, ReviewPresence.submission_id, submission_id, page)


def leave(ctx: Context, submission_id: str, page: str) -> None:
    """This function will forget the actor's `page`, which was closed."""
    presence.leave(ctx, ReviewPresence.submission_id, submission_id, page)


def lookers(system: Session, besides: str | None) -> Mapping[str, Sequence[Looker]]:
    """This function will return by submission who looks at it now, over all tenants, who came first first; one query.

    The person with the id `besides` is left out: one's own other pages are nobody else.
    """
    rows = system.execute(
        select(ReviewPresence.submission_id, User.id, User.display_name, ReviewPresence.since)
        .join(User, User.id == ReviewPresence.user_id)
        .where(ReviewPresence.seen_at >= clock.now() - SEEN_FOR, User.id != besides)
        .order_by(ReviewPresence.since)
    )
    found: dict[str, dict[str, Looker]] = {}
    for submission_id, user_id, name, since in rows:
        found.setdefault(submission_id, {}).setdefault(user_id, Looker(user_id, name, since))
    return {submission_id: list(people.values()) for submission_id, people in found.items()}
