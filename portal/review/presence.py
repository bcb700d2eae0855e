"""Who looks at which submission at the desk now. A page says so every few seconds, which counts as no activity of its person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound
from portal.review.models import ReviewPresence
from portal.review.queries import get_submission

SEEN_FOR: Final = timedelta(seconds=30)
"""How long after its last word a page counts as open; pages speak every ten seconds."""

MOST_PAGES: Final = 10
"""How many pages of one person count at once; of more, those that spoke longest ago are forgotten."""


@dataclass(frozen=True)
class Looker:
    """Somebody who looks at a submission."""

    user_id: str
    name: str
    since: datetime


def be_present(ctx: Context, submission_id: str, page: str) -> None:
    """This function will note that the actor's `page` shows the submission; raises `NotFound`. Pages not seen for a while are forgotten."""
    at = clock.now()
    get_submission(ctx.session, submission_id)
    if ctx.actor.user_id is None:
        raise NotFound
    ctx.session.execute(delete(ReviewPresence).where(ReviewPresence.seen_at < at - SEEN_FOR))
    mine = ctx.session.scalar(_own(ctx, submission_id, page))
    if mine is None:
        mine = ReviewPresence(submission_id=submission_id, user_id=ctx.actor.user_id, page=page, since=at)
        ctx.session.add(mine)
        _forget_more_than(ctx, MOST_PAGES - 1)
    mine.seen_at = at
    ctx.session.flush()


def _forget_more_than(ctx: Context, kept: int) -> None:
    """Whoever makes up pages gets no more rows than somebody with many open."""
    own = select(ReviewPresence).where(ReviewPresence.user_id == ctx.actor.user_id)
    latest_first = own.order_by(ReviewPresence.seen_at.desc(), ReviewPresence.id)
    with ctx.session.no_autoflush:
        for row in ctx.session.scalars(latest_first.offset(kept)):
            ctx.session.delete(row)


def leave(ctx: Context, submission_id: str, page: str) -> None:
    """This function will forget the actor's `page`, which was closed."""
    for one in ctx.session.scalars(_own(ctx, submission_id, page)):
        ctx.session.delete(one)


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


def _own(ctx: Context, submission_id: str, page: str) -> Select[ReviewPresence]:
    return select(ReviewPresence).where(
        ReviewPresence.submission_id == submission_id,
        ReviewPresence.user_id == ctx.actor.user_id,
        ReviewPresence.page == page,
    )
