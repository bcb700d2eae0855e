"""What happens by the clock: tries to sign in, sessions that are over and what the outbox has done are forgotten; people are told
before a certificate of theirs runs out.

How long each is kept, and how long before, is a limit of the catalogue. The log keeps what matters about them for years.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.accounts.gate.models import SessionProof
from portal.accounts.models import ClientCertificate, SessionActivity, SignInAttempt, User, UserSession
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.core import clock, outbox
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, platform_session
from portal.core.jobs import every
from portal.core.messages import N_
from portal.notify.commands import tell

ATTEMPTS_KEPT: Final = timedelta(days=catalogue().limits.kept_sign_in_attempt_days)
SESSIONS_KEPT: Final = timedelta(days=catalogue().limits.kept_ended_session_days)
OUTBOX_KEPT: Final = timedelta(days=catalogue().limits.kept_done_outbox_days)

CERTIFICATE_REMINDER: Final = timedelta(days=catalogue().limits.certificate_reminder_days)

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


@every(seconds=_HOURLY)
def remind_of_certificates() -> int:
    """This function will tell, once, whoever has a certificate that runs out soon, and the security administrators; it returns how many."""
    with platform_session() as session:
        near = session.scalars(_running_out()).all()
    return sum(_remind(certificate_id) for certificate_id in near)


def _running_out() -> Select[str]:
    now = clock.now()
    return select(ClientCertificate.id).where(
        ClientCertificate.reminded_at.is_(None),
        ClientCertificate.revoked_at.is_(None),
        ClientCertificate.expires_at > now,
        ClientCertificate.expires_at <= now + CERTIFICATE_REMINDER,
    )


def _remind(certificate_id: str) -> bool:
    with platform_session(writes=True) as session:
        ctx = Context(session, SYSTEM)
        still = _running_out().where(ClientCertificate.id == certificate_id)
        row = session.scalar(select(ClientCertificate).where(ClientCertificate.id.in_(still)).with_for_update())
        if row is None:  # another worker was first, or it was revoked meanwhile
            return False
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        row.reminded_at = clock.now()
        user = session.get_one(User, row.user_id)
        day = row.expires_at.astimezone(clock.SHANGHAI).date().isoformat()
        own = N_("您的数字证书（序列号 %(serial)s）%(day)s 到期，请联系管理员换一张。", serial=row.serial[:8], day=day)
        tell(ctx, own, key=f"certificate:{row.id}:owner", user_id=user.id, link="/account")
        other = N_(
            "%(name)s（%(username)s）的数字证书 %(day)s 到期。", name=user.display_name, username=user.username, day=day
        )
        tell(ctx, other, key=f"certificate:{row.id}:security", role=Role.SECURITY_ADMIN, link=_page_of(user))
        record(ctx, Event.REMINDER_SENT, Target("user", user.id, user.username), kind="certificate", due_on=day)
        commit(session)
    return True


def _page_of(user: User) -> str:
    return f"/admin/users/{user.id}/certificates" if user.staff_role else ""


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
