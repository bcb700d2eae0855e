"""Setting page codes and judging answers, each in a short transaction of its own, so that a try counts whatever follows."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from portal.accounts.captcha import rules
from portal.accounts.captcha.models import CaptchaChallenge
from portal.core import clock, database
from portal.core.crypto import vault

VALID_FOR = timedelta(seconds=120)


@dataclass(frozen=True)
class Holder:
    """Whom a page code is for: one browser's session, known by the hash of its key, and what it is to let through."""

    key: str
    action: str

    @property
    def hashed(self) -> str:
        """The name under which the table knows the browser."""
        return vault().fingerprint(self.key, "captcha holder")


def pose(holder: Holder, code: str) -> None:
    """This function will make `code` the one that the holder has to type; what was posed before is void."""
    now = clock.now()
    row = CaptchaChallenge(
        holder=holder.hashed,
        action=holder.action,
        answer_hash=_answer_hash(holder, code),
        expires_at=now + VALID_FOR,
    )
    with database.platform_session(writes=True) as session:
        session.execute(delete(CaptchaChallenge).where(CaptchaChallenge.expires_at < now))
        session.merge(row)
        database.commit(session)


def is_right(holder: Holder, typed: str) -> bool:
    """This function will tell whether `typed` answers the holder's page code, which is used up by the question."""
    mine = (CaptchaChallenge.holder == holder.hashed, CaptchaChallenge.action == holder.action)
    taken = delete(CaptchaChallenge).where(*mine).returning(CaptchaChallenge.answer_hash, CaptchaChallenge.expires_at)
    with database.platform_session(writes=True) as session:
        row = session.execute(taken).one_or_none()
        database.commit(session)
    if row is None or row.expires_at <= clock.now():
        return False
    return hmac.compare_digest(row.answer_hash, _answer_hash(holder, typed))


def _answer_hash(holder: Holder, code: str) -> str:
    return vault().fingerprint(f"{holder.hashed}|{holder.action}|{rules.folded(code)}", "captcha answer")
