"""A list of sessions holds those whose next request would be let in: on the own page, an administrator's, the security administrator's."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.gate.models import RolePolicy
from portal.accounts.models import Membership, SessionActivity, UserSession
from portal.core import clock, unit_of_work
from portal.core.database import platform_session, tenant_session
from portal.core.tokens import token_hash
from tests.world.browser import Browser
from tests.world.cast import ADDRESS, Cast, Person, open_session
from tests.world.workbooks import sheets

ELSEWHERE = "203.0.113.77"

RESTED = [
    pytest.param(14, None, True, id="less than the limit"),
    pytest.param(16, None, False, id="longer than the limit"),
    pytest.param(16, 30, True, id="longer, and the role may"),
    pytest.param(10, 5, False, id="less, and the role may not"),
]


def rest(person: Person, minutes: int, role_minutes: int | None) -> str:
    """A session of the person from elsewhere that was not used for so long; returns its token."""
    token = open_session(person, address=ELSEWHERE)
    with platform_session(writes=True) as session:
        row = session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(token))).one()
        session.get_one(SessionActivity, row.id).seen_at = clock.now() - timedelta(minutes=minutes)
        if role_minutes is not None:
            session.merge(RolePolicy(role=person.role.value, idle_minutes=role_minutes))
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    return token


def is_let_in(app: Flask, token: str) -> bool:
    client = app.test_client()
    client.set_cookie("portal_session", f"s.{token}")
    return client.get("/account").status_code == 200


@pytest.mark.parametrize(("minutes", "role_minutes", "listed"), RESTED)
def test_member_is_signed_in_where_the_next_request_is_let_in(
    app: Flask, cast: Cast, minutes: int, role_minutes: int | None, listed: bool
) -> None:
    person, own, admin = cast.yunqi.editor, Browser(app, cast.yunqi.editor), Browser(app, cast.yunqi.admin)
    with tenant_session(cast.yunqi.tenant.id) as session:
        member = session.scalars(select(Membership.id).where(Membership.user_id == person.id)).one()
    token = rest(person, minutes, role_minutes)

    pages = [own.get("/account").text, admin.get(f"{cast.yunqi.path}/members/{member}").text]

    assert [ELSEWHERE in page for page in pages] == [listed, listed]
    assert is_let_in(app, token) is listed


@pytest.mark.parametrize(("minutes", "role_minutes", "listed"), RESTED)
def test_staff_are_signed_in_where_the_next_request_is_let_in(
    app: Flask, cast: Cast, minutes: int, role_minutes: int | None, listed: bool
) -> None:
    person, own, officer = cast.support, Browser(app, cast.support), Browser(app, cast.security_admin)
    token = rest(person, minutes, role_minutes)

    pages = [own.get("/account").text, officer.get(f"/admin/users/{person.id}").text]

    assert [ELSEWHERE in page for page in pages] == [listed, listed]
    assert is_let_in(app, token) is listed


def test_sheet_holds_what_the_page_lists(app: Flask, cast: Cast) -> None:
    browser, officer = Browser(app, cast.support), Browser(app, cast.security_admin)
    rest(cast.support, 16, None)
    pages = [(browser, "/account/sessions"), (officer, f"/admin/users/{cast.support.id}/sessions")]

    found = [sheets(browser.post(address)) for browser, address in pages]

    assert [ELSEWHERE in str(sheet) for sheet in found] == [False, False]
    assert [ADDRESS in str(sheet) for sheet in found] == [True, True]


def test_list_that_forgets_the_limit_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: sessions rest as long as they like, for the lists alone."""
    monkeypatch.setattr("portal.accounts.whereabouts.may_rest", lambda *_: timedelta(days=1))
    browser = Browser(app, cast.support)
    token = rest(cast.support, 16, None)

    assert ELSEWHERE in browser.get("/account").text
    assert not is_let_in(app, token)
