"""Signing pointers anew: at half of their validity, after a change of keys, and after a restore.

A renewed pointer says what it said, until later, under the same sequence, release and time of publication; boxes take it without a download.
What the portal has not signed itself, as the row stands, it does not sign now either: such pointers are made anew, of what was approved.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock, outbox
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.errors import ContentAltered
from portal.core.ids import TenantId
from portal.core.logs import get_logger
from portal.core.messages import N_
from portal.releases import alarm, publisher
from portal.releases.by_itself import release_anew
from portal.releases.models import Pointer
from portal.releases.pointer import VALIDITY, moment_text, pointer_bytes
from portal.releases.pointer import Pointer as PointerFields
from portal.releases.queries import current_release
from portal.releases.signing.jws import BadSignature, Jwk, sign, verify
from portal.releases.signing.ring import active_signers, own_keys
from portal.tenants.queries import get_tenant, reference

NOT_SIGNED: Final = N_("指针没有我们的签名，按批准的内容重新发布")
AHEAD = 10_000
"""More publications than a channel sees between a backup and its restore."""

_log = get_logger()


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
    except ContentAltered as altered:
        alarm.sound(tenant_id, altered.sha256)
        return False
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
        for row in rows:
            row.sequence += ahead
        others = _not_ours(session, rows)
        if others:
            release_anew(ctx, NOT_SIGNED)
        else:
            _sign_anew(ctx, rows, clock.now())
            record(
                ctx,
                Event.POINTERS_RENEWED,
                Target("release", release.id, f"#{release.number}"),
                number=release.number,
                channels=len(rows),
            )
            outbox.post(session, publisher.REWRITE, tenant_id)
        commit(session)
    for sha256 in others:
        alarm.sound(tenant_id, sha256)
    publisher.rewrite(tenant_id, {})  # at once where that can be; the outbox makes sure
    return True


def _not_ours(session: Session, rows: Iterable[Pointer]) -> list[str]:
    """The documents to which rows point whose bytes none of our keys has signed: whoever can write the database alone put them there.

    A row without any signature may be as old as that, and is no less made anew.
    """
    trusted = own_keys(session)
    return [row.document_sha256 for row in rows if not _is_ours(row, trusted)]


def _is_ours(row: Pointer, trusted: Mapping[str, Jwk]) -> bool:
    try:
        return row.jws is not None and verify(row.jws.encode(), trusted).payload == row.body.encode()
    except BadSignature:
        return False


def _sign_anew(ctx: Context, rows: Iterable[Pointer], at: datetime) -> None:
    signers = active_signers(ctx.session)
    for row in rows:
        fields = json.loads(row.body) | {"sequence": row.sequence, "valid_until": moment_text(at + VALIDITY)}
        body = pointer_bytes(PointerFields.model_validate(fields))
        row.body, row.jws = body.decode(), sign(body, signers).decode()
        row.valid_until = at + VALIDITY
        row.modified_at = max(row.modified_at + 1, int(at.timestamp()))
