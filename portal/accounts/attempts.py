"""Limits on guessing, kept in the database so that every process counts alike, also when the request fails.

A try is written down as a failure before it is judged, and as a success afterwards: tries that run side by side cannot
all slip past a limit that none of them has reached yet. An address from which an account was used lately has a count of
its own, so that strangers who guess elsewhere make nobody wait at the own desk.
"""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import SignInAttempt, User, UserSession
from portal.core import clock, database
from portal.core.crypto import vault
from portal.core.errors import PortalError
from portal.core.messages import N_

_IPV6_SITE = 64  # one household or office has at least so many bits of addresses for itself


class Factor(StrEnum):
    """What is being guessed."""

    PASSWORD = "password"  # noqa: S105 - the name of a factor
    CODE = "code"
    PASSKEY = "passkey"
    CAPTCHA = "captcha"
    LINK = "link"
    RECOVERY = "recovery"


@dataclass(frozen=True)
class Limit:
    """So many failures within `window`, then a wait that doubles with each further failure.

    The window is several times the longest wait: else the failures that made one wait would be forgotten while one waits.
    """

    failures: int
    window: timedelta = timedelta(hours=1)
    first_wait: timedelta = timedelta(seconds=30)
    longest_wait: timedelta = timedelta(minutes=10)

    def wait_until(self, failed: int, last: datetime) -> datetime:
        """This function will return when the next try is welcome, after `failed` failures with the last one at `last`."""
        if failed < self.failures:
            return last
        doublings = min(failed - self.failures, 16)
        wait: timedelta = min(self.first_wait * 2**doublings, self.longest_wait)
        return last + wait


PER_ACCOUNT = Limit(failures=10)
PER_ADDRESS = Limit(failures=30)  # a hotel's whole staff may share one address
# Guesses from a thousand addresses at a thousand names. A short wait, since it meets everybody who comes from a new address; whoever
# comes from a familiar one does not meet it at all.
EVERYWHERE = Limit(failures=3000, first_wait=timedelta(seconds=1), longest_wait=timedelta(seconds=15))
_EVERYWHERE = "everywhere"
# Each picture costs a drawing and a row. Whoever renews one now and then never meets this, nor does a hotel's whole staff.
DRAWINGS = Limit(failures=200, first_wait=timedelta(seconds=5), longest_wait=timedelta(minutes=1))
FAMILIAR_FOR = timedelta(days=30)


class TooManyTries(PortalError):
    """The account or the address has to wait; `seconds` says how long."""

    status = 429
    code = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__(N_("尝试次数太多，请 %(minutes)d 分钟后再试。", minutes=minutes))
        self.seconds = seconds


@dataclass(frozen=True)
class Attempt:
    """A try that counts as a failure until `succeeded` says otherwise."""

    ids: tuple[str, ...]


def begin(factor: Factor, username: str, address: str) -> Attempt:
    """This function will count a try of `username`, known or not, from `address`, in a transaction of its own.

    Raises `TooManyTries` where one has to wait first; a try that is refused so does not prolong the wait.
    """
    with database.platform_session(writes=True) as session:
        limits = _limits(session, factor, username, address)
        _check(session, limits)
        rows = [SignInAttempt(subject=each, at=clock.now(), succeeded=False) for each in limits]
        session.add_all(rows)
        session.flush()
        attempt = Attempt(tuple(row.id for row in rows))
        database.commit(session)
    return attempt


def count_drawing(address: str) -> None:
    """This function will count a page code that an address has asked for; raises `TooManyTries` where one has to wait first."""
    limits = {subject("drawing", site(address)): DRAWINGS}
    with database.platform_session(writes=True) as session:
        _check(session, limits)
        session.add_all(SignInAttempt(subject=each, at=clock.now(), succeeded=False) for each in limits)
        database.commit(session)


def succeeded(session: Session, attempts: Sequence[Attempt]) -> None:
    """This function will take tries back out of the failures, in the transaction that acts on them."""
    ids = [each for attempt in attempts for each in attempt.ids]
    session.execute(update(SignInAttempt).where(SignInAttempt.id.in_(ids)).values(succeeded=True))


def _limits(session: Session, factor: Factor, username: str, address: str) -> dict[str, Limit]:
    place = site(address)
    if _is_familiar(session, username, address):
        return {subject(factor, username, place): PER_ACCOUNT}
    return {
        subject(factor, username): PER_ACCOUNT,
        subject("address", place): PER_ADDRESS,
        subject(_EVERYWHERE, factor): EVERYWHERE,
    }


def subject(*parts: str) -> str:
    """This function will return the name under which tries at something are counted."""
    # Keyed, since people type a password into the field of the user name now and then.
    return f"{parts[0]}:{vault().fingerprint('|'.join(parts), 'sign-in attempt')}"


def site(address: str) -> str:
    """This function will return the household or office that an address belongs to."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 - the version's own number
        return str(found)
    return str(ipaddress.ip_network((found, _IPV6_SITE), strict=False))


def _is_familiar(session: Session, username: str, address: str) -> bool:
    used = exists().where(
        UserSession.user_id == User.id,
        User.username == username,
        UserSession.address == address,
        UserSession.auth_level > 0,
        UserSession.created_at > clock.now() - FAMILIAR_FOR,
    )
    return bool(session.scalar(select(used)))


def _check(session: Session, limits: dict[str, Limit]) -> None:
    window = max(limit.window for limit in limits.values())
    counted = (
        select(SignInAttempt.subject, func.count(), func.max(SignInAttempt.at))
        .where(
            SignInAttempt.subject.in_(limits),
            SignInAttempt.at > clock.now() - window,
            SignInAttempt.succeeded.is_(False),
        )
        .group_by(SignInAttempt.subject)
    )
    now = clock.now()
    waits = [limits[each].wait_until(failed, last) - now for each, failed, last in session.execute(counted)]
    longest = max(waits, default=timedelta())
    if longest > timedelta():
        raise TooManyTries(math.ceil(longest.total_seconds()))
