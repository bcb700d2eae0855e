"""The doors of modules over HTTP: what is asked, what comes back after it, and what gets past it (nothing)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.modules import DOORS, CaptchaPolicy, Demand, Module, module_of
from portal.access.permissions import Permission
from portal.accounts.gate.models import ModulePolicy
from portal.accounts.gate.queries import policies, policy_of
from portal.accounts.models import UserSession
from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.database import platform_session, system_session
from tests.world.browser import Browser
from tests.world.cast import Cast, code_now

POLICIES = "/admin/modules"
ANSWER = "MOON7"
CHANGE = {"captcha": "always", "level": "2", "minutes": "44", "version": "0"}
JSON = {"Accept": "application/json"}
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> object:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def fixed_captcha(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TEST_CAPTCHA", ANSWER)


@pytest.fixture
def stranger(app: Flask, cast: Cast) -> Browser:
    """The administrator of modules, freshly signed in, who has typed no page code yet."""
    return Browser(app, cast.app_admin, vouched=False)


def records(event: Event) -> list[AuditRecord]:
    with system_session(reason="test") as opened:
        return list(opened.scalars(select(AuditRecord).where(AuditRecord.event == event.value)))


def prove(browser: Browser, path: str, **fields: str) -> TestResponse:
    """Send the step-up page's form."""
    return browser.post(path, {"step_up": "1", **fields})


def cookie(browser: Browser) -> str:
    found = browser.client.get_cookie("portal_session")
    assert found is not None
    return found.value


class TestPageCode:
    def test_page_behind_the_door_leads_to_the_page_that_asks(self, stranger: Browser) -> None:
        answer = stranger.get(f"{POLICIES}?tab=1")

        assert (answer.status_code, answer.location) == (303, "/step-up/module_policy?next=/admin/modules?tab%3D1")
        page = stranger.get(answer.location).text
        assert 'src="data:image/png;base64,' in page
        assert 'name="step_up_captcha"' in page
        assert 'name="step_up_code"' not in page

    def test_right_page_code_leads_to_exactly_what_was_wanted(self, stranger: Browser) -> None:
        asked = stranger.get(f"{POLICIES}?tab=1").location
        stranger.get(asked)

        answer = prove(stranger, asked, step_up_captcha=ANSWER)

        assert (answer.status_code, answer.location) == (303, "/admin/modules?tab=1")
        assert stranger.get(answer.location).status_code == 200
        assert [(row.details["module"], row.details["method"]) for row in records(Event.STEPPED_UP)] == [
            ("module_policy", "captcha")
        ]

    def test_page_code_may_be_typed_in_lower_case_wide_or_spaced(self, stranger: Browser) -> None:
        stranger.get("/step-up/module_policy")

        assert prove(stranger, "/step-up/module_policy", step_up_captcha=" ｍoo n7").status_code == 303

    def test_wrong_page_code_opens_nothing_and_says_so(self, stranger: Browser) -> None:
        stranger.get("/step-up/module_policy")

        answer = prove(stranger, "/step-up/module_policy", step_up_captcha="WRONG")

        assert answer.status_code == 403
        assert "校验码不对或已过期" in answer.text
        assert stranger.get(POLICIES).status_code == 303
        assert records(Event.STEPPED_UP) == []

    def test_door_of_another_module_stays_shut(self, app: Flask, cast: Cast, stranger: Browser) -> None:
        stranger.get("/step-up/module_policy")
        prove(stranger, "/step-up/module_policy", step_up_captcha=ANSWER)

        answer = stranger.get(f"/e/{cast.yunqi.tenant.enterprise_id}/grants/new")

        assert answer.location.startswith("/step-up/grants?")

    def test_page_code_is_asked_again_after_the_minutes_of_the_policy(
        self, stranger: Browser, frozen: time_machine.Traveller
    ) -> None:
        stranger.get("/step-up/module_policy")
        prove(stranger, "/step-up/module_policy", step_up_captcha=ANSWER)
        frozen.shift(timedelta(minutes=14))
        assert stranger.get(POLICIES).status_code == 200

        frozen.shift(timedelta(minutes=2))

        assert stranger.get(POLICIES).status_code == 303

    def test_door_asks_after_trouble_only_where_the_policy_says_so(self, app: Flask, cast: Cast) -> None:
        browser = Browser(app, cast.security_admin, vouched=False)
        assert browser.get("/admin/users/new").status_code == 200

        for _ in range(3):
            browser.client.post(
                "/account/password", data={"csrf_token": browser.form_token, "current": "wrong", "password": "x"}
            )

        assert browser.get("/admin/users/new").location.startswith("/step-up/users?")


class TestForm:
    def test_form_sent_to_a_shut_door_is_carried_and_then_done(self, stranger: Browser) -> None:
        asked = stranger.post(f"{POLICIES}/users", CHANGE)
        carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', asked.text))
        assert asked.status_code == 403
        assert f'action="{POLICIES}/users"' in asked.text

        answer = stranger.client.post(f"{POLICIES}/users", data={**carried, "step_up_captcha": ANSWER})

        assert (answer.status_code, answer.location) == (302, POLICIES)
        with platform_session() as opened:
            assert policy_of(opened, Module.USERS).demand == Demand(CaptchaPolicy.ALWAYS, 2, 44)

    def test_form_with_a_wrong_page_code_is_asked_again_and_not_done(self, stranger: Browser) -> None:
        stranger.post(f"{POLICIES}/users", CHANGE)

        answer = prove(stranger, f"{POLICIES}/users", **CHANGE, step_up_captcha="WRONG")

        assert answer.status_code == 403
        assert 'name="minutes" value="44"' in answer.text
        with platform_session() as opened:
            assert opened.scalars(select(ModulePolicy)).all() == []

    def test_every_value_of_a_field_comes_along(self, stranger: Browser) -> None:
        answer = stranger.post(f"{POLICIES}/users", {"group": ["a", 'b"<b>'], "text": "一\n二"})

        hidden = re.findall(r'name="(group|text)" value="([^"]*)"', answer.text)
        assert hidden == [("group", "a"), ("group", "b&#34;&lt;b&gt;"), ("text", "一\n二")]

    def test_form_without_its_token_is_no_form(self, stranger: Browser) -> None:
        assert stranger.client.post(f"{POLICIES}/users", data=CHANGE).status_code == 400


class TestCode:
    def test_old_proof_is_asked_for_anew(self, app: Flask, cast: Cast, frozen: time_machine.Traveller) -> None:
        browser = Browser(app, cast.app_admin)
        frozen.shift(timedelta(minutes=10))
        browser.get("/account")
        frozen.shift(timedelta(minutes=6))

        page = browser.get(browser.get(POLICIES).location).text

        assert 'name="step_up_code"' in page

    def test_fresh_code_opens_the_door_under_a_new_token(
        self, app: Flask, cast: Cast, frozen: time_machine.Traveller
    ) -> None:
        browser = self._stale(app, cast, frozen)
        before = cookie(browser)

        answer = self._step_up(browser, code_now())

        assert answer.status_code == 303
        assert cookie(browser) != before
        assert browser.get(POLICIES).status_code == 200
        old = app.test_client()
        old.set_cookie("portal_session", before)
        assert old.get("/account").location.startswith("/sign-in")

    def test_session_keeps_its_last_end(self, app: Flask, cast: Cast, frozen: time_machine.Traveller) -> None:
        browser = self._stale(app, cast, frozen)

        self._step_up(browser, code_now())

        with platform_session() as opened:
            own = UserSession.user_id == cast.app_admin.id, UserSession.ended_at.is_(None)
            row = opened.scalars(select(UserSession).where(*own)).one()
        assert row.expires_at == NOON + timedelta(hours=12)

    def test_code_counts_once(self, app: Flask, cast: Cast, frozen: time_machine.Traveller) -> None:
        first, second = (self._stale(app, cast, frozen, at) for at in (timedelta(minutes=16), timedelta()))
        code = code_now()
        self._step_up(first, code)

        answer = self._step_up(second, code)

        assert answer.status_code == 403
        assert "已经用过" in answer.text
        assert second.get(POLICIES).status_code == 303

    def test_wrong_codes_are_counted_and_make_one_wait(
        self, app: Flask, cast: Cast, frozen: time_machine.Traveller
    ) -> None:
        browser = self._stale(app, cast, frozen)

        statuses = [self._step_up(browser, "000000").status_code for _ in range(11)]

        assert statuses == [403] * 10 + [429]

    def test_act_behind_the_door_rests_on_the_newest_proof(
        self, app: Flask, cast: Cast, frozen: time_machine.Traveller
    ) -> None:
        browser = self._stale(app, cast, frozen)
        self._step_up(browser, code_now())

        browser.post(f"{POLICIES}/users", CHANGE)

        assert [(row.auth_level, row.auth_method) for row in records(Event.MODULE_POLICY_CHANGED)] == [(2, "totp")]

    def _stale(
        self, app: Flask, cast: Cast, frozen: time_machine.Traveller, later: timedelta = timedelta(minutes=16)
    ) -> Browser:
        browser = Browser(app, cast.app_admin, vouched=False)
        with platform_session(writes=True) as opened:  # signed in long ago, active until now
            from portal.core import unit_of_work

            for row in opened.scalars(select(UserSession).where(UserSession.user_id == cast.app_admin.id)):
                row.authenticated_at = clock.now() - timedelta(minutes=16)
            opened.flush()
            unit_of_work.work_of(opened).changed.clear()
            opened.commit()
        return browser

    def _step_up(self, browser: Browser, code: str) -> TestResponse:
        browser.get("/step-up/module_policy")
        return prove(browser, "/step-up/module_policy", step_up_captcha=ANSWER, step_up_code=code)


class TestCallers:
    def test_caller_that_is_no_page_is_told_in_json(self, stranger: Browser) -> None:
        answer = stranger.get(POLICIES, headers=JSON)

        assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
        assert answer.get_json(force=True)["code"] == "captcha_required"
        assert answer.headers["Link"] == '</step-up/module_policy>; rel="authenticate"'

    def test_caller_that_is_no_page_may_step_up_too(self, stranger: Browser) -> None:
        stranger.get("/captcha/module_policy.png")

        answer = stranger.post("/step-up/module_policy", {"step_up": "1", "step_up_captcha": ANSWER}, headers=JSON)

        assert (answer.status_code, answer.json) == (200, {"module": "module_policy"})

    def test_htmx_is_led_by_its_header_to_step_up_and_back_to_its_page(self, stranger: Browser) -> None:
        headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/center/catalog"}

        answer = stranger.post(f"{POLICIES}/users", {}, headers=headers)

        assert answer.status_code == 403
        assert answer.headers["HX-Redirect"] == "/step-up/module_policy?next=/center/catalog"

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
    def test_nobody_is_led_to_another_site(self, stranger: Browser, wanted: str) -> None:
        stranger.get("/captcha/module_policy.png")

        answer = prove(stranger, f"/step-up/module_policy?next={wanted}", step_up_captcha=ANSWER)

        assert answer.location == "/"

    def test_unknown_module_is_no_page(self, stranger: Browser) -> None:
        assert stranger.get("/step-up/nothing").status_code == 404


class TestPolicy:
    def test_page_shows_what_every_door_asks(self, app: Flask, cast: Cast) -> None:
        page = Browser(app, cast.app_admin).get(POLICIES).text

        assert "回滚与下架" in page
        assert "5 分钟" in page

    def test_door_of_sign_in_asks_for_a_page_code_alone(self, app: Flask, cast: Cast) -> None:
        administrator = Browser(app, cast.app_admin)
        page = administrator.get(f"{POLICIES}/sign_in")

        answer = administrator.post(f"{POLICIES}/sign_in", {"captcha": "always", "level": "3", "version": "0"})

        assert (page.status_code, 'name="captcha"' in page.text, 'name="level"' in page.text) == (200, True, False)
        assert answer.status_code == 302
        with platform_session() as opened:
            assert policy_of(opened, Module.SIGN_IN).demand == Demand(CaptchaPolicy.ALWAYS)

    def test_change_holds_from_the_next_request_and_is_recorded(self, app: Flask, cast: Cast) -> None:
        operator = Browser(app, cast.operator, vouched=False)
        assert operator.get(f"{cast.yunqi.path}/orders/new").status_code == 200

        Browser(app, cast.app_admin).post(f"{POLICIES}/orders", CHANGE)

        assert operator.get(f"{cast.yunqi.path}/orders/new").location.startswith("/step-up/orders?")
        assert [row.details for row in records(Event.MODULE_POLICY_CHANGED)] == [
            {"module": "orders", "captcha": "always", "level": 2, "minutes": 44}
        ]

    def test_older_version_is_a_conflict(self, app: Flask, cast: Cast) -> None:
        browser = Browser(app, cast.app_admin)
        browser.post(f"{POLICIES}/orders", CHANGE)

        answer = browser.post(f"{POLICIES}/orders", {**CHANGE, "minutes": "5"})

        assert answer.status_code == 409
        assert 'value="5"' in answer.text

    @pytest.mark.parametrize(
        "wrong",
        [{"level": "1"}, {"level": "x"}, {"minutes": "0"}, {"minutes": "721"}, {"minutes": "soon"}, {"captcha": "?"}],
    )
    def test_nonsense_is_refused_at_its_field(self, app: Flask, cast: Cast, wrong: dict[str, str]) -> None:
        answer = Browser(app, cast.app_admin).post(f"{POLICIES}/orders", {**CHANGE, **wrong})

        assert answer.status_code == 422
        with platform_session() as opened:
            assert opened.scalars(select(ModulePolicy)).all() == []

    def test_form_with_nothing_in_it_changes_nothing(self, app: Flask, cast: Cast) -> None:
        assert Browser(app, cast.app_admin).post(f"{POLICIES}/users", {}).status_code == 302

        with platform_session() as opened:
            assert policy_of(opened, Module.USERS).demand == DOORS[Module.USERS].default

    def test_administrator_cannot_shut_herself_out(self, app: Flask, cast: Cast) -> None:
        answer = Browser(app, cast.app_admin).post(f"{POLICIES}/module_policy", {**CHANGE, "level": "3"})

        assert answer.status_code == 422
        assert "进不来" in answer.text

    def test_level_that_nobody_proved_keeps_the_door_shut(self, app: Flask, cast: Cast) -> None:
        Browser(app, cast.app_admin).post(f"{POLICIES}/orders", {**CHANGE, "level": "3"})
        operator = Browser(app, cast.operator)

        answer = prove(operator, f"{cast.yunqi.path}/orders/new", step_up_code=code_now())

        assert answer.status_code == 403
        assert operator.get(f"{cast.yunqi.path}/orders/new").status_code == 303

    def test_defaults_hold_until_somebody_changes_them(self, cast: Cast) -> None:
        with platform_session() as opened:
            assert {policy.module: policy.demand for policy in policies(opened)} == {
                module: door.default for module, door in DOORS.items()
            }

    def test_every_module_has_a_door(self) -> None:
        assert set(DOORS) == set(Module)
        assert module_of(Permission.RELEASES_ROLL_BACK) is Module.ROLLING_BACK
        assert module_of(Permission.CONTENT_EDIT) is None


def test_door_left_open_would_be_seen(stranger: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the pipeline forgets the door."""
    monkeypatch.setattr("portal.web.pipeline.check_door", lambda *_: None)

    assert stranger.get(POLICIES).status_code == 200
