"""What has to happen to a restored installation before anybody enters it."""

from typing import Any

from sqlalchemy import update

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import totp
from portal.accounts.models import OneTimeLink, User, UserSession
from portal.administration.deletion.wiping import replay_ledger, wipe_due
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.cli.backup.archive import About
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session
from portal.releases import renewal
from portal.releases.signing.commands import ensure_keys, write_key_set


def settle(about: About) -> None:
    """This function will end every session, link and dynamic code that the backup brought back to life, record the restore, delete again
    which enterprises were deleted since the backup, and point boxes anew.
    """
    now = clock.now()
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        ended: Any = session.execute(
            update(UserSession).where(UserSession.ended_at.is_(None)).values(ended_at=now, end_reason="restored")
        )
        session.execute(
            update(OneTimeLink)
            .where(OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
            .values(expires_at=now)
        )
        step = totp.last_step_around(now)
        session.execute(update(User).where(User.totp_last_step < step).values(totp_last_step=step))
        record(
            ctx, Event.BACKUP_RESTORED, Target("backup", about.made_at), made_at=about.made_at, sessions=ended.rowcount
        )
        commit(session)
    wipe_due(COMMAND_LINE)
    replay_ledger(COMMAND_LINE)
    ensure_keys(COMMAND_LINE)
    write_key_set()
    renewal.point_anew()
