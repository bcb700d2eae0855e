"""Deciding and publishing in one act."""

from collections.abc import Sequence

from portal.core.context import Context
from portal.releases.commands.publishing import publish_submission
from portal.releases.models import Release
from portal.review.commands import Decision, decide


def approve_and_publish(ctx: Context, submission_id: str, decisions: Sequence[Decision]) -> Release:
    """This function will approve what waits in a submission and put everything approved of it on air, in one transaction.

    Raises what `decide` and `publish_submission` raise; then neither has happened.
    """
    decide(ctx, submission_id, decisions)
    ctx.session.flush()
    return publish_submission(ctx, submission_id)
