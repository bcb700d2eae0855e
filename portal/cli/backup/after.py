"""What has to happen to a restored installation before anybody enters it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import totp
from portal.accounts.models import OneTimeLink, RecoveryCode, User, UserSession
from portal.administration.deletion.replaying import replay_ledger
from portal.administration.deletion.wiping import wipe_due
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.cli.backup.archive import About
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session
from portal.core.messages import N_
from portal.notify.commands import tell
from portal.releases import renewal
from portal.releases.signing.commands import ensure_keys, write_key_set


def settle(about: About) -> None:
    """This function will end every session, link, dynamic and recovery code that the backup brought back to life, record the restore,
    delete again which enterprises were deleted since the backup, and point boxes anew.
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
        codes = _void_recovery_codes(ctx, about, now)
        made_at = about.made_at
        target = Target("backup", made_at)
        record(ctx, Event.BACKUP_RESTORED, target, made_at=made_at, sessions=ended.rowcount, codes=codes)
        commit(session)
    wipe_due(COMMAND_LINE)
    replay_ledger(COMMAND_LINE)
    ensure_keys(COMMAND_LINE)
    write_key_set()
    renewal.point_anew()


def _void_recovery_codes(ctx: Context, about: About, now: datetime) -> int:
    """Which of them were used since, the backup cannot know, so none is good any more; their owners are told. Returns how many that were."""
    unused = RecoveryCode.used_at.is_(None)
    owners = ctx.session.scalars(select(RecoveryCode.user_id).where(unused).distinct().order_by(RecoveryCode.user_id))
    for user_id in owners.all():
        words = N_("系统从备份恢复过，您的恢复代码不再有效，请重新生成一组。")
        key = f"codes_voided:{about.made_at}:{now.isoformat()}:{user_id}"
        tell(ctx, words, key=key, user_id=user_id, link="/account/recovery-codes")
    voided: Any = ctx.session.execute(update(RecoveryCode).where(unused).values(used_at=now))
    return int(voided.rowcount)
