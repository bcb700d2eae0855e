"""Background work that failed: doing it again at once instead of after its pause."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound, Refused
from portal.core.ids import is_id
from portal.core.messages import N_
from portal.core.outbox import OutboxRow


def retry_now(ctx: Context, row_id: str) -> None:
    """This function will make a piece of background work due now; the worker takes it up within a second.

    Raises `NotFound`, and `Refused` where it is done already or has never failed, so that nobody disturbs what runs.
    """
    ask(ctx, Permission.JOBS_RETRY)
    row = ctx.session.get(OutboxRow, row_id, with_for_update=True) if is_id(row_id) else None
    if row is None:
        raise NotFound
    if row.done_at is not None or row.last_error is None:
        raise Refused("nothing_to_retry", N_("这件工作已经完成，或者正在进行，不用重试。"), status=409)
    row.due_at = clock.now()
    record(ctx, Event.JOB_RETRIED, Target("outbox", row.id, row.kind), kind=row.kind, attempts=row.attempts)
