"""查询: whose enterprise ID and phone number these are. Outside an open job that names the phone nobody is named."""

from sqlalchemy.orm import Session

from portal.accounts.attempts import site
from portal.boxes.commands.limiting import Tally, subject
from portal.boxes.queries.proven import is_suspended
from portal.boxes.schemas import Lookup
from portal.core import clock
from portal.core.database import system_session
from portal.tenants.installing.queries import OpenJob, open_job_for, phone_lookup


def look_up(session: Session, asked: Lookup, address: str) -> OpenJob | None:
    """This function will return the open job that names the phone, or None for whatever else there may be, and count that.

    Raises `TooMany` where it has counted too often.
    """
    tally = Tally(session, subjects(asked, address))
    tally.check()
    found = _find(asked)
    if found is None:
        tally.refused()
    return found


def subjects(asked: Lookup, address: str, serial: str | None = None) -> list[str]:
    """This function will name what refusals of a call count against; of an IPv6 address the site, which has many."""
    named = [
        subject("enterprise", asked.enterprise_id),
        subject("phone", asked.installer_phone),
        subject("address", site(address)),
    ]
    return named if serial is None else [*named, subject("serial", serial)]


def _find(asked: Lookup) -> OpenJob | None:
    """One statement, the same for an ID that nobody has: how long it takes says nothing."""
    now = clock.now()
    with system_session(reason="a look-up by a box names an enterprise, not a tenant's session") as session:
        job = open_job_for(session, asked.enterprise_id, phone_lookup(asked.installer_phone), now)
        return None if job is None or is_suspended(session, job.tenant.id, now) else job
