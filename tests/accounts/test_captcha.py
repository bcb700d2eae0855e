"""Page codes under attack, over HTTP at the sign-in; each attack once more with the fence taken away, so that it is seen to hold."""

import re
from base64 import b64decode
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from portal.accounts import attempts
from portal.accounts.captcha import asking, commands, drawing, rules
from portal.accounts.captcha.commands import Holder, is_right, pose
from portal.accounts.captcha.models import CaptchaChallenge
from portal.accounts.gate.models import ModulePolicy
from portal.audit.models import AuditRecord
from portal.core import clock, unit_of_work
from portal.core.crypto import vault
from portal.core.database import Database, platform_session, system_session
from tests.world.cast import PASSWORD, Cast

ANSWER = "MOON7"
ELSEWHERE = "198.51.100.77"


@pytest.fixture
def site(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The portal with a policy that asks for a page code at every sign-in."""
    monkeypatch.setitem(app.config, "TEST_CAPTCHA", ANSWER)
    with platform_session(writes=True) as opened:
        opened.add(ModulePolicy(module="sign_in", captcha="always", level=2, minutes=None, changed_at=clock.now()))
        opened.flush()
        unit_of_work.work_of(opened).changed.clear()
        opened.commit()
    return app


class Guest:
    """A browser on the sign-in page; `tries` sends the form and tells whether the page code was taken."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page = self.open()
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert found is not None
        self.token = found[1]

    def open(self) -> str:
        return self.client.get("/sign-in").text

    def tries(self, captcha: str | None, *, name: str = "alice", password: str = PASSWORD) -> bool:
        typed = {"csrf_token": self.token, "username": name, "password": password}
        answer = self.client.post("/sign-in", data={**typed, **({} if captcha is None else {"captcha": captcha})})
        assert answer.status_code in {302, 401, 422}
        return answer.status_code != 422


def replayed(app: Flask) -> bool:
    guest = Guest(app)
    assert guest.tries(ANSWER, password="wrong")
    with platform_session(writes=True) as opened:  # whatever the refusal's own page posed is gone
        for row in opened.scalars(select(CaptchaChallenge)):
            opened.delete(row)
        opened.commit()
    return guest.tries(ANSWER)


def omitted(app: Flask) -> bool:
    return Guest(app).tries(None)


def from_a_foreign_session(app: Flask) -> bool:
    guest, other = Guest(app), Guest(app)
    other.open()
    with platform_session(writes=True) as opened:
        mine = asking_holder(guest)
        opened.delete(opened.get_one(CaptchaChallenge, (mine, "sign_in")))
        opened.commit()
    return guest.tries(ANSWER)


def from_another_action(app: Flask) -> bool:
    guest = Guest(app)
    guest.client.get("/captcha/keys.png")
    with platform_session(writes=True) as opened:
        opened.delete(opened.get_one(CaptchaChallenge, (asking_holder(guest), "sign_in")))
        opened.commit()
    return guest.tries(ANSWER)


def expired(app: Flask) -> bool:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        guest = Guest(app)
        traveller.shift(timedelta(seconds=121))
        return guest.tries(ANSWER)


def asking_holder(guest: Guest) -> str:
    with guest.client as client:
        client.get("/captcha/users.png")
        return asking.holder("sign_in").hashed


ATTACKS = [replayed, omitted, from_a_foreign_session, from_another_action, expired]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused(site: Flask, attack: object) -> None:
    assert attack(site) is False  # type: ignore[operator]


def test_right_page_code_is_taken(site: Flask) -> None:
    assert Guest(site).tries(ANSWER) is True


def test_replay_would_pass_if_codes_were_not_used_up(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "is_right", lambda _holder, typed: rules.folded(typed) == ANSWER)

    assert replayed(site) is True


def test_omission_would_pass_if_nothing_were_due(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.accounts.views.sign_in.captcha_is_due", lambda *_: False)

    assert omitted(site) is True


def test_foreign_code_would_pass_if_sessions_were_one(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "holder", lambda action: Holder("everybody", action))
    guest, other = Guest(site), Guest(site)
    other.open()

    assert guest.tries(ANSWER) is True


def test_code_of_another_action_would_pass_if_actions_were_one(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    real = asking.holder
    monkeypatch.setattr(asking, "holder", lambda _: Holder(real("any").key, "any"))
    guest = Guest(site)
    guest.client.get("/captcha/keys.png")

    assert guest.tries(ANSWER) is True


def test_old_code_would_pass_if_it_lived_longer(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "VALID_FOR", timedelta(hours=1))

    assert expired(site) is True


def test_page_code_says_nothing_about_who_has_an_account(site: Flask) -> None:
    def page(name: str, captcha: str) -> tuple[int, str]:
        guest = Guest(site)
        answer = guest.client.post(
            "/sign-in",
            data={"csrf_token": guest.token, "username": name, "password": "wrong", "captcha": captcha},
        )
        text = re.sub(r'base64,[^"]+|"I[\w-]{20,}\.[\w-]+\.[\w-]+"|value="[^"]*"', "", answer.text)
        return answer.status_code, text

    assert page("alice", "WRONG") == page("nobody-has-it", "WRONG")
    assert page("alice", ANSWER) == page("nobody-has-it", ANSWER)


def test_trouble_is_counted_alike_for_names_that_are_nobodys(app: Flask, cast: Cast) -> None:
    due = []
    for name in ("alice", "nobody-has-it"):
        guest = Guest(app)
        for _ in range(3):
            guest.tries(None, name=name, password="wrong")
        due.append(guest.tries(None, name=name, password="wrong"))

    assert due == [False, False]


def test_no_password_is_hashed_before_the_page_code_was_right(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr("portal.accounts.passwords.check_password", lambda *_: hashed.append("hashed"))

    Guest(site).tries("WRONG")

    assert hashed == []


def test_guessing_page_codes_makes_the_address_wait(site: Flask) -> None:
    guest = Guest(site)

    statuses = [
        guest.client.post(
            "/sign-in",
            data={"csrf_token": guest.token, "username": "alice", "password": PASSWORD, "captcha": "WRONG"},
            environ_base={"REMOTE_ADDR": ELSEWHERE},
        ).status_code
        for _ in range(12)
    ]

    assert statuses == [422] * 10 + [429] * 2


def test_click_draws_another_code_and_voids_the_one_before(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = Guest(site)
    monkeypatch.setitem(site.config, "TEST_CAPTCHA", "KATE4")

    answer = guest.client.get("/captcha/sign_in.png")

    assert answer.content_type == "image/png"
    assert Image.open(BytesIO(answer.data)).size == (drawing.WIDTH, drawing.HEIGHT)
    assert guest.tries(ANSWER) is False


def test_sound_has_a_code_of_its_own(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    spoken: list[str] = []
    real = drawing.speak
    monkeypatch.setattr(drawing, "speak", lambda code: spoken.append(code) or real(code))
    client = app.test_client()

    answer = client.get("/captcha/sign_in.wav")

    assert answer.content_type == "audio/wav"
    assert answer.data[:4] == b"RIFF"
    with client:
        client.get("/captcha/keys.png")
        assert is_right(asking.holder("sign_in"), spoken[0])


def test_answer_stands_neither_in_the_cookie_nor_in_the_table_nor_in_the_page(site: Flask) -> None:
    guest = Guest(site)
    cookie = guest.client.get_cookie("portal_session")
    assert cookie is not None
    payload = cookie.value.removeprefix("v.").split(".")[0]
    with platform_session() as opened:
        rows = [(row.holder, row.answer_hash) for row in opened.scalars(select(CaptchaChallenge))]

    assert ANSWER not in guest.page
    assert ANSWER.encode() not in b64decode(payload + "===", altchars=b"-_")
    assert len(rows) == 1
    assert all(re.fullmatch(r"[0-9a-f]{64}", text) for row in rows for text in row)


def test_codes_of_the_alphabet_have_no_look_alikes() -> None:
    codes = "".join(rules.new_drawn_code() for _ in range(400))

    assert set(codes) == set(rules.LETTERS)
    assert not set(rules.LETTERS) & set("01258BCGILMNOQSUVWXZ")
    assert {len(rules.new_drawn_code()), len(rules.new_spoken_code())} == {5, 6}


class TestTable:
    """On both databases."""

    MINE, OTHERS = Holder("mine", "keys"), Holder("others", "keys")

    def test_code_is_right_once(self, database: Database) -> None:
        pose(self.MINE, "KATE4")

        assert [is_right(self.MINE, "kate4"), is_right(self.MINE, "kate4")] == [True, False]

    def test_wrong_answer_uses_it_up(self, database: Database) -> None:
        pose(self.MINE, "KATE4")

        assert [is_right(self.MINE, "KATE3"), is_right(self.MINE, "KATE4")] == [False, False]

    def test_newest_code_counts(self, database: Database) -> None:
        pose(self.MINE, "KATE4")
        pose(self.MINE, "JAKE7")

        assert is_right(self.MINE, "KATE4") is False
        pose(self.MINE, "JAKE7")
        assert is_right(self.MINE, "JAKE7") is True

    def test_code_is_its_holders(self, database: Database) -> None:
        pose(self.MINE, "KATE4")

        assert is_right(self.OTHERS, "KATE4") is False
        assert is_right(Holder("mine", "acls"), "KATE4") is False
        assert is_right(self.MINE, "KATE4") is True

    def test_row_moved_to_another_holder_answers_nothing(self, database: Database) -> None:
        pose(self.OTHERS, "KATE4")
        with platform_session(writes=True) as opened:
            row = opened.scalars(select(CaptchaChallenge)).one()
            row.holder = self.MINE.hashed
            opened.commit()

        assert is_right(self.MINE, "KATE4") is False

    def test_expired_rows_are_swept_by_the_next_code(self, database: Database) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            pose(self.OTHERS, "KATE4")
            traveller.shift(timedelta(seconds=121))
            pose(self.MINE, "KATE4")
            with platform_session() as opened:
                holders = opened.scalars(select(CaptchaChallenge.holder)).all()

        assert holders == [vault().fingerprint("mine", "captcha holder")]


def test_wrong_page_code_is_recorded(site: Flask) -> None:
    guest = Guest(site)

    assert not guest.tries("WRONG")

    with system_session(reason="test") as opened:
        failed = select(AuditRecord).where(AuditRecord.event == "account.captcha_failed")
        rows = opened.scalars(failed).all()
    assert [(row.outcome, row.details["module"]) for row in rows] == [("failed", "sign_in")]


def test_drawings_of_one_address_are_limited(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "DRAWINGS", attempts.Limit(failures=5))
    client, elsewhere = site.test_client(), {"REMOTE_ADDR": ELSEWHERE}

    answers = [client.get("/captcha/sign_in.png").status_code for _ in range(7)]
    spoken = client.get("/captcha/sign_in.wav").status_code
    other = client.get("/captcha/sign_in.png", environ_overrides=elsewhere).status_code

    assert (answers, spoken, other) == ([200] * 5 + [429] * 2, 429, 200)
