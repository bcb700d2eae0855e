"""Links for whoever forgot the password or lost the second factor: neither alone gives both, and a lost factor takes two people."""

import re
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.models import Appointment
from portal.accounts import passwords, queries
from portal.accounts.states import LinkPurpose
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.database import platform_session, system_session
from portal.notify.models import Notice
from tests.accounts.test_sign_in_views import submit, token_of
from tests.world.authenticator import Authenticator, give_certificate, give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, TOTP_SECRET, Cast, Person, code_now, open_session

NEW = "a new and rather long password"


def link_on(page: TestResponse) -> str:
    found = re.search(r'value="http://localhost:8000(/welcome/[^"]+)"', page.text)
    assert found is not None, page.status_code
    return found[1]


def reset_link(app: Flask, cast: Cast) -> str:
    """What the security administrator gives to whoever says that the password is forgotten."""
    return link_on(Browser(app, cast.security_admin).post(f"/admin/users/{cast.reviewer.id}/link"))


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get(path)), **fields})


def prove(client: FlaskClient, device: Authenticator) -> str:
    return device.prove(client.get("/sign-in/passkey/options").get_json())


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def account(person: Person) -> Any:
    with platform_session() as session:
        return queries.get_user(session, person.id)


def has_password(person: Person, password: str) -> bool:
    return passwords.check_password(account(person).password_hash, password).right


def recorded(event: str) -> list[dict[str, Any]]:
    with system_session(reason="test") as session:
        found = session.scalars(select(AuditRecord).where(AuditRecord.event == event).order_by(AuditRecord.seq))
        return [row.details for row in found]


class TestForgottenPassword:
    def test_code_of_the_old_token_sets_a_new_password_and_nothing_else(
        self, cast: Cast, app: Flask, client: FlaskClient
    ) -> None:
        path, elsewhere = reset_link(app, cast), app.test_client()
        elsewhere.set_cookie("portal_session", f"s.{open_session(cast.reviewer)}")

        answer = send(client, path, password=NEW, code=code_now())

        assert (answer.status_code, answer.location) == (302, "/center")
        assert (is_in(client), is_in(elsewhere)) == (True, False)
        assert "刚用一次性链接重设了密码" in client.get("/notices").text
        assert (account(cast.reviewer).totp_secret, has_password(cast.reviewer, NEW)) == (TOTP_SECRET, True)
        assert client.get(path).status_code == 404

    def test_passkey_and_its_page(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        device, path = give_passkey(cast.reviewer), reset_link(app, cast)

        answer = send(client, path, password=NEW, credential=prove(client, device))

        assert answer.location == "/center"
        assert recorded("account.signed_in")[-1] == {"method": "password+passkey", "level": 3}
        with platform_session() as session:
            assert len(queries.passkeys_of(session, cast.reviewer.id)) == 1

    @pytest.mark.parametrize(
        "shown", [{}, {"code": "000000"}, {"recovery": "ABCD"}, {"certificate": "1"}, {"credential": "{}"}]
    )
    def test_link_without_the_factor_changes_nothing(
        self, cast: Cast, app: Flask, client: FlaskClient, shown: dict[str, str]
    ) -> None:
        path = reset_link(app, cast)

        answer = send(client, path, password=NEW, **shown)

        assert answer.status_code == 401
        assert (is_in(client), has_password(cast.reviewer, PASSWORD)) == (False, True)
        assert client.get(path).status_code == 200

    def test_factor_of_somebody_else_is_none(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        give_passkey(cast.reviewer)
        other, path = give_passkey(cast.operator), reset_link(app, cast)

        answer = send(client, path, password=NEW, credential=prove(client, other))

        assert (answer.status_code, has_password(cast.reviewer, PASSWORD)) == (401, True)

    def test_guessing_the_code_is_limited(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        path = reset_link(app, cast)

        answers = [send(client, path, password=NEW, code="000000").status_code for _ in range(11)]

        assert answers == [401] * 10 + [429]

    def test_used_code_is_not_used_again(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        submit(app.test_client(), "/sign-in", username="reviewer", password=PASSWORD, code=code_now())

        answer = send(client, reset_link(app, cast), password=NEW, code=code_now())

        assert (answer.status_code, has_password(cast.reviewer, PASSWORD)) == (401, True)


def take_over(client: FlaskClient, path: str) -> bool:
    """Whoever found a reset link tries every way to have a password and a second factor of their own."""
    secret = pyotp.random_base32()
    page = client.get(path).text
    drawn = re.search(r'scan-key">([A-Z2-7 ]+)<', page)
    sealed = re.search(r'name="secret"[^>]*value="([^"]+)"', page)
    secret = drawn[1].replace(" ", "") if drawn else secret
    fields = {"password": NEW, "code": pyotp.TOTP(secret).at(clock.now()), "secret": sealed[1] if sealed else ""}
    if send(client, path, **fields).status_code == 302:
        return is_in(client)
    options = client.post(f"{path}/options", data={"csrf_token": token_of(client.get("/sign-in")), "password": NEW})
    if options.status_code == 200:
        send(client, path, password=NEW, credential=Authenticator().enrol(options.get_json()))
    return is_in(client)


def test_link_alone_takes_over_nothing(cast: Cast, app: Flask, client: FlaskClient) -> None:
    path = reset_link(app, cast)

    assert not take_over(client, path)

    assert (account(cast.reviewer).totp_secret, has_password(cast.reviewer, PASSWORD)) == (TOTP_SECRET, True)


def test_attack_would_find_a_link_that_sets_both(
    cast: Cast, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: a link is taken for the account's first one, whatever stands."""
    path = reset_link(app, cast)
    monkeypatch.setattr(queries, "link_purpose", lambda session, user: LinkPurpose.FIRST)

    assert take_over(client, path)


class TestLostFactor:
    def ask(self, app: Flask, cast: Cast, lost: str, person: Person | None = None) -> str:
        path = f"/admin/officers/{(person or cast.reviewer).id}/again"
        answer = Browser(app, cast.security_admin).post(path, {"reason": "手机丢了", "lost": lost})
        assert answer.status_code == 303
        with platform_session() as session:
            return session.scalars(select(Appointment.id).where(Appointment.decided_at.is_(None))).one()

    def confirm(self, app: Flask, person: Person, appointment: str) -> TestResponse:
        return Browser(app, person).post(f"/admin/officers/appointments/{appointment}/confirm")

    def test_nothing_is_cleared_before_another_office_confirms(self, cast: Cast, app: Flask) -> None:
        appointment = self.ask(app, cast, "factor")

        alone = self.confirm(app, cast.security_admin, appointment)

        assert alone.status_code == 303
        assert account(cast.reviewer).totp_secret == TOTP_SECRET

    def test_confirmed_it_ends_every_factor_and_session_and_is_told(self, cast: Cast, app: Flask) -> None:
        give_passkey(cast.reviewer)
        give_certificate(cast.reviewer)
        elsewhere = app.test_client()
        elsewhere.set_cookie("portal_session", f"s.{open_session(cast.reviewer)}")

        link_on(self.confirm(app, cast.system_admin, self.ask(app, cast, "factor")))

        with platform_session() as session:
            held = queries.second_factors(session, queries.get_user(session, cast.reviewer.id))
        with system_session(reason="test") as session:
            told = session.scalars(select(Notice.key).where(Notice.user_id == cast.reviewer.id)).all()
        assert (held.any, is_in(elsewhere)) == (False, False)
        assert [key.rpartition(":")[2] for key in told] == ["owner"]
        assert recorded("account.factors_cleared") == [{"username": "reviewer", "password_too": False}]

    def test_new_factor_asks_for_the_password_that_stands(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        path = link_on(self.confirm(app, cast.system_admin, self.ask(app, cast, "factor")))

        wrong = enrol(client, path, "not the password at all")
        right = enrol(client, path, PASSWORD)

        assert (wrong.status_code, right.location) == (422, "/account/recovery-codes?next=/center")
        assert (has_password(cast.reviewer, PASSWORD), account(cast.reviewer).totp_secret == TOTP_SECRET) == (
            True,
            False,
        )

    def test_link_for_a_new_factor_lets_nobody_guess_the_password(
        self, cast: Cast, app: Flask, client: FlaskClient
    ) -> None:
        path = link_on(self.confirm(app, cast.system_admin, self.ask(app, cast, "factor")))

        answers = [enrol(client, path, f"a guess at it {number}").status_code for number in range(11)]

        assert answers == [422] * 10 + [429]

    def test_with_everything_lost_the_account_begins_anew(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        path = link_on(self.confirm(app, cast.system_admin, self.ask(app, cast, "everything")))

        assert enrol(client, path, NEW).location == "/account/recovery-codes?next=/center"
        assert has_password(cast.reviewer, NEW)

    def test_officer_needs_a_passkey_again(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        give_passkey(cast.auditor)
        path = link_on(self.confirm(app, cast.system_admin, self.ask(app, cast, "factor", cast.auditor)))
        data = {"csrf_token": token_of(client.get(path)), "password": PASSWORD}

        options = client.post(f"{path}/options", data=data).get_json()
        answer = send(client, path, password=PASSWORD, credential=Authenticator().enrol(options))

        assert answer.location == "/center"
        assert recorded("account.signed_in")[-1] == {"method": "password+passkey", "level": 3}

    def test_owner_who_lost_nothing_declines(self, cast: Cast, app: Flask) -> None:
        appointment, owner = self.ask(app, cast, "everything"), Browser(app, cast.reviewer)
        assert "有人提请重设您的登录方式" in owner.get("/account").text

        declined = owner.post(f"/account/asked/{appointment}/refuse")
        late = self.confirm(app, cast.system_admin, appointment)

        assert (declined.status_code, late.status_code) == (303, 303)
        assert account(cast.reviewer).totp_secret == TOTP_SECRET

    def test_nobody_else_declines_there(self, cast: Cast, app: Flask) -> None:
        appointment = self.ask(app, cast, "everything")

        for person in (cast.operator, cast.security_admin, cast.yunqi.admin):
            assert Browser(app, person).post(f"/account/asked/{appointment}/refuse").status_code == 404

    @pytest.mark.parametrize("lost", ["relink", "enable", "appoint", "", "nonsense"])
    def test_answer_that_is_none_is_refused(self, cast: Cast, app: Flask, lost: str) -> None:
        path = f"/admin/officers/{cast.reviewer.id}/again"

        answer = Browser(app, cast.security_admin).post(path, {"reason": "手机丢了", "lost": lost})

        assert answer.status_code in {404, 422}

    def test_found_by_user_name_whosoever_it_is(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.system_admin)

        found = browser.post("/admin/officers/find", {"username": " ALICE "})
        unknown = browser.post("/admin/officers/find", {"username": "nobody-at-all"})

        assert (found.status_code, found.location) == (303, f"/admin/officers/{cast.yunqi.admin.id}/again")
        assert browser.get(found.location).status_code == 200
        assert unknown.status_code == 422


class TestMember:
    def ask(self, app: Flask, cast: Cast) -> str:
        path = f"{cast.yunqi.path}/members/{membership_of(cast.yunqi.editor)}/lost"
        answer = Browser(app, cast.yunqi.admin).post(path, {"reason": "手机丢了", "lost": "factor"})
        assert answer.status_code == 303
        with platform_session() as session:
            return session.scalars(select(Appointment.id)).one()

    def test_own_administrator_asks_and_an_officer_confirms(self, cast: Cast, app: Flask, client: FlaskClient) -> None:
        appointment = self.ask(app, cast)
        admin = Browser(app, cast.yunqi.admin)
        assert account(cast.yunqi.editor).totp_secret == TOTP_SECRET

        confirmed = Browser(app, cast.security_admin).post(f"/admin/officers/appointments/{appointment}/confirm")
        path = link_on(admin.post(f"{cast.yunqi.path}/members/{membership_of(cast.yunqi.editor)}/link"))

        assert confirmed.status_code == 303
        assert enrol(client, path, PASSWORD).location.endswith(f"?next={cast.yunqi.path}")

    def test_administrator_confirms_nothing(self, cast: Cast, app: Flask) -> None:
        appointment = self.ask(app, cast)

        answer = Browser(app, cast.yunqi.admin).post(f"/admin/officers/appointments/{appointment}/confirm")

        assert answer.status_code == 403

    def test_form_that_says_nothing_lost_is_refused(self, cast: Cast, app: Flask) -> None:
        path = f"{cast.yunqi.path}/members/{membership_of(cast.yunqi.editor)}/lost"

        answers = [Browser(app, cast.yunqi.admin).post(path, {"reason": "x", "lost": each}) for each in ("", "relink")]

        assert [answer.status_code for answer in answers] == [422, 422]


def membership_of(person: Person) -> str:
    from portal.accounts.models import Membership
    from portal.core.database import tenant_session

    assert person.tenant is not None
    with tenant_session(person.tenant.id) as session:
        return session.scalars(select(Membership.id).where(Membership.user_id == person.id)).one()


def enrol(client: FlaskClient, path: str, password: str) -> TestResponse:
    """Bind a new token as the page shows it."""
    page = client.get(path).text
    secret = re.search(r'scan-key">([A-Z2-7 ]+)<', page)
    sealed = re.search(r'name="secret"[^>]*value="([^"]+)"', page)
    assert secret is not None
    assert sealed is not None
    code = pyotp.TOTP(secret[1].replace(" ", "")).at(clock.now())
    return send(client, path, secret=sealed[1], password=password, code=code)
