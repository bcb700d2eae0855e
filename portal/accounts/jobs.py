"""What the portal forgets by the clock: tries to sign in, sessions that are over, and what the outbox has done.

How long each is kept is a limit of the catalogue. The log keeps what matters about them for years.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.gate.models import SessionProof
from portal.accounts.models import SessionActivity, SignInAttempt, UserSession
from portal.audit.events import Event
from portal.audit.log import record
from portal.catalog.catalogue import catalogue
from portal.core import clock, outbox
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, platform_session
from portal.core.jobs import every

ATTEMPTS_KEPT: Final = timedelta(days=catalogue().limits.kept_sign_in_attempt_days)
SESSIONS_KEPT: Final = timedelta(days=catalogue().limits.kept_ended_session_days)
OUTBOX_KEPT: Final = timedelta(days=catalogue().limits.kept_done_outbox_days)

_HOURLY = 3600


@every(seconds=_HOURLY)
def forget_telemetry() -> None:
    """This function will delete tries to sign in and outbox rows that were done, once they are older than they are kept."""
    with platform_session(writes=True) as session:
        session.execute(delete(SignInAttempt).where(SignInAttempt.at < clock.now() - ATTEMPTS_KEPT))
        outbox.forget_done(session, clock.now() - OUTBOX_KEPT)
        commit(session)


@every(seconds=_HOURLY)
def forget_sessions() -> int:
    """This function will delete the sessions that ended longer ago than they are kept, and return how many."""
    before = clock.now() - SESSIONS_KEPT
    with platform_session(writes=True) as session:
        number = _forget_sessions(Context(session, SYSTEM), before)
        commit(session)
    return number


def _forget_sessions(ctx: Context, before: datetime) -> int:
    # Whatever way a session ended, nothing is left of it once its last moment has passed.
    over = select(UserSession.id).where(UserSession.expires_at < before)
    number = _count(ctx.session, before)
    if not number:
        return 0
    ask(ctx, Permission.SYSTEM_MAINTAIN)
    for about in (SessionProof, SessionActivity):
        ctx.session.execute(delete(about).where(about.session_id.in_(over)), execution_options=_BY_THE_DATABASE)
    ctx.session.execute(delete(UserSession).where(UserSession.expires_at < before), execution_options=_BY_THE_DATABASE)
    record(ctx, Event.SESSIONS_FORGOTTEN, count=number, older_than=before.isoformat())
    return number


_BY_THE_DATABASE = {"synchronize_session": False}


def _count(session: Session, before: datetime) -> int:
    return session.scalar(select(func.count()).select_from(UserSession).where(UserSession.expires_at < before)) or 0
