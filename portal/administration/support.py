"""Reads of support sessions: a tenant's list, and what has run out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.models import SupportSession
from portal.accounts.models import User
from portal.core import clock
from portal.core.ids import TenantId

_SHOWN = 100


@dataclass(frozen=True)
class Listed:
    """A support session and who opened it; `is_open` while it gives anything."""

    row: SupportSession
    name: str
    username: str
    is_open: bool


def support_sessions(session: Session) -> list[Listed]:
    """This function will return the support sessions of a session's tenant, the newest first."""
    wanted = (
        select(SupportSession, User.display_name, User.username)
        .join(User, User.id == SupportSession.user_id)
        .order_by(SupportSession.opened_at.desc(), SupportSession.id.desc())
        .limit(_SHOWN)
    )
    at = clock.now()
    return [
        Listed(row, name, username, row.ended_at is None and row.expires_at > at)
        for row, name, username in session.execute(wanted)
    ]


def run_out(system: Session, at: datetime) -> Sequence[tuple[TenantId, str]]:
    """This function will return the support sessions whose time is over and that nobody has ended, as (tenant, id)."""
    wanted = select(SupportSession.tenant_id, SupportSession.id).where(
        SupportSession.ended_at.is_(None), SupportSession.expires_at <= at
    )
    return [(TenantId(tenant), one) for tenant, one in system.execute(wanted)]
