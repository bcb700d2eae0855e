"""Passkeys through the forms, as a browser with a device would send them, and as an attacker would."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts import passkeys
from portal.accounts.commands import passkeys as commands
from portal.accounts.models import Passkey, UserSession
from portal.accounts.passkeys import to_base64url
from portal.accounts.queries import find_user
from portal.audit.models import AuditRecord
from portal.core.database import platform_session, system_session
from tests.accounts.test_sign_in_views import submit, token_of
from tests.world.authenticator import Authenticator, give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person, code_now

REFUSED = "通行密钥没有通过验证，请再试一次，或换一种方式登录。"


def send_new(browser: Browser, device: Authenticator, name: str = "办公室电脑") -> TestResponse:
    options = browser.post("/account/passkeys/options", {"current": PASSWORD})
    assert options.status_code == 200
    return browser.post("/account/passkeys", {"credential": device.enrol(options.get_json()), "name": name})


def options_of(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/sign-in/passkey/options").get_json())


def send_proof(client: FlaskClient, proof: str) -> TestResponse:
    token = token_of(client.get("/sign-in"))
    return client.post("/sign-in/passkey", data={"csrf_token": token, "credential": proof})


def sign_in(client: FlaskClient, device: Authenticator) -> TestResponse:
    return send_proof(client, device.prove(options_of(client)))


def failures() -> list[str]:
    with system_session(reason="test") as session:
        found = select(AuditRecord).where(AuditRecord.event == "account.sign_in_failed").order_by(AuditRecord.seq)
        return [row.details["reason"] for row in session.scalars(found)]


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


class TestSignIn:
    def test_passkey_alone_signs_in_at_level_three(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)

        answer = sign_in(client, device)

        assert (answer.status_code, answer.location) == (302, "/center")
        with platform_session() as session:
            newest = session.scalars(select(UserSession).order_by(UserSession.created_at.desc())).first()
        assert newest is not None
        assert (newest.auth_level, newest.auth_method) == (3, "passkey")

    def test_after_the_password_it_is_the_second_step(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)
        half = submit(client, "/sign-in", username="reviewer", password=PASSWORD)
        assert half.location == "/sign-in/code"
        page = client.get("/sign-in/code")

        proof = device.prove(options_of(client))
        answer = client.post("/sign-in/passkey", data={"csrf_token": token_of(page), "credential": proof})

        assert answer.location == "/center"
        assert recorded_method() == "password+passkey"

    def test_second_step_asks_for_the_own_passkeys_only(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)
        give_passkey(cast.operator)
        submit(client, "/sign-in", username="reviewer", password=PASSWORD)

        allowed = options_of(client)["allowCredentials"]

        assert [each["id"] for each in allowed] == [to_base64url(device.credential_id)]

    def test_visitor_is_not_told_who_has_passkeys(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        give_passkey(cast.reviewer)

        assert options_of(client)["allowCredentials"] == []

    def test_member_of_two_tenants_is_led_to_the_choice(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        from tests.world.cast import join

        device = give_passkey(cast.yunqi.editor)
        join(cast.yunqi.editor, cast.jiangzhou)

        answer = sign_in(client, device)

        assert answer.location == "/choose"
        enterprise = cast.jiangzhou.tenant.enterprise_id
        chosen = submit(client, "/choose", enterprise_id=enterprise)
        assert chosen.location == f"/e/{enterprise}"
        with platform_session() as session:
            newest = session.scalars(select(UserSession).order_by(UserSession.created_at.desc())).first()
        assert newest is not None
        assert (newest.auth_level, newest.auth_method) == (3, "passkey")


class TestAttacks:
    def test_answer_is_good_once(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)
        client.get("/sign-in")
        proof = device.prove(options_of(client))
        visitor = client.get_cookie("portal_session")
        assert send_proof(client, proof).status_code == 302
        assert visitor is not None
        client.set_cookie("portal_session", visitor.value)

        again = send_proof(client, proof)

        assert again.status_code == 401
        assert not is_signed_in(client)
        assert failures() == ["spent_challenge"]

    def test_answer_to_another_browsers_challenge_is_refused(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device, other = give_passkey(cast.reviewer), app.test_client()

        answer = send_proof(client, device.prove(options_of(other)))

        assert answer.status_code == 401
        assert failures() == ["spent_challenge"]

    def test_challenge_of_an_enrolment_signs_nobody_in(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device, browser = give_passkey(cast.reviewer), Browser(app, cast.operator)
        options = browser.post("/account/passkeys/options", {"current": PASSWORD}).get_json()

        assert send_proof(client, device.prove(options)).status_code == 401

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda device: setattr(device, "origin", "https://portal.example.com"),
            lambda device: setattr(device, "rp_id", "example.com"),
            lambda device: setattr(device, "verified", False),
            lambda device: setattr(device, "key", Authenticator().key),
        ],
        ids=["origin", "rp_id", "person not verified", "another key"],
    )
    def test_wrong_answer_is_refused(
        self, cast: Cast, app: Flask, client: FlaskClient, spoil: Callable[[Authenticator], None]
    ) -> None:
        device = give_passkey(cast.reviewer)
        spoil(device)

        answer = sign_in(client, device)

        assert answer.status_code == 401
        assert REFUSED in answer.text
        assert not is_signed_in(client)
        assert failures() == ["wrong_passkey"]

    def test_unknown_passkey_is_refused_alike(self, cast: Cast, client: FlaskClient) -> None:
        answer = sign_in(client, Authenticator())

        assert answer.status_code == 401
        assert REFUSED in answer.text
        assert failures() == ["foreign_passkey"]

    def test_somebody_elses_passkey_is_no_second_factor(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        thief = give_passkey(cast.operator)
        submit(client, "/sign-in", username="reviewer", password=PASSWORD)
        page = client.get("/sign-in/code")

        proof = thief.prove(options_of(client))
        answer = client.post("/sign-in/passkey", data={"csrf_token": token_of(page), "credential": proof})

        assert answer.status_code == 401
        assert not is_signed_in(client)
        assert failures() == ["foreign_passkey"]

    def test_passkey_that_names_another_owner_is_refused(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)
        device.user_handle = passkeys.user_handle(cast.operator.id)

        assert sign_in(client, device).status_code == 401
        assert failures() == ["foreign_passkey"]

    def test_counter_that_falls_back_is_refused_and_shown(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)
        sign_in(app.test_client(), device)
        sign_in(app.test_client(), device)
        device.count -= 1

        answer = sign_in(client, device)

        assert answer.status_code == 401
        assert "可能被人复制过" in answer.text
        assert failures() == ["passkey_fell_back"]
        assert "account.passkey_fell_back" in events()
        assert "使用次数倒退" in Browser(app, cast.reviewer).get("/account").text

    def test_authenticator_that_does_not_count_passes(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer, Authenticator(counts=False))

        assert [sign_in(app.test_client(), device).status_code for _ in range(2)] == [302, 302]

    def test_disabled_account_stays_out(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device = give_passkey(cast.reviewer)
        Browser(app, cast.security_admin).post(f"/admin/users/{cast.reviewer.id}/disable")

        assert sign_in(client, device).status_code == 401
        assert failures() == ["disabled"]

    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "{}",
            "null",
            "[]",
            "[" * 15_000,
            '{"id":"a","rawId":"a","type":"public-key","response":{}}',
            "\0",
            "{" * 2,
        ],
        ids=["empty", "object", "null", "list", "deep", "no answer", "nul", "broken"],
    )
    def test_nonsense_is_refused(self, cast: Cast, client: FlaskClient, raw: str) -> None:
        assert send_proof(client, raw).status_code == 401

    def test_spoilt_parts_are_refused(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device, answers = give_passkey(cast.reviewer), set()
        for part in ("clientDataJSON", "authenticatorData", "signature"):
            for value in ("", "AA", "!!!", 5, None, "e30"):
                proof = json.loads(device.prove(options_of(client)))
                proof["response"][part] = value
                answers.add(send_proof(app.test_client(), json.dumps(proof)).status_code)

        assert answers == {401}

    def test_planted_fault_is_found(self, cast: Cast, app: Flask, client: FlaskClient, monkeypatch: Any) -> None:
        """Without the check of the challenge a replay would sign in: the tests above can fail."""
        device = give_passkey(cast.reviewer, Authenticator(counts=False))
        proof = device.prove(options_of(client))
        monkeypatch.setattr("portal.accounts.challenges.spend", lambda *_: None)

        assert [send_proof(app.test_client(), proof).status_code for _ in range(2)] == [302, 302]


class TestOwnPasskeys:
    def test_several_are_listed_with_their_names(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)
        assert [send_new(browser, Authenticator(), name).status_code for name in ("办公室电脑", "")] == [302, 302]

        page = browser.get("/account").text

        assert "办公室电脑" in page
        assert "通行密钥 2" in page

    def test_wrong_password_gets_no_options(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)

        answer = browser.post("/account/passkeys/options", {"current": "wrong"}, headers={"Accept": "application/json"})

        assert (answer.status_code, answer.get_json()["detail"]) == (422, "现在的密码不对。")

    def test_enrolment_ends_sessions_elsewhere(self, cast: Cast, app: Flask) -> None:
        elsewhere, here = Browser(app, cast.reviewer), Browser(app, cast.reviewer)

        send_new(here, Authenticator())

        assert (here.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 302)

    @pytest.mark.parametrize(
        "device",
        [
            Authenticator(origin="https://evil.example"),
            Authenticator(rp_id="evil.example"),
            Authenticator(verified=False),
        ],
        ids=["origin", "rp_id", "person not verified"],
    )
    def test_wrong_passkey_is_not_enrolled(self, cast: Cast, app: Flask, device: Authenticator) -> None:
        answer = send_new(Browser(app, cast.reviewer), device)

        assert answer.status_code == 422
        assert held(cast.reviewer) == []

    def test_challenge_of_a_sign_in_enrols_nothing(self, cast: Cast, app: Flask) -> None:
        """It was not issued to somebody who has just typed the password."""
        browser, device = Browser(app, cast.reviewer), Authenticator()
        options = browser.post("/account/passkeys/options", {"current": PASSWORD}).get_json()
        options["challenge"] = browser.get("/sign-in/passkey/options").get_json()["challenge"]

        answer = browser.post("/account/passkeys", {"credential": device.enrol(options), "name": ""})

        assert answer.status_code == 422
        assert held(cast.reviewer) == []

    def test_challenge_of_another_person_enrols_nothing(self, cast: Cast, app: Flask) -> None:
        reviewer, operator = Browser(app, cast.reviewer), Browser(app, cast.operator)
        options = operator.post("/account/passkeys/options", {"current": PASSWORD}).get_json()

        answer = reviewer.post("/account/passkeys", {"credential": Authenticator().enrol(options), "name": ""})

        assert answer.status_code == 422

    def test_credential_belongs_to_one_person(self, cast: Cast, app: Flask) -> None:
        device = give_passkey(cast.reviewer)

        answer = send_new(Browser(app, cast.operator), device)

        assert answer.status_code == 422
        assert held(cast.operator) == []

    def test_there_is_an_end_to_how_many(self, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commands, "MOST_PASSKEYS", 1)
        give_passkey(cast.reviewer)

        assert send_new(Browser(app, cast.reviewer), Authenticator()).status_code == 422

    def test_name_can_be_changed(self, cast: Cast, app: Flask) -> None:
        give_passkey(cast.reviewer)
        browser = Browser(app, cast.reviewer)

        answers = [browser.post(own_path(cast.reviewer), {"name": name}).status_code for name in ("", "x" * 41, "蓝色")]

        assert answers == [422, 422, 302]
        assert held(cast.reviewer)[0].name == "蓝色"

    def test_removed_passkey_signs_nobody_in(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device, browser = give_passkey(cast.reviewer), Browser(app, cast.reviewer)
        wrong = browser.post(f"{own_path(cast.reviewer)}/remove", {"current": "wrong"})
        assert (wrong.status_code, len(held(cast.reviewer))) == (422, 1)

        browser.post(f"{own_path(cast.reviewer)}/remove", {"current": PASSWORD})

        assert sign_in(client, device).status_code == 401

    def test_somebody_elses_is_no_such_page(self, cast: Cast, app: Flask) -> None:
        give_passkey(cast.reviewer)
        stranger, path = Browser(app, cast.operator), own_path(cast.reviewer)

        answers = [
            stranger.get(path),
            stranger.post(path, {"name": "meins"}),
            stranger.post(f"{path}/remove", {"current": PASSWORD}),
        ]

        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert held(cast.reviewer)[0].name == "办公室电脑"

    def test_every_step_is_recorded(self, cast: Cast, app: Flask) -> None:
        send_new(Browser(app, cast.reviewer), Authenticator())
        browser = Browser(app, cast.reviewer)
        browser.post(own_path(cast.reviewer), {"name": "蓝色"})
        browser.post(f"{own_path(cast.reviewer)}/remove", {"current": PASSWORD})

        mine = [event for event in events() if "passkey" in event]
        assert mine == ["account.passkey_enrolled", "account.passkey_renamed", "account.passkey_removed"]


def own_path(person: Person) -> str:
    return f"/account/passkeys/{held(person)[0].id}"


def held(person: Person) -> list[Passkey]:
    with platform_session() as session:
        return list(session.scalars(select(Passkey).where(Passkey.user_id == person.id)))


def events() -> list[str]:
    with system_session(reason="test") as session:
        return list(session.scalars(select(AuditRecord.event).order_by(AuditRecord.seq)))


def recorded_method() -> str:
    with system_session(reason="test") as session:
        found = select(AuditRecord).where(AuditRecord.event == "account.signed_in").order_by(AuditRecord.seq.desc())
        newest = session.scalars(found).first()
    assert newest is not None
    return str(newest.details["method"])


def test_code_still_signs_in_somebody_with_a_passkey(cast: Cast, app: Flask, client: FlaskClient) -> None:
    give_passkey(cast.reviewer)
    submit(client, "/sign-in", username="reviewer", password=PASSWORD)

    assert submit(client, "/sign-in/code", code=code_now()).location == "/center"


class TestWelcome:
    """A one-time link of somebody who needs level 3 sets up a passkey and nothing weaker."""

    NEW = "a new and rather long password"

    def link(self, cast: Cast, app: Flask) -> str:
        admin = Browser(app, cast.security_admin)
        new = {"username": "fresh", "display_name": "新人", "role": "center_operator"}
        assert admin.post("/admin/users/new", new).status_code == 200
        with platform_session() as session:
            user = find_user(session, "fresh")
        assert user is not None
        admin.post(f"/admin/users/{user.id}/level", {"required_level": "3"})
        page = admin.post(f"/admin/users/{user.id}/link")
        return f"/welcome/{page.text.partition('/welcome/')[2].partition(chr(34))[0]}"

    def options(self, client: FlaskClient, path: str, password: str) -> TestResponse:
        data = {"csrf_token": token_of(client.get(path)), "password": password}
        return client.post(f"{path}/options", data=data, headers={"Accept": "application/json"})

    def test_password_and_passkey_are_set_up(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        path, device = self.link(cast, app), Authenticator()
        options = self.options(client, path, self.NEW).get_json()

        data = {"csrf_token": token_of(client.get(path)), "password": self.NEW, "credential": device.enrol(options)}
        answer = client.post(path, data=data)

        assert answer.status_code == 302
        assert client.get("/center").status_code == 200
        assert sign_in(app.test_client(), device).status_code == 302
        assert client.get(path).status_code == 404

    def test_link_takes_no_one_time_code_instead(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        path = self.link(cast, app)

        data = {"csrf_token": token_of(client.get(path)), "password": self.NEW, "code": code_now(), "secret": ""}

        assert client.post(path, data=data).status_code == 422
        assert client.get("/account").status_code == 302

    def test_weak_password_gets_no_options(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        answer = self.options(client, self.link(cast, app), "short")

        assert (answer.status_code, answer.get_json()["detail"]) == (422, "密码至少 8 个字符，可以是一句话。")

    def test_challenge_of_another_link_enrols_nothing(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        path, other = self.link(cast, app), Browser(app, cast.reviewer)
        options = other.post("/account/passkeys/options", {"current": PASSWORD}).get_json()

        data = {"csrf_token": token_of(client.get(path)), "password": self.NEW}
        answer = client.post(path, data=data | {"credential": Authenticator().enrol(options)})

        assert answer.status_code == 422
