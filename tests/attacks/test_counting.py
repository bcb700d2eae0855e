"""Tries are counted before they are judged: in the database, by every worker, and though the request that made them fails."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts import attempts, passwords
from portal.accounts.attempts import PER_ACCOUNT
from portal.accounts.models import SignInAttempt
from portal.core import database as databases
from portal.core.database import platform_session
from portal.core.settings import load_settings
from portal.factory import create_app
from tests.accounts.test_sign_in_views import submit
from tests.conftest import SECRET
from tests.world.cast import Cast


def counted() -> int:
    with platform_session() as session:
        return session.scalar(select(func.count()).select_from(SignInAttempt)) or 0


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Flask:
    """A portal in which every sign-in ends in a fault of ours, as when the disk is full."""

    def fail(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(passwords, "check_password", fail)
    monkeypatch.setattr("portal.accounts.views.sign_in.captcha_is_due", lambda *_: False)  # that is another limit
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    return app


def test_try_counts_though_its_request_fails(broken: Flask, cast: Cast) -> None:
    before = counted()

    answer = submit(broken.test_client(), "/sign-in", username="alice", password="x")

    assert (answer.status_code, counted() > before) == (500, True)


def test_many_failing_requests_make_one_wait_on_every_worker(broken: Flask, cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    opened = databases.database()
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_DATABASE_URL": str(opened.url)})
    second = create_app(settings)
    second.config["PROPAGATE_EXCEPTIONS"] = False
    databases.database().dispose()
    databases.use(opened)
    workers = [broken.test_client(), second.test_client()]

    statuses = [
        submit(workers[number % 2], "/sign-in", username="alice", password="x", captcha="x").status_code
        for number in range(PER_ACCOUNT.failures + 2)
    ]

    assert statuses[-2:] == [429, 429]


def test_try_that_is_counted_with_its_request_would_be_seen(
    broken: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the count is part of a transaction that the fault takes back."""
    monkeypatch.setattr(attempts.database, "commit", lambda session: session.rollback())
    before = counted()

    submit(broken.test_client(), "/sign-in", username="alice", password="x")

    assert counted() == before
