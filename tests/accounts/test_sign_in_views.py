"""Signing in through the form, as a person and as a script do it; choosing a tenant; signing out."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.commands.users import disable_user
from portal.accounts.models import UserSession
from portal.audit.models import AuditRecord
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session, system_session
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person, code_now, join, open_session

WRONG = "用户名或密码不对。"


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def submit(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """What a browser does: fetch the page, fill in the form, send it with the page's token."""
    return client.post(path, data={"csrf_token": token_of(client.get(path)), **fields})


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("portal_session")
    assert found is not None
    return found.value


def sign_in(client: FlaskClient, person: Person, path: str = "/sign-in") -> TestResponse:
    return submit(client, path, username=person.username, password=PASSWORD, code=code_now())


def test_member_signs_in_with_password_then_code(cast: Cast, client: FlaskClient) -> None:
    first = submit(client, "/sign-in", username="alice", password=PASSWORD)
    second = submit(client, first.location, code=code_now())

    assert (first.status_code, first.location) == (302, "/sign-in/code")
    assert (second.status_code, second.location) == (302, cast.yunqi.path)
    assert client.get("/account").status_code == 200


def test_script_signs_in_with_one_post(cast: Cast, client: FlaskClient) -> None:
    answer = sign_in(client, cast.yunqi.admin)

    assert (answer.status_code, answer.location) == (302, cast.yunqi.path)
    assert client.get("/account").status_code == 200


def test_staff_are_led_to_their_dashboard(cast: Cast, client: FlaskClient) -> None:
    answer = sign_in(client, cast.reviewer)

    assert answer.location == "/center"


def test_token_changes_with_every_step(cast: Cast, client: FlaskClient) -> None:
    client.get("/sign-in")
    visitor = cookie(client)
    submit(client, "/sign-in", username="alice", password=PASSWORD)
    half = cookie(client)
    submit(client, "/sign-in/code", code=code_now())
    full = cookie(client)

    assert len({visitor, half, full}) == 3
    client.set_cookie("portal_session", half)
    assert client.get("/account").status_code == 302


def test_token_that_a_stranger_planted_is_not_taken_over(cast: Cast, client: FlaskClient) -> None:
    client.set_cookie("portal_session", "s.planted")

    sign_in(client, cast.yunqi.admin)

    assert cookie(client) != "s.planted"


def test_cookie_is_kept_from_scripts_and_other_sites(cast: Cast, client: FlaskClient) -> None:
    answer = sign_in(client, cast.yunqi.admin)

    parts = {part.strip() for part in answer.headers["Set-Cookie"].split(";")[1:]}
    assert parts == {"HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.parametrize(
    ("username", "password"), [("nobody", PASSWORD), ("alice", "wrong"), ("disabled", PASSWORD)], ids=str
)
def test_failures_answer_alike(cast: Cast, client: FlaskClient, username: str, password: str) -> None:
    if username == "disabled":
        username = cast.reviewer.username
        with platform_session(writes=True) as session:
            disable_user(Context(session, COMMAND_LINE), cast.reviewer.id)
            commit(session)

    answer = submit(client, "/sign-in", username=username, password=password)

    assert answer.status_code == 401
    assert re.findall(r'role="alert".*?<span class="grow">(.*?)</span>', answer.text) == [WRONG]


def test_typed_name_stays_and_typed_password_does_not(cast: Cast, client: FlaskClient) -> None:
    answer = submit(client, "/sign-in", username="alice", password="a-secret-word")

    assert 'value="alice"' in answer.text
    assert "a-secret-word" not in answer.text


def test_empty_form_is_no_attempt(cast: Cast, client: FlaskClient) -> None:
    answer = submit(client, "/sign-in", username="", password="")

    assert answer.status_code == 422
    assert failures() == 0


def test_wrong_code_stays_at_the_code(cast: Cast, client: FlaskClient) -> None:
    submit(client, "/sign-in", username="alice", password=PASSWORD)

    answer = submit(client, "/sign-in/code", code="not a code")

    assert answer.status_code == 401
    assert client.get("/account").status_code == 302


def test_full_width_code_with_a_space_is_taken(cast: Cast, client: FlaskClient) -> None:
    submit(client, "/sign-in", username="alice", password=PASSWORD)
    code = code_now()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in f"{code[:3]}") + " " + code[3:]

    answer = submit(client, "/sign-in/code", code=wide)

    assert answer.status_code == 302


def test_eleventh_try_has_to_wait_though_every_page_code_was_solved(
    cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client.application.config, "TEST_CAPTCHA", "MOON7")
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    typed = {"csrf_token": token_of(client.get("/sign-in")), "username": "alice", "captcha": "MOON7"}
    for _ in range(10):
        client.post("/sign-in", data={**typed, "password": "wrong"}, environ_base=stranger)

    answer = client.post("/sign-in", data={**typed, "password": PASSWORD}, environ_base=stranger)

    assert answer.status_code == 429
    assert failures() == 11


def test_page_code_nobody_saw_is_asked_for_and_not_called_wrong(cast: Cast, client: FlaskClient) -> None:
    typed = {"csrf_token": token_of(client.get("/sign-in")), "username": "alice", "password": "wrong"}
    for _ in range(3):
        client.post("/sign-in", data=typed)

    page = client.post("/sign-in", data={**typed, "password": PASSWORD}).text

    assert "请再输入下面的校验码" in page
    assert "校验码不对" not in page


def test_code_page_is_for_those_whose_password_was_right(cast: Cast, client: FlaskClient) -> None:
    answer = client.get("/sign-in/code")

    assert (answer.status_code, answer.location) == (302, "/sign-in")


def test_half_signed_in_browser_may_nothing_else(cast: Cast, client: FlaskClient) -> None:
    submit(client, "/sign-in", username="alice", password=PASSWORD)

    for path in ("/account", "/choose", "/session/status", f"{cast.yunqi.path}/members"):
        assert client.get(path).location.startswith("/sign-in?next="), path


def test_form_without_token_is_refused(cast: Cast, client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"username": "alice", "password": PASSWORD})

    assert answer.status_code == 400


def test_signed_in_browser_needs_no_sign_in_page(cast: Cast, app: Flask) -> None:
    answer = Browser(app, cast.yunqi.admin).get("/sign-in")

    assert (answer.status_code, answer.location) == (302, "/")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_sign_in_takes_no_other_method(cast: Cast, client: FlaskClient, method: str) -> None:
    assert getattr(client, method)("/sign-in").status_code in {400, 405}


class TestNext:
    def test_own_page_asked_for_first_is_reached(self, cast: Cast, client: FlaskClient) -> None:
        wanted = f"{cast.yunqi.path}/members?role=tenant_editor"
        asked = client.get(wanted)

        answer = sign_in(client, cast.yunqi.admin, asked.location)

        assert answer.location == wanted

    @pytest.mark.parametrize(
        "wanted",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "javascript:alert(1)",
            "/no/such/page",
            "/admin/audit",
            "/sign-out",
            "/static/icons.svg",
        ],
    )
    def test_other_addresses_are_not_followed(self, cast: Cast, client: FlaskClient, wanted: str) -> None:
        answer = sign_in(client, cast.yunqi.admin, f"/sign-in?next={wanted}")

        assert answer.location == cast.yunqi.path

    def test_another_tenants_page_is_not_followed(self, cast: Cast, client: FlaskClient) -> None:
        answer = sign_in(client, cast.yunqi.admin, f"/sign-in?next={cast.jiangzhou.path}/members")

        assert answer.location == cast.yunqi.path


class TestChoice:
    @pytest.fixture
    def both(self, cast: Cast) -> Person:
        join(cast.yunqi.editor, cast.jiangzhou)
        return cast.yunqi.editor

    def test_member_of_two_chooses_after_the_code(self, cast: Cast, both: Person, client: FlaskClient) -> None:
        first = sign_in(client, both)
        second = submit(client, first.location, enterprise_id=cast.jiangzhou.tenant.enterprise_id)

        assert first.location == "/choose"
        assert second.location == cast.jiangzhou.path

    def test_before_the_choice_nothing_else_is_open(self, cast: Cast, both: Person, client: FlaskClient) -> None:
        sign_in(client, both)

        assert client.get("/account").status_code == 302
        assert client.get("/sign-in/code").status_code == 302

    def test_wanted_page_chooses_its_tenant(self, cast: Cast, both: Person, client: FlaskClient) -> None:
        answer = sign_in(client, both, f"/sign-in?next={cast.jiangzhou.path}")

        assert answer.location == cast.jiangzhou.path

    def test_later_choice_is_a_new_session(self, cast: Cast, both: Person, app: Flask) -> None:
        browser = Browser(app, both)
        before = cookie(browser.client)

        answer = browser.post("/choose", {"enterprise_id": cast.jiangzhou.tenant.enterprise_id})

        assert answer.location == cast.jiangzhou.path
        assert cookie(browser.client) != before
        browser.client.set_cookie("portal_session", before)
        assert browser.get("/account").status_code == 302

    def test_session_of_one_tenant_does_not_see_the_other(self, cast: Cast, both: Person, app: Flask) -> None:
        browser = Browser(app, both)

        assert browser.get(cast.jiangzhou.path).status_code == 404

    def test_menu_leads_to_the_choice_where_there_is_one(self, cast: Cast, both: Person, app: Flask) -> None:
        assert 'href="/choose"' in Browser(app, both).get("/account").text
        assert 'href="/choose"' not in Browser(app, cast.yunqi.admin).get("/account").text

    def test_strange_tenant_is_not_found(self, cast: Cast, both: Person, app: Flask) -> None:
        stranger = cast.stranger.tenant
        assert stranger is not None

        for enterprise_id in (stranger.enterprise_id, "999999999999", "", "x"):
            assert Browser(app, both).post("/choose", {"enterprise_id": enterprise_id}).status_code == 404

    def test_staff_have_nothing_to_choose(self, cast: Cast, app: Flask) -> None:
        assert Browser(app, cast.reviewer).get("/choose").status_code == 404


class TestSignOut:
    def test_session_is_over_and_the_cookie_gone(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.admin)
        token = cookie(browser.client)

        answer = browser.post("/sign-out")

        assert (answer.status_code, answer.location) == (302, "/sign-in")
        browser.client.set_cookie("portal_session", token)
        assert browser.get("/account").status_code == 302
        assert events("account.signed_out") == [("alice", cast.yunqi.tenant.id)]

    def test_other_sessions_stay(self, cast: Cast, app: Flask) -> None:
        other = Browser(app, cast.yunqi.admin)

        Browser(app, cast.yunqi.admin).post("/sign-out")

        assert other.get("/account").status_code == 200

    def test_needs_somebody_a_token_and_the_right_method(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        browser = Browser(app, cast.yunqi.admin)

        assert browser.client.post("/sign-out").status_code == 400
        assert browser.get("/sign-out").status_code == 405


def events(name: str) -> list[tuple[str, str | None]]:
    with system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == name))
        return [(row.actor_username, row.tenant_id) for row in rows]


def failures() -> int:
    return len(events("account.sign_in_failed"))


def test_session_remembers_where_it_was_opened(cast: Cast, client: FlaskClient) -> None:
    token = token_of(client.get("/sign-in"))
    data = {"csrf_token": token, "username": "alice", "password": PASSWORD, "code": code_now()}
    client.post("/sign-in", data=data, headers={"User-Agent": "A" * 500}, environ_base={"REMOTE_ADDR": "203.0.113.9"})

    with platform_session() as session:
        row = session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
    assert row is not None
    assert (row.address, row.user_agent) == ("203.0.113.9", "A" * 300)


def test_open_session_of_the_cast_is_a_real_one(cast: Cast, client: FlaskClient) -> None:
    client.set_cookie("portal_session", f"s.{open_session(cast.auditor)}")

    assert client.get("/account").status_code == 200


def test_password_is_hidden_until_one_wants_to_see_it_and_managers_may_fill_it_in(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    [field] = re.findall(r'<input[^>]*name="password"[^>]*>', page)

    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert "onpaste" not in page
    assert 'data-module="reveal"' in page
