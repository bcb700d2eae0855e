"""The password profile mlps3: complexity, history, rotation; and that the default asks none of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts import passwords, profile, rules
from portal.accounts.models import FormerPassword, User
from portal.core import clock, unit_of_work
from portal.core.database import platform_session
from tests.accounts.test_resets import reset_link, send
from tests.accounts.test_sign_in_views import submit, token_of
from tests.world.authenticator import give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, code_now

LATER = timedelta(days=91)


@pytest.fixture
def mlps3() -> Iterator[None]:
    profile.configure("mlps3")
    yield
    profile.configure("modern")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing, where many are made one after the other."""
    monkeypatch.setattr(passwords, "hash_password", lambda text: f"hash of {text}")
    monkeypatch.setattr(
        passwords, "check_password", lambda hashed, text: passwords.Checked(hashed == f"hash of {text}")
    )


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("Breakfast2026", True),
        ("breakfast 2026", True),
        ("BREAKFAST-2026", True),
        ("湖畔Break2026", True),
        ("breakfast2026", False),
        ("BREAKFASTTIME", False),
        ("湖畔早餐真好吃呀呀", False),
        ("Short7!", False),
        ("Password1!", False),
    ],
)
def test_three_kinds_of_characters(text: str, is_taken: bool) -> None:
    problem = rules.password_problem(rules.password(text), name="linxiao", profile=rules.MLPS3)

    assert (problem is None) == is_taken


def test_modern_asks_for_no_kinds_and_forgets(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.reviewer)

    answer = browser.post("/account/password", {"current": PASSWORD, "password": "another good long password"})

    assert answer.status_code == 302
    with platform_session() as session:
        assert session.scalars(select(FormerPassword)).all() == []


@pytest.mark.usefixtures("mlps3", "quick")
def test_none_of_the_last_five_comes_back(cast: Cast, app: Flask) -> None:
    with platform_session(writes=True) as session:
        session.get_one(User, cast.reviewer.id).password_hash = "hash of Word-0-of-mine"
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()

    def change(old: int, new: int) -> int:
        browser = Browser(app, cast.reviewer)
        words = {"current": f"Word-{old}-of-mine", "password": f"Word-{new}-of-mine"}
        return browser.post("/account/password", words).status_code

    assert change(0, 0) == 422
    assert [change(number, number + 1) for number in range(5)] == [302] * 5
    assert [change(5, former) for former in (5, 4, 3, 2, 1)] == [422] * 5
    assert change(5, 0) == 302


@pytest.mark.usefixtures("mlps3")
def test_link_is_held_to_it_too(cast: Cast, app: Flask, client: FlaskClient) -> None:
    answer = send(client, reset_link(app, cast), password="only small letters", code=code_now())

    assert (answer.status_code, "至少要有 3 种" in answer.text) == (422, True)


class TestRotation:
    def sign_in(self, client: FlaskClient, password: str = PASSWORD) -> None:
        answer = submit(client, "/sign-in", username="reviewer", password=password, code=code_now())
        assert answer.status_code == 302

    @pytest.mark.usefixtures("mlps3")
    def test_old_password_leads_to_a_new_one_and_on(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        with time_machine.travel(clock.now() + LATER, tick=False) as traveller:
            self.sign_in(client)
            led = client.get("/center/review")
            act = client.post("/account/other-sessions/end")
            traveller.shift(60)
            changed = submit(client, led.location, current=PASSWORD, password="Breakfast-2026")
            onward = client.get("/center/review")

        assert (led.status_code, led.location) == (302, "/account/new-password?next=/center/review")
        assert act.status_code in {400, 403}
        assert (changed.status_code, changed.location, onward.status_code) == (302, "/center/review", 200)

    @pytest.mark.usefixtures("mlps3")
    def test_wrong_or_weak_answer_stays_there(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        with time_machine.travel(clock.now() + LATER, tick=False):
            self.sign_in(client)
            wrong = submit(client, "/account/new-password", current="no", password="Breakfast-2026")
            same = submit(client, "/account/new-password", current=PASSWORD, password=PASSWORD)

            assert client.get("/center/review").status_code == 302
        assert (wrong.status_code, same.status_code) == (422, 422)

    @pytest.mark.usefixtures("mlps3")
    def test_young_password_and_passkey_are_left_alone(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)
        self.sign_in(client)
        assert client.get("/center/review").status_code == 200

        with time_machine.travel(clock.now() + LATER, tick=False):
            other = app.test_client()
            token = token_of(other.get("/sign-in"))
            proof = device.prove(other.get("/sign-in/passkey/options").get_json())
            other.post("/sign-in/passkey", data={"credential": proof, "csrf_token": token})

            assert other.get("/center/review").status_code == 200

    def test_modern_never_asks(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        with time_machine.travel(clock.now() + timedelta(days=2000), tick=False):
            self.sign_in(client)

            assert client.get("/center/review").status_code == 200
