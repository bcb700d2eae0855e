"""What has to happen to a restored installation before anybody enters it."""

from typing import Any

from sqlalchemy import update

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.models import OneTimeLink, UserSession
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.cli.backup.archive import About
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session


def settle(about: About) -> None:
    """This function will end every session and link that the backup brought back to life, and record the restore."""
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
        record(
            ctx, Event.BACKUP_RESTORED, Target("backup", about.made_at), made_at=about.made_at, sessions=ended.rowcount
        )
        commit(session)
