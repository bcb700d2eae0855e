"""The pages of account, members, staff and one-time links: each works, and refuses whom it must."""

import re

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts.commands.users import add_staff
from portal.accounts.models import Membership, User
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import new_id
from tests.world.authenticator import give_certificate, give_passkey
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, House, Person, open_session

NEW = "湖畔早餐 2026 真好吃"


def membership(house: House, person: Person) -> Membership:
    with tenant_session(house.tenant.id) as session:
        return session.scalars(select(Membership).where(Membership.user_id == person.id)).one()


def shown(page: str, pattern: str) -> list[str]:
    return re.findall(pattern, page)


def link_on(page: str) -> str:
    found = re.search(r'value="http://localhost:8000(/welcome/[^"]+)"', page)
    assert found is not None
    return found[1]


class TestAccount:
    def test_everybody_has_one(self, cast: Cast, app: Flask) -> None:
        for person in (cast.yunqi.admin, cast.yunqi.group_editor, cast.reviewer, cast.auditor, cast.yunqi.province):
            assert Browser(app, person).get("/account").status_code == 200, person.username

    def test_visitor_is_asked_to_sign_in(self, cast: Cast, client: FlaskClient) -> None:
        answer = client.get("/account")

        assert (answer.status_code, answer.location) == (302, "/sign-in?next=/account")

    def test_password_is_changed(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)

        wrong = browser.post("/account/password", {"current": "wrong", "password": NEW})
        right = browser.post("/account/password", {"current": PASSWORD, "password": NEW})

        assert (wrong.status_code, right.status_code) == (422, 302)
        assert shown(wrong.text, r'id="current-error".*?<span>(.*?)</span>') == ["现在的密码不对。"]

    def test_token_is_changed_with_the_secret_that_was_shown(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)
        page = browser.get("/account/token").text
        secret = shown(page, r'scan-key">([A-Z2-7 ]+)<')[0].replace(" ", "")
        sealed = shown(page, r'name="secret"[^>]*value="([^"]+)"')[0]
        code = pyotp.TOTP(secret).at(clock.now())

        answer = browser.post("/account/token", {"current": PASSWORD, "secret": sealed, "code": code})

        assert answer.status_code == 302

    def test_wrong_code_keeps_the_secret_that_was_scanned(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)
        page = browser.get("/account/token").text
        sealed = shown(page, r'name="secret"[^>]*value="([^"]+)"')[0]

        answer = browser.post("/account/token", {"current": PASSWORD, "secret": sealed, "code": "000000"})

        pattern = r'scan-key">([A-Z2-7 ]+)<'
        assert answer.status_code == 422
        assert shown(answer.text, pattern) == shown(page, pattern)

    def test_own_session_elsewhere_is_ended(self, cast: Cast, app: Flask) -> None:
        elsewhere = Browser(app, cast.reviewer)
        here = Browser(app, cast.reviewer)
        path = shown(here.get("/account").text, r'action="(/account/sessions/[^"]+/end)"')[0]

        assert here.post(path).status_code == 302
        assert elsewhere.get("/account").status_code == 302
        assert here.post(path).status_code == 404

    def test_somebody_elses_session_is_not_found(self, cast: Cast, app: Flask) -> None:
        Browser(app, cast.reviewer)
        other = Browser(app, cast.reviewer)
        path = shown(other.get("/account").text, r'action="(/account/sessions/[^"]+/end)"')[0]

        assert Browser(app, cast.auditor).post(path).status_code == 404
        assert Browser(app, cast.auditor).post(f"/account/sessions/{new_id()}/end").status_code == 404

    def test_wrong_methods_are_refused(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.reviewer)

        assert browser.post("/account").status_code == 405
        assert browser.get("/account/password").status_code == 405
        assert browser.get(f"/account/sessions/{new_id()}/end").status_code == 405


class TestMembers:
    def test_members_are_listed(self, cast: Cast, app: Flask) -> None:
        page = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/members").text

        assert shown(page, r'<th class="main" scope="row">.*?<small>(.*?)</small>') == [
            "alice",
            "editor@alice",
            "group@alice",
        ]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("q=GROUP", ["group@alice"]),
            ("role=tenant_editor", ["editor@alice"]),
            ("role=auditor&q=alice", ["alice", "editor@alice", "group@alice"]),
            ("q=%25", []),
            ("sort=-username", ["group@alice", "editor@alice", "alice"]),
            ("sort=password_hash&page=-3&size=1", ["alice", "editor@alice", "group@alice"]),
        ],
    )
    def test_list_is_searched_filtered_and_sorted(self, cast: Cast, app: Flask, query: str, names: list[str]) -> None:
        page = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/members?{query}").text

        assert shown(page, r'<th class="main" scope="row">.*?<small>(.*?)</small>') == names

    def test_new_member_comes_in_through_the_link(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.admin)
        fields = {"username": "linxiao@yunqi", "display_name": "林晓", "role": "group_editor"}

        answer = browser.post(f"{cast.yunqi.path}/members/new", {**fields, "group_id": cast.yunqi.shop})
        landed = enrol(app.test_client(), link_on(answer.text))

        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert landed == cast.yunqi.path

    def test_wrong_member_keeps_what_was_typed(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.admin)

        answer = browser.post(f"{cast.yunqi.path}/members/new", {"username": "x y", "display_name": "林晓", "role": ""})

        assert answer.status_code == 422
        assert 'value="x y"' in answer.text
        assert 'value="林晓"' in answer.text

    def test_member_is_changed_and_removed(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.admin)
        row = membership(cast.yunqi, cast.yunqi.editor)
        path = f"{cast.yunqi.path}/members/{row.id}"

        opened = browser.get(path)
        changed = browser.post(path, {"role": "group_editor", "group_id": cast.yunqi.region, "version": row.version})
        stale = browser.post(path, {"role": "tenant_admin", "group_id": "", "version": row.version})
        removed = browser.post(f"{path}/remove")

        assert [each.status_code for each in (opened, changed, stale, removed)] == [200, 302, 409, 302]
        assert browser.get(path).status_code == 404

    def test_refusal_is_shown_on_the_page(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.admin)
        row = membership(cast.yunqi, cast.yunqi.admin)

        answer = browser.post(f"{cast.yunqi.path}/members/{row.id}/remove")

        assert answer.status_code == 422
        assert "不能改动自己的角色" in answer.text

    def test_link_is_issued_again_and_voided(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.yunqi.admin)
        path = f"{cast.yunqi.path}/members/{membership(cast.yunqi, cast.yunqi.editor).id}"

        link = link_on(browser.post(f"{path}/link").text)
        assert app.test_client().get(link).status_code == 200
        assert browser.post(f"{path}/link/void").status_code == 302

        assert app.test_client().get(link).status_code == 404

    def test_every_page_refuses_strangers_weaker_roles_and_wrong_methods(self, cast: Cast, app: Flask) -> None:
        row = membership(cast.yunqi, cast.yunqi.group_editor)
        base = f"{cast.yunqi.path}/members"
        pages = [("get", base), ("get", f"{base}/new"), ("post", f"{base}/new"), ("get", f"{base}/{row.id}")]
        acts = [("post", f"{base}/{row.id}{tail}") for tail in ("", "/remove", "/link", "/link/void")]
        bob, stranger = Browser(app, cast.jiangzhou.admin), Browser(app, cast.stranger)
        editor, reviewer = Browser(app, cast.yunqi.editor), Browser(app, cast.reviewer)

        for method, path in pages + acts:
            for browser, status in ((bob, 404), (stranger, 404), (editor, 403), (reviewer, 403)):
                assert getattr(browser, method)(path).status_code == status, (method, path)
        for _, path in acts[1:]:
            assert editor.get(path).status_code == 405, path
        assert bob.get(f"{cast.jiangzhou.path}/members/{row.id}").status_code == 404

    def test_the_own_province_sees_the_list_and_support_without_a_session_does_not(
        self, cast: Cast, app: Flask
    ) -> None:
        path = f"{cast.yunqi.path}/members"
        own, other = Browser(app, cast.yunqi.province), Browser(app, cast.jiangzhou.province)
        support = Browser(app, cast.support)

        assert [browser.get(path).status_code for browser in (own, support, other)] == [200, 403, 404]
        assert [browser.get(f"{path}/new").status_code for browser in (own, support)] == [403, 403]
        assert "添加用户" not in own.get(path).text

    @pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7*7 }}", "'\"><img src=x>"])
    def test_names_are_text(self, cast: Cast, app: Flask, name: str) -> None:
        browser = Browser(app, cast.yunqi.admin)
        browser.post(
            f"{cast.yunqi.path}/members/new", {"username": "odd", "display_name": name, "role": "tenant_editor"}
        )

        page = browser.get(f"{cast.yunqi.path}/members").text

        assert str(escape(name)) in page
        assert name == "{{ 7*7 }}" or name not in page


class TestUsers:
    def test_staff_are_listed(self, cast: Cast, app: Flask) -> None:
        page = Browser(app, cast.security_admin).get("/admin/users?role=center_reviewer").text

        assert shown(page, r'<th class="main" scope="row">.*?<small>(.*?)</small>') == ["reviewer", "reviewer2"]

    def test_new_account_comes_in_through_the_link(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.security_admin)
        fields = {"username": "hubei", "display_name": "湖北", "role": "province", "province_code": "42"}

        answer = browser.post("/admin/users/new", fields)

        assert enrol(app.test_client(), link_on(answer.text)) == "/center"

    def test_account_is_changed_disabled_and_enabled(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.security_admin)
        path = f"/admin/users/{cast.support.id}"
        with platform_session() as session:
            version = session.get_one(User, cast.support.id).version
        fields = {"display_name": "新名", "role": "center_operator", "province_code": "", "version": version}

        answers = [
            browser.get(path),
            browser.post(path, fields),
            browser.post(path, fields),
            browser.post(f"{path}/disable"),
            browser.post(f"{path}/enable"),
        ]

        assert [answer.status_code for answer in answers] == [200, 302, 409, 302, 302]

    def test_refusal_is_shown_on_the_page(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.security_admin)

        answer = browser.post(f"/admin/users/{cast.auditor.id}/disable")
        own = browser.post(f"/admin/users/{cast.security_admin.id}/link")

        assert (answer.status_code, own.status_code) == (422, 422)
        assert "这是最后一名审计员" in answer.text

    def test_every_page_is_the_security_administrators_alone(self, cast: Cast, app: Flask) -> None:
        one = f"/admin/users/{cast.support.id}"
        pages = [("get", "/admin/users"), ("get", "/admin/users/new"), ("post", "/admin/users/new"), ("get", one)]
        acts = [("post", f"{one}{tail}") for tail in ("", "/disable", "/enable", "/link")]
        people = (
            cast.system_admin, cast.auditor, cast.app_admin, cast.operator, cast.reviewer, cast.support,
            cast.yunqi.province, cast.yunqi.admin, cast.yunqi.editor, cast.stranger,
        )  # fmt: skip

        for person in people:
            browser = Browser(app, person)
            for method, path in pages + acts:
                assert getattr(browser, method)(path).status_code == 403, (person.username, method, path)
        security = Browser(app, cast.security_admin)
        assert [security.get(path).status_code for _, path in acts[1:]] == [405, 405, 405]

    def test_members_and_made_up_ids_are_not_found(self, cast: Cast, app: Flask) -> None:
        browser = Browser(app, cast.security_admin)

        for one in (cast.yunqi.admin.id, new_id(), "x", cast.support.id.upper()):
            assert browser.get(f"/admin/users/{one}").status_code == 404, one


class TestWelcome:
    @pytest.fixture
    def link(self, cast: Cast) -> str:
        with platform_session(writes=True) as session:
            issued = add_staff(Context(session, COMMAND_LINE), "fresh", "新人", Role.CENTER_SUPPORT)
            commit(session)
        return f"/welcome/{issued.token}"

    def test_looking_does_not_use_it_up(self, link: str, client: FlaskClient) -> None:
        assert [client.get(link).status_code for _ in range(3)] == [200, 200, 200]

    def test_link_signs_in_once(self, link: str, app: Flask) -> None:
        client = app.test_client()

        assert enrol(client, link) == "/center"
        assert client.get("/account").status_code == 200
        assert app.test_client().get(link).status_code == 404

    def test_wrong_password_keeps_the_code_picture(self, link: str, client: FlaskClient) -> None:
        page = client.get(link).text
        data = {"csrf_token": form_token(page), "secret": sealed_secret(page), "password": "short", "code": "1"}

        answer = client.post(link, data=data)

        assert answer.status_code == 422
        assert shown(answer.text, r'scan-key">([A-Z2-7 ]+)<') == shown(page, r'scan-key">([A-Z2-7 ]+)<')
        assert client.get(link).status_code == 200

    def test_secret_of_somebody_elses_choosing_is_not_taken(self, link: str, client: FlaskClient) -> None:
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        code = pyotp.TOTP(secret).at(clock.now())
        data = {"csrf_token": form_token(client.get(link).text), "secret": secret, "password": NEW, "code": code}

        assert client.post(link, data=data).status_code == 422

    @pytest.mark.parametrize("path", ["/welcome/made-up", "/welcome/" + "x" * 3000])
    def test_made_up_link_is_not_found(self, cast: Cast, client: FlaskClient, path: str) -> None:
        assert client.get(path).status_code == 404

    def test_wrong_method_is_refused(self, link: str, client: FlaskClient) -> None:
        assert client.delete(link).status_code in {400, 405}


def form_token(page: str) -> str:
    return shown(page, r'name="csrf_token" value="([^"]+)"')[0]


def sealed_secret(page: str) -> str:
    return shown(page, r'name="secret"[^>]*value="([^"]+)"')[0]


def enrol(client: FlaskClient, link: str) -> str:
    """Set password and dynamic token as the page asks, and say where one lands after the offer of recovery codes."""
    page = client.get(link).text
    secret = shown(page, r'scan-key">([A-Z2-7 ]+)<')[0].replace(" ", "")
    code = pyotp.TOTP(secret).at(clock.now())
    data = {"csrf_token": form_token(page), "secret": sealed_secret(page), "password": NEW, "code": code}
    offered, _, onward = client.post(link, data=data).location.partition("?next=")
    assert offered == "/account/recovery-codes"
    return onward


def test_every_other_session_ends_at_once(cast: Cast, app: Flask) -> None:
    here, others = Browser(app, cast.reviewer), [Browser(app, cast.reviewer) for _ in range(2)]
    stranger = Browser(app, cast.operator)

    here.post("/account/other-sessions/end")

    assert [each.get("/account").status_code for each in (here, *others, stranger)] == [200, 302, 302, 200]


def test_account_page_dates_each_factor(cast: Cast, app: Flask) -> None:
    give_passkey(cast.reviewer)
    give_certificate(cast.reviewer)

    page = Browser(app, cast.reviewer).get("/account").text

    assert len(shown(page, "绑定于 [0-9-]* ?[0-9:]+")) == 1
    assert len(shown(page, "登记于 [0-9-]* ?[0-9:]+")) == 1
    assert len(shown(page, "签发于 [0-9-]* ?[0-9:]+")) == 1
    assert len(shown(page, r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]+ 到期")) == 1


def test_open_session_elsewhere_is_listed_with_its_tenant(cast: Cast, app: Flask) -> None:
    open_session(cast.yunqi.admin, address="203.0.113.77")

    page = Browser(app, cast.yunqi.admin).get("/account").text

    assert "203.0.113.77" in page
