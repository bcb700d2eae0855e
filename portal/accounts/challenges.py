"""Challenges for passkeys: each for one purpose and one browser, for five minutes, and once.

A challenge carries the proof of its own origin, a keyed hash over purpose, browser and end, so that showing a page writes
nothing. What is written down is that it was answered, before anybody looks at the answer.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import SpentChallenge
from portal.core import clock, database
from portal.core.crypto import vault

LASTS = timedelta(minutes=5)
_NONCE_BYTES, _END_BYTES = 16, 8
_KEY = "passkey challenge"


class Purpose(StrEnum):
    """What an answer to a challenge is good for."""

    ENROL = "enrol"
    PROVE = "prove"


class ChallengeRefused(Exception):
    """The challenge is none of ours, is for something or somebody else, has run out or was answered before."""


def issue(purpose: Purpose, bound_to: str) -> bytes:
    """This function will return a new challenge that only the browser `bound_to` can answer."""
    end = int((clock.now() + LASTS).timestamp()).to_bytes(_END_BYTES, "big")
    head = secrets.token_bytes(_NONCE_BYTES) + end
    return head + _proof(head, purpose, bound_to)


def spend(challenge: bytes, purpose: Purpose, bound_to: str) -> None:
    """This function will take a challenge as answered, in a transaction of its own; raises `ChallengeRefused`.

    Of any number of answers at once one passes: the digest is a primary key. Digests are forgotten when the challenge's own
    end refuses it.
    """
    head = challenge[: _NONCE_BYTES + _END_BYTES]
    if not hmac.compare_digest(challenge[len(head) :], _proof(head, purpose, bound_to)):
        raise ChallengeRefused("not issued by this portal, for this, to this browser")
    now = clock.now()
    if datetime.fromtimestamp(int.from_bytes(head[_NONCE_BYTES:], "big"), UTC) <= now:
        raise ChallengeRefused("ran out")
    spend_once(challenge)


def spend_once(token: bytes) -> None:
    """This function will take something that lasts no longer than a challenge as used; raises `ChallengeRefused` where it was before."""
    now = clock.now()
    with database.platform_session(writes=True) as session:
        session.execute(delete(SpentChallenge).where(SpentChallenge.spent_at < now - LASTS))
        session.add(SpentChallenge(digest=hashlib.sha256(token).hexdigest(), spent_at=now))
        try:
            database.commit(session)
        except IntegrityError:
            raise ChallengeRefused("answered before") from None


def _proof(head: bytes, purpose: Purpose, bound_to: str) -> bytes:
    return hmac.digest(vault().key(_KEY), head + f"{purpose}|{bound_to}".encode(), "sha256")
