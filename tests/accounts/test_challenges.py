"""Challenges: for one purpose, one browser, five minutes, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from portal.accounts import challenges
from portal.accounts.challenges import ChallengeRefused, Purpose
from portal.accounts.models import SpentChallenge
from portal.core.database import Database, platform_session

HERE, ELSEWHERE = "session 1", "session 2"
PARALLEL = 8


def test_challenge_passes_once(database: Database) -> None:
    challenge = challenges.issue(Purpose.PROVE, HERE)
    challenges.spend(challenge, Purpose.PROVE, HERE)

    with pytest.raises(ChallengeRefused, match="before"):
        challenges.spend(challenge, Purpose.PROVE, HERE)


def test_of_many_at_once_one_passes(database: Database) -> None:
    challenge = challenges.issue(Purpose.PROVE, HERE)

    def spend(_: int) -> bool:
        try:
            challenges.spend(challenge, Purpose.PROVE, HERE)
        except ChallengeRefused:
            return False
        return True

    with ThreadPoolExecutor(PARALLEL) as pool:
        passed = list(pool.map(spend, range(PARALLEL)))

    assert sum(passed) == 1


@pytest.mark.parametrize(
    ("purpose", "browser"), [(Purpose.ENROL, HERE), (Purpose.PROVE, ELSEWHERE)], ids=["purpose", "browser"]
)
def test_challenge_of_something_else_is_refused(database: Database, purpose: Purpose, browser: str) -> None:
    challenge = challenges.issue(Purpose.PROVE, HERE)

    with pytest.raises(ChallengeRefused, match="not issued"):
        challenges.spend(challenge, purpose, browser)
    challenges.spend(challenge, Purpose.PROVE, HERE)


@pytest.mark.parametrize("challenge", [b"", b"short", bytes(56), bytes(24)], ids=["empty", "short", "zeros", "head"])
def test_made_up_challenge_is_refused(database: Database, challenge: bytes) -> None:
    with pytest.raises(ChallengeRefused):
        challenges.spend(challenge, Purpose.PROVE, HERE)


def test_end_cannot_be_put_off(database: Database) -> None:
    challenge = bytearray(challenges.issue(Purpose.PROVE, HERE))
    challenge[23] ^= 0x80

    with pytest.raises(ChallengeRefused, match="not issued"):
        challenges.spend(bytes(challenge), Purpose.PROVE, HERE)


def test_challenge_runs_out_and_is_forgotten(database: Database) -> None:
    with time_machine.travel("2026-11-24T04:00:00Z", tick=False) as traveller:
        old, other = challenges.issue(Purpose.PROVE, HERE), challenges.issue(Purpose.PROVE, HERE)
        challenges.spend(other, Purpose.PROVE, HERE)
        traveller.shift(challenges.LASTS)
        with pytest.raises(ChallengeRefused, match="ran out"):
            challenges.spend(old, Purpose.PROVE, HERE)
        traveller.shift(timedelta(seconds=1))
        challenges.spend(challenges.issue(Purpose.PROVE, HERE), Purpose.PROVE, HERE)

    with platform_session() as session:
        assert session.scalar(select(func.count()).select_from(SpentChallenge)) == 1
