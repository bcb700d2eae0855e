"""Carrying the log out of the house: who may, how much it would be, and that it was done, recorded."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit import checkpoints, queries
from portal.audit.events import Event
from portal.audit.export.scope import MOST_RECORDS, Format, Scope
from portal.audit.log import Target, record
from portal.audit.models import AuditCheckpoint
from portal.audit.queries import Filter
from portal.core.context import Context
from portal.core.database import system_session
from portal.core.errors import Refused
from portal.core.messages import N_


@dataclass(frozen=True)
class Extent:
    """How many records a filter finds, counted no further than `most`, and the newest checkpoint, None in an empty log."""

    count: int
    most: int
    checkpoint: AuditCheckpoint | None


def extent(session: Session, wanted: Filter) -> Extent:
    """This function will say how much an export would be; words are not looked for, so a search counts what it would go through."""
    most = max(MOST_RECORDS.values())
    return Extent(queries.count(session, wanted, most + 1), most, checkpoints.latest(session))


def export_log(ctx: Context, wanted: Filter, form: Format, *, personal: bool) -> Scope:
    """This function will allow and record an export of the context's tenant, outside of one of the whole log, and return its scope.

    A checkpoint is taken first, in a transaction of its own, so that the file reaches up to now: call it before anything else
    is done in the context's session. Raises `Refused` for a log without records.
    """
    taken = checkpoints.checkpoint_of_now()
    ask(ctx, Permission.TENANT_AUDIT_EXPORT if ctx.tenant else Permission.AUDIT_EXPORT)
    if taken is None:
        raise Refused("empty_log", N_("日志里还没有记录。"), status=409)
    scope = Scope(wanted, form, taken, personal, ctx.tenant)
    record(
        ctx,
        Event.AUDIT_EXPORTED,
        Target(
            "audit_log", ctx.tenant.id if ctx.tenant else "platform", ctx.tenant.name if ctx.tenant else N_("全部日志")
        ),
        format=form.value,
        filters=[f"{name}={value}" for name, value in wanted.named().items()],
        count=_count(ctx, wanted, scope),
        up_to=taken.size,
        personal=personal,
    )
    return scope


def _count(ctx: Context, wanted: Filter, scope: Scope) -> int:
    if ctx.tenant is not None:
        return queries.count(ctx.session, wanted, scope.most)
    with system_session(reason="audit export") as session:
        return queries.count(session, wanted, scope.most)
