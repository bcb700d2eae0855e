"""Trouble: failures of late around a user name or an address, after which page codes are asked for.

Counted over what was typed, known or not, so that a page code being asked for says nothing about who has an account.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.attempts import Factor, site, subject
from portal.accounts.models import SignInAttempt
from portal.core import clock

WITHIN = timedelta(hours=1)
PER_NAME = 3
PER_ADDRESS = 10  # a hotel's whole staff may share one address


def is_about(session: Session, username: str, address: str) -> bool:
    """This function will tell whether a folded user name, or the address, has failed so often of late that a page code is due."""
    place = subject("address", site(address))
    names = (
        [
            subject(factor, username, *where)
            for factor in (Factor.PASSWORD, Factor.CODE, Factor.RECOVERY)
            for where in ((), (site(address),))
        ]
        if username
        else []
    )
    counted = (
        select(SignInAttempt.subject, func.count())
        .where(
            SignInAttempt.subject.in_([place, *names]),
            SignInAttempt.at > clock.now() - WITHIN,
            SignInAttempt.succeeded.is_(False),
        )
        .group_by(SignInAttempt.subject)
    )
    failed = dict(session.execute(counted).all())
    return failed.pop(place, 0) >= PER_ADDRESS or sum(failed.values()) >= PER_NAME
