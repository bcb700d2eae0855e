"""One-time codes used twice, names guessed, tokens planted: at the form of the sign-in, as a stranger sends it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts import passwords
from portal.accounts.commands import factors
from portal.accounts.commands.users import disable_user
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session
from tests.accounts.test_recovery import make_for
from tests.accounts.test_sign_in_views import cookie, sign_in, submit, token_of
from tests.attacks.log import newest, recorded
from tests.world.cast import PASSWORD, Cast, code_now

AT_ONCE = 20
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


def half_way(app: Flask, cast: Cast) -> FlaskClient:
    """A browser in which the password was right."""
    client = app.test_client()
    assert submit(client, "/sign-in", username=cast.yunqi.admin.username, password=PASSWORD).status_code == 302
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


class TestCode:
    @pytest.mark.parametrize(
        ("steps", "written"),
        [(0, "{}"), (-1, "{}"), (0, " {} "), (0, "wide")],
        ids=["the same code", "the code before", "with blanks", "in full-width digits"],
    )
    def test_overheard_code_signs_nobody_else_in(self, app: Flask, cast: Cast, steps: int, written: str) -> None:
        owner, thief = half_way(app, cast), half_way(app, cast)
        submit(owner, "/sign-in/code", code=code_now())
        code, before = code_now(steps), newest()
        typed = code.translate(FULL_WIDTH) if written == "wide" else written.format(code)

        answer = submit(thief, "/sign-in/code", code=typed)

        assert (answer.status_code, is_in(owner), is_in(thief)) == (401, True, False)
        assert recorded("failed", since=before) == ["account.sign_in_failed"]
        assert recorded("done", since=before) == []

    def test_overheard_code_opens_no_door(self, app: Flask, cast: Cast) -> None:
        """The code with which somebody signed in is no fresh proof at a module's door."""
        client = app.test_client()
        code = code_now()
        page = client.get("/sign-in")
        client.post(
            "/sign-in",
            data={"csrf_token": token_of(page), "username": "appadmin", "password": PASSWORD, "code": code},
        )
        assert is_in(client)
        shut = client.get("/step-up/module_policy")

        answer = client.post(
            "/step-up/module_policy",
            data={"csrf_token": token_of(shut), "step_up": "1", "step_up_code": code, "step_up_captcha": "x"},
        )

        assert answer.status_code in {401, 403, 422}
        assert client.get("/admin/modules").status_code == 303

    def test_of_twenty_uses_of_one_code_at_once_one_signs_in(
        self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(passwords, "check_password", lambda *_: passwords.Checked(right=True))
        assert _all_at_once(app, cast).count(True) == 1

    def test_code_that_is_not_remembered_would_be_seen(
        self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The fault planted: every step is new."""
        monkeypatch.setattr(passwords, "check_password", lambda *_: passwords.Checked(right=True))
        monkeypatch.setattr(factors, "use_step", lambda *_: True)

        assert _all_at_once(app, cast).count(True) > 1


def _all_at_once(app: Flask, cast: Cast) -> list[bool]:
    clients = [half_way(app, cast) for _ in range(AT_ONCE)]
    tokens = [token_of(client.get("/sign-in/code")) for client in clients]
    code = code_now()

    def use(number: int) -> None:
        clients[number].post("/sign-in/code", data={"csrf_token": tokens[number], "code": code})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(AT_ONCE)))
    return [is_in(client) for client in clients]


class TestNames:
    """Whether there is such a user name can be read off neither the text, nor the status, nor the work that was done."""

    CASES = ("nobody", "alice", "reviewer", "newcomer")  # nobody's, wrong password, disabled, never set up

    def test_failures_are_alike(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = _failures(app, cast, monkeypatch)

        assert set(answers.values()) == {answers["nobody"]}

    def test_answer_that_tells_would_be_seen(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault planted: for a name that is nobody's no hash is taken."""
        check = passwords.check_password

        def lazy(stored: str | None, typed: str) -> passwords.Checked:
            return check(stored, typed) if stored else passwords.Checked(right=False)

        monkeypatch.setattr(passwords, "check_password", lazy)
        answers = _failures(app, cast, monkeypatch)

        assert answers["nobody"] != answers["alice"]


def _failures(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, str, int]]:
    """For each name the status, the page but for the name and the tokens, and how many hashes were taken."""
    hashes: list[str] = []
    matches = passwords._matches  # noqa: SLF001 - where every comparison of a password passes
    monkeypatch.setattr(passwords, "_matches", lambda stored, typed: hashes.append(stored) or matches(stored, typed))
    with platform_session(writes=True) as session:
        disable_user(Context(session, COMMAND_LINE), cast.reviewer.id)
        commit(session)
    answers = {}
    for name in TestNames.CASES:
        client = app.test_client()
        token = token_of(client.get("/sign-in"))
        taken = len(hashes)
        answer = client.post("/sign-in", data={"csrf_token": token, "username": name, "password": "wrong"})
        page = answer.text.replace(name, "?").replace(
            token_of(answer), "?"
        )  # its token names the second in which it was made
        answers[name] = (answer.status_code, page, len(hashes) - taken)
    return answers


class TestFixation:
    PLANTED = "s.a-token-that-the-stranger-knows"

    def test_token_that_a_stranger_chose_is_not_taken_over(self, app: Flask, cast: Cast) -> None:
        assert self._both_in(app, cast) == (True, False)

    def test_note_of_a_stranger_is_worth_nothing_afterwards(self, app: Flask, cast: Cast) -> None:
        stranger, victim = app.test_client(), app.test_client()
        stranger.get("/sign-in")
        victim.set_cookie("portal_session", cookie(stranger))

        sign_in(victim, cast.yunqi.admin)

        assert (is_in(victim), is_in(stranger)) == (True, False)

    def test_half_way_cookie_is_worth_nothing_afterwards(self, app: Flask, cast: Cast) -> None:
        victim, stranger = half_way(app, cast), app.test_client()
        stranger.set_cookie("portal_session", cookie(victim))

        submit(victim, "/sign-in/code", code=code_now())

        assert (is_in(victim), is_in(stranger)) == (True, False)

    def test_token_taken_over_would_be_seen(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault planted: the new session takes the token that the browser brought along."""
        monkeypatch.setattr("portal.accounts.commands.sessions.new_token", lambda: self.PLANTED[2:])

        assert self._both_in(app, cast) == (True, True)

    def _both_in(self, app: Flask, cast: Cast) -> tuple[bool, bool]:
        victim, stranger = app.test_client(), app.test_client()
        for each in (victim, stranger):
            each.set_cookie("portal_session", self.PLANTED)
        sign_in(victim, cast.yunqi.admin)
        return is_in(victim), is_in(stranger)


def test_recovery_code_that_is_not_used_up_would_be_seen(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a recovery code is taken and not crossed out; what it is refused by, `tests/accounts/test_recovery.py` says."""
    code = make_for(cast.yunqi.admin)[0]
    owner, thief = half_way(app, cast), half_way(app, cast)
    monkeypatch.setattr(factors, "_use_recovery", lambda *_: True)

    for client in (owner, thief):
        submit(client, "/sign-in/code", recovery=code)

    assert (is_in(owner), is_in(thief)) == (True, True)
