"""Limits over HTTP: whose tries they count whatever headers say, that they outlive a failed request, that nobody else waits."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from portal.accounts import attempts, passwords
from portal.accounts.attempts import EVERYWHERE, PER_ADDRESS, Factor, TooManyTries
from portal.accounts.passwords import Turns
from portal.core import clock
from portal.core import database as databases
from portal.core.errors import Unavailable
from portal.core.settings import load_settings
from portal.factory import create_app
from tests.accounts.test_sign_in_views import token_of
from tests.conftest import SECRET
from tests.world.browser import Browser
from tests.world.cast import Cast

SPOOFED = (
    "X-Forwarded-For",
    "Forwarded",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "Client-IP",
    "X-Forwarded-Host",
)


def tries(app: Flask, count: int, *, peer: str, headers: object = None, names: bool = True) -> list[int]:
    """The statuses of wrong passwords at ever new names; `headers` makes those of the n-th try."""
    client = app.test_client()
    token = token_of(client.get("/sign-in", environ_base={"REMOTE_ADDR": peer}))
    statuses = []
    for number in range(count):
        more = headers(number) if callable(headers) else {}
        answer = client.post(
            "/sign-in",
            data={
                "csrf_token": token,
                "username": f"nobody{number}" if names else "alice",
                "password": "x",
                "captcha": "A",
            },
            headers=more,
            environ_base={"REMOTE_ADDR": peer},
        )
        statuses.append(answer.status_code)
    return statuses


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is not what these are about."""
    monkeypatch.setattr(passwords, "check_password", lambda *_: passwords.Checked(right=False))
    monkeypatch.setattr("portal.accounts.views.sign_in.captcha_is_due", lambda *_: False)


@pytest.mark.parametrize("header", SPOOFED)
def test_header_makes_nobody_somebody_else(app: Flask, cast: Cast, header: str) -> None:
    statuses = tries(
        app, PER_ADDRESS.failures + 1, peer="203.0.113.5", headers=lambda number: {header: f"198.51.100.{number}"}
    )

    assert statuses[-1] == 429


def test_host_header_changes_no_address_that_is_given_away(app: Flask, cast: Cast) -> None:
    answer = Browser(app, cast.security_admin).post(
        f"/admin/users/{cast.support.id}/link",
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )

    assert answer.status_code == 200
    assert "http://localhost:8000/welcome/" in answer.text
    assert "evil.example" not in answer.text


def test_believing_the_header_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: every peer is a proxy that one believes."""
    from ipaddress import ip_network

    monkeypatch.setitem(app.config, "TRUSTED_PROXIES", (ip_network("203.0.113.0/24"),))

    statuses = tries(
        app,
        PER_ADDRESS.failures + 1,
        peer="203.0.113.5",
        headers=lambda number: {"X-Forwarded-For": f"198.51.100.{number}"},
    )

    assert statuses[-1] == 401


def test_behind_a_trusted_proxy_the_client_is_counted_and_what_it_claims_is_not(
    cast: Cast, sqlite: databases.Database, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    app = create_app(
        load_settings(
            {
                "PORTAL_INSTANCE_DIR": str(tmp_path),
                "PORTAL_DATABASE_URL": str(sqlite.url),
                "PORTAL_TRUSTED_PROXIES": "10.0.0.5",
            }
        )
    )
    proxied = {"X-Forwarded-For": "192.0.2.1, 203.0.113.5"}  # the client's own claim stands at the left

    claims = tries(
        app,
        PER_ADDRESS.failures + 1,
        peer="10.0.0.5",
        headers=lambda n: {"X-Forwarded-For": f"192.0.2.{n}, 203.0.113.5"},
    )
    other = tries(app, 1, peer="10.0.0.5", headers=lambda _: {"X-Forwarded-For": "203.0.113.99"})
    same = tries(app, 1, peer="10.0.0.5", headers=lambda _: proxied)
    databases.database().dispose()

    assert (claims[-1], other, same) == (429, [401], [429])


def test_limits_are_counted_in_the_database_and_not_in_a_process(app: Flask, cast: Cast, tmp_path: Path) -> None:
    """Two applications, as two workers have them, on one database."""
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    opened = databases.database()
    second = create_app(load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_DATABASE_URL": str(opened.url)}))
    databases.database().dispose()
    databases.use(opened)
    half = PER_ADDRESS.failures // 2

    tries(app, half, peer="203.0.113.5")
    tries(second, PER_ADDRESS.failures - half, peer="203.0.113.5")

    assert tries(app, 1, peer="203.0.113.5") == [429]
    assert tries(second, 1, peer="203.0.113.5") == [429]


def test_failures_everywhere_make_strangers_wait_for_seconds_only(sqlite: databases.Database) -> None:
    now = clock.now()
    with databases.platform_session(writes=True) as session:
        everywhere = attempts.subject("everywhere", Factor.PASSWORD)
        session.add_all(
            attempts.SignInAttempt(subject=everywhere, at=now, succeeded=False) for _ in range(EVERYWHERE.failures + 30)
        )
        session.commit()

    with time_machine.travel(now + timedelta(milliseconds=10), tick=False) as traveller:
        with pytest.raises(TooManyTries) as refused:
            attempts.begin(Factor.PASSWORD, "somebody", "203.0.113.50")
        assert refused.value.seconds <= 15
        traveller.shift(timedelta(seconds=16))
        attempts.begin(Factor.PASSWORD, "somebody", "203.0.113.50")


def test_made_up_links_are_counted(app: Flask, cast: Cast) -> None:
    client = app.test_client()

    statuses = [
        client.get(f"/welcome/made-up-{number}", environ_base={"REMOTE_ADDR": "203.0.113.5"}).status_code
        for number in range(PER_ADDRESS.failures + 1)
    ]

    assert statuses == [404] * PER_ADDRESS.failures + [429]


class TestTurns:
    """The line before the hashes."""

    def test_line_that_is_full_sends_away_at_once(self) -> None:
        turns = Turns(1, 0, patience=30)

        with turns, pytest.raises(Unavailable), turns:
            raise AssertionError("a second turn at the same time")

    def test_nobody_waits_longer_than_the_patience(self) -> None:
        turns = Turns(1, 1, patience=0.01)

        with turns, pytest.raises(Unavailable), turns:
            raise AssertionError("a second turn at the same time")

    def test_place_is_free_again_after_every_turn_and_every_refusal(self) -> None:
        turns = Turns(1, 1, patience=0.01)
        with turns, pytest.raises(Unavailable), turns:
            raise AssertionError

        for _ in range(3):
            with turns:
                pass

    def test_whoever_waits_gets_the_turn_that_comes_free(self) -> None:
        turns, order = Turns(1, 1, patience=30), []
        inside, leave = threading.Event(), threading.Event()

        def first() -> None:
            with turns:
                inside.set()
                leave.wait(10)
                order.append("first")

        def second() -> None:
            with turns:
                order.append("second")

        threads = [threading.Thread(target=first)]
        threads[0].start()
        assert inside.wait(10)
        threads.append(threading.Thread(target=second))
        threads[1].start()
        leave.set()
        for thread in threads:
            thread.join(10)

        assert order == ["first", "second"]

    def test_portal_that_is_busy_says_so(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def busy(*_: object) -> None:
            raise Unavailable(passwords.BUSY)

        monkeypatch.setattr(passwords, "check_password", busy)

        answer = tries(app, 1, peer="203.0.113.5")

        assert answer == [503]
