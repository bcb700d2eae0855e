"""Signing pointers anew: at half of their validity, after a change of keys, and after a restore.

A renewed pointer says what it said, until later, under the same sequence, release and time of publication; boxes take it without a download.
"""

import json
from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlalchemy import or_, select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock, outbox
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.ids import TenantId
from portal.releases import publisher
from portal.releases.models import Pointer
from portal.releases.pointer import VALIDITY, moment_text, pointer_bytes
from portal.releases.pointer import Pointer as PointerFields
from portal.releases.queries import current_release
from portal.releases.signing.jws import sign
from portal.releases.signing.ring import active_signers
from portal.tenants.queries import get_tenant, reference

AHEAD = 10_000
"""More publications than a channel sees between a backup and its restore."""

_log = structlog.get_logger()


def renew_due() -> int:
    """This function will sign anew every pointer that has reached half of its validity or bears no signature; returns how many tenants."""
    half = clock.now() + VALIDITY / 2
    with system_session(reason="pointers to sign anew") as session:
        due = or_(Pointer.valid_until <= half, Pointer.valid_until.is_(None), Pointer.jws.is_(None))
        tenants = [TenantId(one) for one in session.scalars(select(Pointer.tenant_id).where(due).distinct())]
    return sum(_renew_or_leave(tenant_id) for tenant_id in sorted(tenants))


def renew_all() -> int:
    """This function will sign every pointer anew, as a change of keys asks for; returns how many tenants that were."""
    with system_session(reason="pointers to sign with other keys") as session:
        tenants = [TenantId(one) for one in session.scalars(select(Pointer.tenant_id).distinct())]
    return sum(_renew_or_leave(tenant_id) for tenant_id in sorted(tenants))


def _renew_or_leave(tenant_id: TenantId) -> bool:
    """No tenant's trouble keeps another one waiting; what was left is found by the next look."""
    try:
        return renew(tenant_id)
    except Exception:  # noqa: BLE001 - as the docstring says
        _log.exception("pointers could not be signed anew", tenant=tenant_id)
        return False


def point_anew() -> int:
    """This function will let every channel point anew, ahead of all that boxes may have seen; returns of how many tenants.

    After a restore the database counts from the backup, and boxes refuse a sequence that they have passed.
    """
    with system_session(reason="channels to point anew after a restore") as session:
        tenants = [TenantId(one) for one in session.scalars(select(Pointer.tenant_id).distinct())]
    return sum(renew(tenant_id, ahead=AHEAD) for tenant_id in sorted(tenants))


def renew(tenant_id: TenantId, *, ahead: int = 0) -> bool:
    """This function will sign a tenant's pointers anew and have them written; tells whether there are any.

    With `ahead` their sequences grow by that much.
    """
    with tenant_session(tenant_id, writes=True) as session:
        tenant = get_tenant(session, tenant_id)
        session.refresh(tenant, with_for_update={"key_share": True})  # as a publication does: the two never mix
        release = current_release(session)
        if release is None:
            return False
        ctx = Context(session, SYSTEM, reference(tenant))
        ask(ctx, Permission.RELEASES_SYSTEM)
        rows = session.scalars(select(Pointer).order_by(Pointer.channel)).all()
        _sign_anew(ctx, rows, clock.now(), ahead)
        record(
            ctx,
            Event.POINTERS_RENEWED,
            Target("release", release.id, f"#{release.number}"),
            number=release.number,
            channels=len(rows),
        )
        outbox.post(session, publisher.REWRITE, tenant_id)
        commit(session)
    publisher.rewrite(tenant_id, {})  # at once where that can be; the outbox makes sure
    return True


def _sign_anew(ctx: Context, rows: Iterable[Pointer], at: datetime, ahead: int) -> None:
    signers = active_signers(ctx.session)
    for row in rows:
        row.sequence += ahead
        fields = json.loads(row.body) | {"sequence": row.sequence, "valid_until": moment_text(at + VALIDITY)}
        body = pointer_bytes(PointerFields.model_validate(fields))
        row.body, row.jws = body.decode(), sign(body, signers).decode()
        row.valid_until = at + VALIDITY
        row.modified_at = max(row.modified_at + 1, int(at.timestamp()))
