"""Limits on guessing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal.accounts import attempts
from portal.accounts.attempts import PER_ACCOUNT, PER_ADDRESS, Factor, TooManyTries
from portal.accounts.models import UserSession
from portal.core import clock, unit_of_work
from portal.core.database import Database, commit, platform_session
from portal.core.ids import UserId, new_id
from tests.world.building import build_user

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> object:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def alice(database: Database) -> UserId:
    return build_user("alice")


def use_from(user_id: UserId, address: str) -> None:
    """A session that the person opened there."""
    with platform_session(writes=True) as session:
        session.add(
            UserSession(
                token_hash=new_id(), user_id=user_id, auth_level=2, auth_method="password+totp", address=address,
                user_agent="", authenticated_at=clock.now(), created_at=clock.now(), expires_at=clock.now(),
            )
        )  # fmt: skip
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


def fail(times: int, *, name: str = "alice", address: str = "203.0.113.7", factor: Factor = Factor.PASSWORD) -> None:
    for _ in range(times):
        attempts.begin(factor, name, address)


def wait(*, name: str = "alice", address: str = "203.0.113.7", factor: Factor = Factor.PASSWORD) -> int:
    """The seconds one has to wait, 0 for none; a try that may go on is counted."""
    try:
        attempts.begin(factor, name, address)
    except TooManyTries as refused:
        return refused.seconds
    return 0


def test_tenth_failure_makes_the_account_wait(alice: UserId) -> None:
    fail(PER_ACCOUNT.failures)

    assert wait() == 30


def test_unknown_name_waits_like_a_known_one(alice: UserId) -> None:
    fail(PER_ACCOUNT.failures, name="nobody-has-this-name")

    assert wait(name="nobody-has-this-name") == 30


def test_account_waits_from_every_unfamiliar_address(alice: UserId) -> None:
    fail(PER_ACCOUNT.failures, address="203.0.113.7")

    assert wait(address="198.51.100.20") == 30


def test_owner_is_not_made_to_wait_by_strangers(alice: UserId) -> None:
    use_from(alice, "198.51.100.20")
    fail(PER_ACCOUNT.failures, address="203.0.113.7")

    assert wait(address="198.51.100.20") == 0


def test_owner_at_the_own_desk_is_limited_too(alice: UserId) -> None:
    use_from(alice, "198.51.100.20")
    fail(PER_ACCOUNT.failures, address="198.51.100.20")

    assert wait(address="198.51.100.20") == 30


def test_address_is_unfamiliar_again_after_a_month(alice: UserId) -> None:
    with time_machine.travel(NOON - attempts.FAMILIAR_FOR - timedelta(seconds=1), tick=False):
        use_from(alice, "198.51.100.20")
    fail(PER_ACCOUNT.failures, address="203.0.113.7")

    assert wait(address="198.51.100.20") == 30


def test_many_names_from_one_address_make_the_address_wait(alice: UserId) -> None:
    for number in range(PER_ADDRESS.failures):
        fail(1, name=f"name{number}")

    assert wait(name="alice") == 30
    assert wait(name="alice", address="198.51.100.20") == 0


def test_ipv6_neighbours_count_as_one_address(alice: UserId) -> None:
    for number in range(PER_ADDRESS.failures):
        fail(1, name=f"name{number}", address=f"2001:db8:1:2::{number + 1:x}")

    assert wait(address="2001:db8:1:2:ffff::1") == 30
    assert wait(address="2001:db8:1:3::1") == 0


def test_wait_grows_with_each_failure_and_is_bounded(alice: UserId, frozen: time_machine.Traveller) -> None:
    fail(PER_ACCOUNT.failures)
    seen = []
    for _ in range(7):
        with pytest.raises(TooManyTries) as refused:
            attempts.begin(Factor.PASSWORD, "alice", "203.0.113.7")
        seen.append(refused.value.seconds)
        frozen.shift(refused.value.seconds)
        fail(1)

    assert seen == [30, 60, 120, 240, 480, 600, 600]


def test_refused_tries_do_not_prolong_the_wait(alice: UserId, frozen: time_machine.Traveller) -> None:
    fail(PER_ACCOUNT.failures)
    for _ in range(5):
        wait()
    frozen.shift(31)

    assert wait() == 0


def test_old_failures_are_forgotten(alice: UserId, frozen: time_machine.Traveller) -> None:
    fail(PER_ACCOUNT.failures)
    frozen.shift(PER_ACCOUNT.window + timedelta(seconds=1))

    assert wait() == 0


def test_successes_do_not_count(alice: UserId) -> None:
    for _ in range(PER_ACCOUNT.failures + 1):
        attempt = attempts.begin(Factor.PASSWORD, "alice", "203.0.113.7")
        with platform_session(writes=True) as session:
            attempts.succeeded(session, [attempt])
            commit(session)

    assert wait() == 0


def test_codes_are_counted_apart_from_passwords(alice: UserId) -> None:
    fail(PER_ACCOUNT.failures, factor=Factor.CODE)

    assert wait(factor=Factor.CODE) == 30
    assert wait(factor=Factor.PASSWORD) == 0
