"""The coarse brake before the limits: one address, whatever it brings; in this process, or for all of them."""

from pathlib import Path

import pytest
from flask import Flask

from portal.accounts.views import brake
from portal.core import counting, shared_counts
from portal.core.counting import counts_for
from portal.web.hooks import COUNTS
from tests.services import needs_service
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.redis import redis_server


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brake, "MOST_A_MINUTE", 3)
    for each in (counting, shared_counts):
        monkeypatch.setattr(each, "window", lambda: 1)  # no test here waits for the next one


def asked(app: Flask, address: str = "198.51.100.7", times: int = 5, path: str = "/sign-in") -> list[int]:
    client = app.test_client()
    return [client.get(path, environ_overrides={"REMOTE_ADDR": address}).status_code for _ in range(times)]


def test_whoever_asks_too_often_is_sent_away_and_nobody_else(app: Flask, cast: Cast) -> None:
    assert asked(app) == [200, 200, 200, 429, 429]
    assert asked(app, "198.51.100.8", 1) == [200]
    assert (
        Browser(app, cast.support).get("/center", environ_overrides={"REMOTE_ADDR": "198.51.100.7"}).status_code == 200
    )


def test_header_makes_nobody_somebody_else(app: Flask) -> None:
    client = app.test_client()

    answers = [
        client.post("/sign-in", headers={"X-Forwarded-For": f"203.0.113.{each}"}).status_code for each in range(5)
    ]

    assert answers[3:] == [429, 429]


@pytest.mark.parametrize(
    "path", ["/sign-in/passkey/options", "/captcha/sign_in.png", "/welcome/none", "/account/level"]
)
def test_every_door_is_braked(app: Flask, path: str) -> None:
    assert asked(app, path=path)[3:] == [429, 429]


@needs_service("redis")
def test_two_processes_brake_together(app: Flask, tmp_path: Path) -> None:
    with redis_server(tmp_path) as place:
        answers = []
        for _process in range(2):
            app.extensions[COUNTS] = counts_for(place.url)
            answers += asked(app, times=2)

    assert answers == [200, 200, 200, 429]


@needs_service("redis")
def test_redis_gone_means_the_local_brake_and_not_none(app: Flask, tmp_path: Path) -> None:
    with redis_server(tmp_path) as place:
        app.extensions[COUNTS] = counts_for(place.url)
        asked(app, times=1)

    assert asked(app) == [200, 200, 429, 429, 429]


@needs_service("redis")
def test_brake_that_trusts_redis_alone_would_be_seen(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: whoever counts in Redis does not count here."""
    monkeypatch.setattr(counting.LocalCounts, "count", lambda *_: 0)
    with redis_server(tmp_path) as place:
        app.extensions[COUNTS] = counts_for(place.url)

    assert asked(app) == [200, 200, 200, 200, 200]
