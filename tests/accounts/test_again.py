"""A session that ended, over HTTP: at the very next request, and without losing what was typed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.roles import Role
from portal.accounts import certificate_files
from portal.accounts.commands.members import change_member, remove_member
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.commands.users import change_staff, disable_user
from portal.accounts.left_over import KeptForm, open_kept
from portal.accounts.models import Membership, User
from portal.audit.models import AuditRecord
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session, system_session, tenant_session
from tests.accounts.test_certificates import PROXY, behind_proxy, give, header, newest_session
from tests.world import building, packages
from tests.world.authenticator import Authenticator, give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person, code_now, join

__all__ = ["behind_proxy"]

NOON = datetime(2027, 3, 9, 4, tzinfo=UTC)  # after the cast ordered its packages
JSON = {"Accept": "application/json"}
RAN_OUT = timedelta(minutes=16)


@pytest.fixture(autouse=True)
def frozen() -> object:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def late(app: Flask, cast: Cast, frozen: time_machine.Traveller) -> Browser:
    """The operator's browser, with a page open, whose session has just run out."""
    browser = Browser(app, cast.operator)
    browser.get("/center/customers/new")
    frozen.shift(RAN_OUT)
    return browser


CUSTOMER = {"name": "云栖新客户", "industry_code": "1401001", "contact_name": "", "contact_phone": "", "version": "0"}


def hidden(page: TestResponse) -> dict[str, str]:
    import html

    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in found}


def sign_in_again(browser: Browser, page: TestResponse, person: Person, **more: str) -> TestResponse:
    typed = {"username": person.username, "password": PASSWORD, "code": code_now(), **more}
    return browser.client.post("/sign-in/again", data={**hidden(page), **typed})


def customers() -> int:
    with system_session(reason="test") as opened:
        rows = opened.scalars(select(AuditRecord).where(AuditRecord.event == "tenant.customer_created"))
        return sum(row.details["name"] == "云栖新客户" for row in rows)


class TestLateForm:
    def test_form_comes_back_after_the_sign_in_and_is_done_as_it_was(self, late: Browser, cast: Cast) -> None:
        refused = late.post("/center/customers/new", CUSTOMER)
        assert (refused.status_code, customers()) == (401, 0)

        resumed = sign_in_again(late, refused, cast.operator)
        assert (resumed.status_code, customers()) == (200, 0)
        assert {name: hidden(resumed)[name] for name in CUSTOMER} == CUSTOMER
        done = late.client.post("/center/customers/new", data=hidden(resumed))

        assert done.status_code == 303
        assert customers() == 1

    def test_page_that_was_open_goes_on_with_its_own_form_token(self, late: Browser, cast: Cast) -> None:
        answer = late.client.post(
            "/sign-in/again",
            data={
                "csrf_token": late.form_token,
                "username": "operator",
                "password": PASSWORD,
                "code": code_now(),
                "next": "/center/customers/new",
            },
            headers=JSON,
        )

        assert (answer.status_code, answer.json) == (200, {"choose": None})
        assert late.post("/center/customers/new", CUSTOMER).status_code == 303

    def test_wrong_password_keeps_the_form(self, late: Browser, cast: Cast) -> None:
        refused = late.post("/center/customers/new", CUSTOMER)

        again = sign_in_again(late, refused, cast.operator, password="wrong")

        assert again.status_code == 401
        assert "用户名或密码不对" in again.text
        assert hidden(again)["kept"] == hidden(refused)["kept"]
        assert sign_in_again(late, again, cast.operator).status_code == 200

    def test_somebody_else_gets_neither_the_form_nor_a_session(self, late: Browser, cast: Cast) -> None:
        refused = late.post("/center/customers/new", CUSTOMER)

        answer = sign_in_again(late, refused, cast.support)

        assert answer.status_code == 403
        assert "另一个账号" in answer.text
        assert late.get("/account").status_code == 302

    def test_form_from_another_site_is_not_kept(self, late: Browser) -> None:
        answer = late.client.post("/center/customers/new", data=CUSTOMER)

        assert answer.status_code == 400
        assert "kept" not in hidden(answer)

    def test_form_after_signing_out_is_not_kept(self, app: Flask, cast: Cast) -> None:
        browser = Browser(app, cast.operator)
        browser.post("/sign-out")

        assert browser.post("/center/customers/new", CUSTOMER).status_code == 400

    def test_kept_form_opens_for_its_owner_for_an_hour_and_as_it_was(self, frozen: time_machine.Traveller) -> None:
        form = KeptForm("/somewhere?a=1", [("x", "一"), ("x", "二")])
        sealed = form.sealed("mark of alice")
        assert sealed is not None

        assert open_kept(sealed, "mark of alice") == form
        assert open_kept(sealed, "mark of bob") is None
        assert open_kept(sealed[:-8] + "AAAAAAA=", "mark of alice") is None
        assert open_kept("nonsense", "mark of alice") is None
        frozen.shift(timedelta(minutes=61))
        assert open_kept(sealed, "mark of alice") is None

    def test_form_too_large_to_travel_is_named_so(self) -> None:
        assert KeptForm("/", [("x", "字" * 400_000)]).sealed("mark") is None

    def test_caller_that_is_no_page_is_told_in_json(self, late: Browser) -> None:
        answer = late.post("/center/customers/new", CUSTOMER, headers=JSON)

        assert answer.status_code == 401
        assert answer.get_json(force=True)["code"] == "sign_in_required"

    def test_again_is_for_whose_session_ended_only(self, app: Flask, cast: Cast) -> None:
        client = app.test_client()
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
        assert token is not None

        answer = client.post(
            "/sign-in/again",
            data={"csrf_token": token[1], "username": "operator", "password": PASSWORD, "code": code_now()},
            headers=JSON,
        )

        assert answer.status_code == 401

    def test_page_code_is_due_after_trouble_here_too(self, late: Browser, cast: Cast) -> None:
        page = late.post("/center/customers/new", CUSTOMER)
        for _ in range(3):
            page = sign_in_again(late, page, cast.operator, password="wrong")

        answer = sign_in_again(late, page, cast.operator, captcha="WRONG")

        assert answer.status_code == 422
        assert "校验码不对" in answer.text


class TestOtherWays:
    """What stands beside the password, or instead of it, ends the dialog as a code does."""

    def test_passkey_alone_goes_on_with_the_page(self, late: Browser, cast: Cast) -> None:
        device = give_passkey(cast.operator)

        answer = by_passkey(late, device)

        assert (answer.status_code, answer.json) == (200, {"choose": None})
        assert late.post("/center/customers/new", CUSTOMER).status_code == 303
        assert newest_session().auth_method == "passkey"

    def test_passkey_brings_a_late_form_back(self, late: Browser, cast: Cast) -> None:
        device = give_passkey(cast.operator)
        refused = late.post("/center/customers/new", CUSTOMER)
        proof = device.prove(late.get("/sign-in/passkey/options").get_json())

        resumed = late.client.post("/sign-in/again", data={**hidden(refused), "credential": proof})

        assert {name: hidden(resumed)[name] for name in CUSTOMER} == CUSTOMER

    def test_passkey_of_somebody_else_is_worth_nothing(self, late: Browser, cast: Cast) -> None:
        answer = by_passkey(late, give_passkey(cast.support))

        assert (answer.status_code, answer.get_json(force=True)["code"]) == (403, "somebody_else")
        assert late.get("/account").status_code == 302

    def test_passkey_for_another_browser_is_worth_nothing(self, late: Browser, cast: Cast, app: Flask) -> None:
        device = give_passkey(cast.operator)
        asked = app.test_client().get("/sign-in/passkey/options").get_json()

        assert by_passkey(late, device, asked).status_code == 401

    @pytest.mark.usefixtures("behind_proxy")
    def test_certificate_stands_beside_the_password(self, late: Browser, cast: Cast, tmp_path: Path) -> None:
        certificate_files.configure(tmp_path / "certificates")
        shown = {"headers": {**JSON, **header(give(cast.operator).certificate)}, "environ_overrides": PROXY}
        fields = {"csrf_token": late.form_token, "username": "operator"}

        wrong = late.client.post("/sign-in/again", data={**fields, "password": "wrong"}, **shown)
        answer = late.client.post("/sign-in/again", data={**fields, "password": PASSWORD}, **shown)

        assert (wrong.status_code, answer.status_code) == (401, 200)
        assert newest_session().auth_method == "password+certificate"

    @pytest.mark.usefixtures("behind_proxy")
    def test_certificate_of_somebody_else_is_refused(self, late: Browser, cast: Cast, tmp_path: Path) -> None:
        certificate_files.configure(tmp_path / "certificates")
        shown = {"headers": {**JSON, **header(give(cast.support).certificate)}, "environ_overrides": PROXY}

        answer = late.client.post(
            "/sign-in/again",
            data={"csrf_token": late.form_token, "username": "operator", "password": PASSWORD},
            **shown,
        )

        assert answer.status_code == 401
        assert late.get("/account").status_code == 302


def by_passkey(browser: Browser, device: Authenticator, asked: Any = None) -> TestResponse:
    asked = asked or browser.get("/sign-in/passkey/options").get_json()
    fields = {"csrf_token": browser.form_token, "username": "operator", "credential": device.prove(asked)}
    return browser.client.post("/sign-in/again", data=fields, headers=JSON)


class TestIdle:
    def test_polling_is_no_activity(self, app: Flask, cast: Cast, frozen: time_machine.Traveller) -> None:
        browser = Browser(app, cast.operator)
        for _ in range(4):
            frozen.shift(timedelta(minutes=4))
            last = browser.get("/session/status", headers=JSON)

        assert last.status_code == 401

    def test_saying_that_one_stays_is_activity(self, app: Flask, cast: Cast, frozen: time_machine.Traveller) -> None:
        browser = Browser(app, cast.operator)
        for _ in range(4):
            frozen.shift(timedelta(minutes=4))
            assert browser.post("/session/stay").status_code == 204

        assert browser.get("/session/status", headers=JSON).json == {"seconds_left": 15 * 60}

    def test_nobody_stays_longer_than_twelve_hours(
        self, app: Flask, cast: Cast, frozen: time_machine.Traveller
    ) -> None:
        browser = Browser(app, cast.operator)
        for _ in range(72):
            assert browser.post("/session/stay").status_code == 204
            frozen.shift(timedelta(minutes=10))

        assert browser.get("/session/status", headers=JSON).status_code == 401

    def test_role_rests_as_long_as_policy_says(self, app: Flask, cast: Cast, frozen: time_machine.Traveller) -> None:
        operator, reviewer = Browser(app, cast.operator), Browser(app, cast.reviewer)
        Browser(app, cast.app_admin).post("/admin/modules/rest/center_operator", {"minutes": "5", "version": "0"})
        frozen.shift(timedelta(minutes=6))

        assert operator.get("/account").status_code == 302
        assert reviewer.get("/account").status_code == 200

    def test_role_of_a_member_rests_by_its_role_too(
        self, app: Flask, cast: Cast, frozen: time_machine.Traveller
    ) -> None:
        editor = Browser(app, cast.yunqi.editor)
        Browser(app, cast.app_admin).post("/admin/modules/rest/tenant_editor", {"minutes": "30", "version": "0"})
        frozen.shift(timedelta(minutes=29))

        assert "无操作 30 分钟后自动退出" in editor.get("/account").text

    @pytest.mark.parametrize("minutes", ["0", "721", "soon"])
    def test_nonsense_is_refused(self, app: Flask, cast: Cast, minutes: str) -> None:
        answer = Browser(app, cast.app_admin).post("/admin/modules/rest/auditor", {"minutes": minutes, "version": "0"})

        assert answer.status_code == 422

    def test_emptying_the_field_is_the_default_again(self, app: Flask, cast: Cast) -> None:
        browser = Browser(app, cast.app_admin)
        browser.post("/admin/modules/rest/auditor", {"minutes": "5", "version": "0"})
        assert browser.post("/admin/modules/rest/auditor", {"minutes": "9", "version": "0"}).status_code == 409

        answer = browser.post("/admin/modules/rest/auditor", {"minutes": "", "version": "1"})

        assert answer.status_code == 302
        assert "改过" not in browser.get("/admin/modules").text


def _sign_out(browser: Browser, cast: Cast) -> None:
    browser.post("/sign-out")


def _disable(browser: Browser, cast: Cast) -> None:
    _by_cli(lambda ctx: disable_user(ctx, cast.support.id))


def _change_role(browser: Browser, cast: Cast) -> None:
    with platform_session() as opened:
        version = opened.get_one(User, cast.support.id).version
    _by_cli(lambda ctx: change_staff(ctx, cast.support.id, "名", Role.CENTER_OPERATOR, None, version=version))


def _end_for_new_factors(browser: Browser, cast: Cast) -> None:
    def act(ctx: Context) -> None:
        from portal.access.checks import ask
        from portal.access.permissions import Permission

        ask(ctx, Permission.USERS_MANAGE)
        end_sessions(ctx, ctx.session.get_one(User, cast.support.id), "factors_changed")

    _by_cli(act)


def _change_password(browser: Browser, cast: Cast) -> None:
    """With another browser of the same person."""
    other = Browser(browser.client.application, cast.support)
    done = other.post("/account/password", {"current": PASSWORD, "password": "another good long password"})
    assert done.status_code == 302


def _by_cli(act: Callable[[Context], object]) -> None:
    with platform_session(writes=True) as session:
        act(Context(session, COMMAND_LINE))
        commit(session)


@pytest.mark.parametrize("cause", [_sign_out, _disable, _change_role, _end_for_new_factors, _change_password])
def test_staff_session_is_over_at_the_next_request(
    app: Flask, cast: Cast, cause: Callable[[Browser, Cast], None]
) -> None:
    browser = Browser(app, cast.support)
    assert browser.get("/account").status_code == 200

    cause(browser, cast)

    assert browser.get("/account").status_code == 302
    assert browser.post("/preferences", {"theme": "dark"}).status_code in {302, 400}
    assert browser.get("/session/status", headers=JSON).status_code == 401


def _remove(cast: Cast) -> None:
    editor = cast.yunqi.editor
    building.in_tenant(cast.yunqi.tenant, lambda ctx: remove_member(ctx, _membership(editor).id))


def _demote(cast: Cast) -> None:
    row = _membership(cast.yunqi.editor)
    group = cast.yunqi.region
    building.in_tenant(
        cast.yunqi.tenant, lambda ctx: change_member(ctx, row.id, Role.GROUP_EDITOR, group, version=row.version)
    )


def _suspend(cast: Cast) -> None:
    packages.suspend(cast.yunqi.tenant)


def _membership(person: Person) -> Membership:
    assert person.tenant is not None
    with tenant_session(person.tenant.id) as session:
        return session.scalars(select(Membership).where(Membership.user_id == person.id)).one()


@pytest.mark.parametrize("cause", [_remove, _demote, _suspend])
def test_members_session_is_over_at_the_next_request(app: Flask, cast: Cast, cause: Callable[[Cast], None]) -> None:
    join(cast.yunqi.editor, cast.jiangzhou)
    browser = Browser(app, cast.yunqi.editor)
    elsewhere = Browser(app, cast.yunqi.editor, tenant=cast.jiangzhou.tenant)

    cause(cast)

    assert browser.get(cast.yunqi.path).status_code == 302
    assert elsewhere.get(cast.jiangzhou.path).status_code == 200


def test_stolen_cookie_of_an_ended_session_is_worth_nothing(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.support)
    stolen = browser.client.get_cookie("portal_session")
    assert stolen is not None
    browser.post("/sign-out")

    thief = app.test_client()
    thief.set_cookie("portal_session", stolen.value)

    assert thief.get("/account").status_code == 302


def test_row_that_forgot_its_end_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: signing out takes the cookie and leaves the session."""
    monkeypatch.setattr("portal.accounts.commands.sessions.replace_session", lambda *_: None)
    browser = Browser(app, cast.support)
    stolen = browser.client.get_cookie("portal_session")
    assert stolen is not None
    browser.post("/sign-out")

    thief = app.test_client()
    thief.set_cookie("portal_session", stolen.value)

    assert thief.get("/account").status_code == 200
