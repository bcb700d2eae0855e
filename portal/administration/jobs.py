"""What happens by the clock: support sessions that ran out are ended, enterprises whose day has come are deleted."""

from functools import partial

from portal.administration.checkpoint_mail import mail_daily
from portal.administration.commands.support import end_support
from portal.administration.deletion.replaying import replay_ledger
from portal.administration.deletion.wiping import wipe_due
from portal.administration.support import run_out
from portal.core import clock
from portal.core.database import system_session
from portal.core.jobs import every
from portal.releases.jobs import run_as_system


@every(seconds=30)
def end_what_ran_out() -> int:
    """This function will end the support sessions whose time is over; returns how many.

    They give nothing from the moment they run out; this only says so in the log.
    """
    with system_session(reason="support sessions whose time is over") as session:
        found = run_out(session, clock.now())
    for tenant_id, support_id in found:
        run_as_system(tenant_id, partial(end_support, support_id=support_id))
    return len(found)


@every(seconds=60)
def delete_enterprises() -> int:
    """This function will do the deletions whose day has come, and again those that a restored database forgot; returns how many."""
    return wipe_due() + replay_ledger()


@every(seconds=600)
def send_checkpoints() -> int:
    """This function will have a checkpoint of the log mailed once a business day; returns how many."""
    return mail_daily()
