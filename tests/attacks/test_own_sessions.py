"""What is one's own and nobody else's: the list of where one is signed in, and the form that was sent too late."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.accounts import left_over
from portal.accounts.models import UserSession
from portal.core import clock
from portal.core.context import Context
from portal.core.ids import SessionId, new_id
from tests.accounts.test_again import CUSTOMER, customers, hidden, sign_in_again
from tests.accounts.test_ending import sessions_of
from tests.attacks.log import newest, recorded
from tests.world.browser import Browser
from tests.world.cast import Cast

RAN_OUT = timedelta(minutes=16)


def end(browser: Browser, session_id: str) -> int:
    return browser.post(f"/account/sessions/{session_id}/end").status_code


class TestSessions:
    def test_nobody_ends_anybody_elses(self, app: Flask, cast: Cast) -> None:
        """A colleague, a member of the same enterprise, one of another, the administrator from the own page: all find nothing there."""
        victims = [cast.yunqi.editor, cast.reviewer]
        browsers = {victim.username: Browser(app, victim) for victim in victims}
        others = [cast.yunqi.admin, cast.jiangzhou.editor, cast.second_reviewer, cast.security_admin]
        before = newest()

        answers = {
            (other.username, victim.username): (
                end(Browser(app, other), sessions_of(victim)[0]),
                end(Browser(app, other), new_id()),
            )
            for other in others
            for victim in victims
        }
        for other in others:
            Browser(app, other).post("/account/other-sessions/end")

        assert set(answers.values()) == {(404, 404)}
        assert [browser.get("/account").status_code for browser in browsers.values()] == [200, 200]
        ended = [event for event in recorded("done", since=before) if event == "account.session_ended"]
        assert len(ended) == len(others) * len(victims) * 2, "each ended the own ones of before alone"

    def test_ending_that_asks_not_whose_would_be_seen(
        self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The fault planted: a session is ended by its id alone."""

        def careless(ctx: Context, session_id: SessionId) -> None:
            from portal.access.checks import ask
            from portal.access.permissions import Permission
            from portal.audit.events import Event
            from portal.audit.log import record

            ask(ctx, Permission.SELF_MANAGE)
            ctx.session.get_one(UserSession, session_id).ended_at = clock.now()
            record(ctx, Event.SESSION_ENDED, reason="ended_by_owner")

        monkeypatch.setattr("portal.accounts.views.account.end_own_session", careless)
        victim = Browser(app, cast.reviewer)

        assert end(Browser(app, cast.second_reviewer), sessions_of(cast.reviewer)[0]) == 302
        assert victim.get("/account").status_code == 302


class TestLateForm:
    """What was typed comes back to whoever typed it, within an hour, and is worth nothing in other hands."""

    def steal(self, app: Flask, cast: Cast) -> tuple[int, bool]:
        """Somebody sends the operator's kept form in a browser of the own, signed in again as oneself; whether it is shown there."""
        with time_machine.travel(clock.now(), tick=False) as traveller:
            victim, thief = Browser(app, cast.operator), Browser(app, cast.second_reviewer)
            traveller.shift(RAN_OUT)
            kept = hidden(victim.post("/center/customers/new", CUSTOMER))["kept"]
            own = thief.post("/center/customers/new", {"name": "x"})
            stolen = sign_in_again(thief, own, cast.second_reviewer, kept=kept)
        return customers(), CUSTOMER["name"] in stolen.text

    def test_it_comes_back_to_its_owner(self, app: Flask, cast: Cast) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            browser = Browser(app, cast.operator)
            traveller.shift(RAN_OUT)
            refused = browser.post("/center/customers/new", CUSTOMER)
            resumed = sign_in_again(browser, refused, cast.operator)

        assert (refused.status_code, customers()) == (401, 0)
        assert {name: hidden(resumed)[name] for name in CUSTOMER} == CUSTOMER

    def test_it_opens_in_nobody_elses_browser(self, app: Flask, cast: Cast) -> None:
        assert self.steal(app, cast) == (0, False)

    def test_form_that_is_sealed_for_nobody_would_be_seen(
        self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The fault planted: whoever has the sealed form has the form."""
        monkeypatch.setattr(left_over, "_place", lambda _: "form of an ended session")

        assert self.steal(app, cast) == (0, True)

    def test_nobody_else_goes_on_in_the_same_browser(self, app: Flask, cast: Cast) -> None:
        assert self.take_over(app, cast) == (403, 302, 0)

    def test_page_that_asks_not_who_comes_back_would_be_seen(
        self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The fault planted: whoever signs in there goes on with the form."""
        monkeypatch.setattr("portal.accounts.views.again._check_owner", lambda *_: None)

        assert self.take_over(app, cast) == (200, 200, 0)

    def take_over(self, app: Flask, cast: Cast) -> tuple[int, int, int]:
        """Somebody else sits down at the operator's browser and signs in there."""
        with time_machine.travel(clock.now(), tick=False) as traveller:
            browser = Browser(app, cast.operator)
            traveller.shift(RAN_OUT)
            refused = browser.post("/center/customers/new", CUSTOMER)
            answer = sign_in_again(browser, refused, cast.second_reviewer)
            return answer.status_code, browser.get("/account").status_code, customers()

    def test_form_that_was_changed_or_waited_too_long_does_not_open(self, app: Flask, cast: Cast) -> None:
        with time_machine.travel(clock.now(), tick=False) as traveller:
            browser = Browser(app, cast.operator)
            traveller.shift(RAN_OUT)
            refused = browser.post("/center/customers/new", CUSTOMER)
            kept = hidden(refused)["kept"]
            changed = kept[:60] + ("A" if kept[60] != "A" else "B") + kept[61:]
            first = sign_in_again(browser, refused, cast.operator, kept=changed)
            traveller.shift(timedelta(hours=1, minutes=1))
            second = sign_in_again(browser, browser.post("/center/customers/new", {}), cast.operator, kept=kept)

        assert [CUSTOMER["name"] in answer.text for answer in (first, second)] == [False, False]
        assert customers() == 0
