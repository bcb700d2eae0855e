"""Passwords that the profile of the installation does not take, at the forms that set one; the one that is too old; and the one used before."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import profile, rules
from portal.core import clock
from tests.accounts.test_links_and_own import first_link
from tests.accounts.test_profile import mlps3
from tests.accounts.test_sign_in_views import sign_in, submit, token_of
from tests.attacks.log import newest, recorded
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast

__all__ = ["mlps3"]

GOOD = "湖畔早餐真好吃呀"
ANOTHER = "Lakeside-breakfast-2026"
TOO_OLD = timedelta(days=91)
WEAK = {
    "short": "x7#kQ2z",
    "nothing": "",
    "common": "qwertyuiop",
    "common in other letters": "QwErTyUiOp",
    "common by another keyboard": "ｑｗｅｒｔｙｕｉｏｐ",
    "made of our names": "tianyi-2026",
    "the user name in it": "my-reviewer-two-7719",
    "endless": "长" * 129,
}
PLAIN = {"two kinds": "breakfast2026", "one kind": "lakesidebreakfast", "digits": "77193350128"}


def change(app: Flask, cast: Cast, password: str, current: str = PASSWORD) -> int:
    """Somebody changes the own password; the status of the answer."""
    return Browser(app, cast.reviewer).post("/account/password", {"current": current, "password": password}).status_code


def begin(client: FlaskClient, password: str) -> int:
    """Somebody sets the first password of an account, behind a one-time link."""
    path = f"/welcome/{first_link('reviewer-two')}"
    form = {"csrf_token": token_of(client.get(path)), "password": password}
    return client.post(f"{path}/options", data=form).status_code


def lets_in(client: FlaskClient, password: str) -> bool:
    return submit(client, "/sign-in", username="reviewer", password=password).status_code == 302


@pytest.mark.parametrize("what", WEAK)
def test_weak_password_is_set_nowhere(app: Flask, cast: Cast, client: FlaskClient, what: str) -> None:
    before = newest()

    statuses = change(app, cast, WEAK[what]), begin(client, WEAK[what])

    assert statuses == (422, 422)
    assert "account.password_changed" not in recorded("done", since=before)
    assert lets_in(app.test_client(), PASSWORD)


def test_good_one_is_set(app: Flask, cast: Cast, client: FlaskClient) -> None:
    """So that the refusals above say something."""
    assert (change(app, cast, GOOD), begin(client, GOOD)) == (302, 200)


def test_rule_that_nobody_asks_would_be_seen(
    app: Flask, cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: whatever is typed will do."""
    monkeypatch.setattr(rules, "password_problem", lambda *_, **__: None)

    assert (change(app, cast, WEAK["common"]), begin(client, WEAK["common"])) == (302, 200)


def test_empty_list_of_common_ones_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the list of common passwords was not read."""
    monkeypatch.setattr(rules, "_common_passwords", frozenset)

    assert change(app, cast, WEAK["common"]) == 302


@pytest.mark.usefixtures("mlps3")
@pytest.mark.parametrize("what", PLAIN)
def test_plain_password_is_set_nowhere_where_the_installation_is_assessed(
    app: Flask, cast: Cast, client: FlaskClient, what: str
) -> None:
    assert (change(app, cast, PLAIN[what]), begin(client, PLAIN[what])) == (422, 422)


@pytest.mark.usefixtures("mlps3")
def test_password_that_was_used_before_does_not_come_back(app: Flask, cast: Cast) -> None:
    assert change(app, cast, ANOTHER) == 302

    assert (change(app, cast, ANOTHER, ANOTHER), change(app, cast, PASSWORD, ANOTHER)) == (422, 422)


@pytest.mark.usefixtures("mlps3")
def test_password_that_is_forgotten_too_soon_would_be_seen(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The faults planted: former passwords are not looked up, and kinds of characters not counted."""
    monkeypatch.setattr(profile, "_former", lambda _: ())
    monkeypatch.setattr(rules, "_kinds", lambda _: 4)

    assert (change(app, cast, PLAIN["one kind"]), change(app, cast, PASSWORD, PLAIN["one kind"])) == (302, 302)


def after_three_months(app: Flask, cast: Cast) -> tuple[int, int]:
    """Somebody signs in with a password of three months ago; the statuses of a page and of an act."""
    client = app.test_client()
    with time_machine.travel(clock.now() + TOO_OLD, tick=False):
        assert sign_in(client, cast.reviewer).status_code == 302
        return client.get("/center/review").status_code, client.get("/account").status_code


@pytest.mark.usefixtures("mlps3")
def test_password_that_is_too_old_opens_nothing(app: Flask, cast: Cast) -> None:
    assert after_three_months(app, cast) == (302, 302)


@pytest.mark.usefixtures("mlps3")
def test_password_that_never_grows_old_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: nobody looks how old it is."""
    monkeypatch.setattr(profile, "is_due", lambda *_: False)

    assert after_three_months(app, cast) == (200, 200)
