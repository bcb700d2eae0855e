"""A session whose ground was taken away while it was open: by the forms of those who may, and over at its very next request."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Membership, User
from portal.core import clock
from portal.core.database import platform_session, tenant_session
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, Person, code_now

Cause = Callable[[Flask, Cast], object]


def membership(person: Person) -> Membership:
    assert person.tenant is not None
    with tenant_session(person.tenant.id) as session:
        return session.scalars(select(Membership).where(Membership.user_id == person.id)).one()


def version(person: Person) -> str:
    with platform_session() as session:
        return str(session.get_one(User, person.id).version)


def by(who: Callable[[Cast], Person], path: Callable[[Cast], str], **form: str) -> Cause:
    """A form that somebody sends from a browser of the own."""
    return lambda app, cast: Browser(app, who(cast)).post(path(cast), form)


def _change_staff_role(app: Flask, cast: Cast) -> None:
    form = {"display_name": "客服", "role": "center_reviewer", "version": version(cast.support)}
    assert Browser(app, cast.security_admin).post(f"/admin/users/{cast.support.id}", form).status_code == 302


def _change_member_role(app: Flask, cast: Cast) -> None:
    row = membership(cast.yunqi.editor)
    form = {"role": "group_editor", "group_id": cast.yunqi.region, "version": str(row.version)}
    assert Browser(app, cast.yunqi.admin).post(f"{cast.yunqi.path}/members/{row.id}", form).status_code in {302, 303}


def _remove_member(app: Flask, cast: Cast) -> None:
    Browser(app, cast.yunqi.admin).post(f"{cast.yunqi.path}/members/{membership(cast.yunqi.editor).id}/remove")


def _suspend(app: Flask, cast: Cast) -> None:
    form = {"confirmed": "1", "reason": "欠费", "cause": "arrears"}
    browser = Browser(app, cast.operator)
    page = browser.get(f"{cast.yunqi.path}/orders/suspend").text
    value = page.partition('name="cause" value="')[2].partition('"')[0]
    browser.post(f"{cast.yunqi.path}/orders/suspend", {**form, **({"cause": value} if value else {})})


STAFF: dict[str, Cause] = {
    "disabled": by(lambda cast: cast.security_admin, lambda cast: f"/admin/users/{cast.support.id}/disable"),
    "another role": _change_staff_role,
    "ended by the administrator": by(
        lambda cast: cast.security_admin, lambda cast: f"/admin/users/{cast.support.id}/sessions/end"
    ),
    "password changed elsewhere": by(lambda cast: cast.support, lambda _: "/account/password", current=PASSWORD, password="another good long password"),
}  # fmt: skip
MEMBERS: dict[str, Cause] = {
    "removed": _remove_member,
    "another role": _change_member_role,
    "ended by the administrator": by(
        lambda cast: cast.yunqi.admin,
        lambda cast: f"{cast.yunqi.path}/members/{membership(cast.yunqi.editor).id}/sessions/end",
    ),
    "enterprise suspended": _suspend,
    "enterprise asks for level 3": by(
        lambda cast: cast.yunqi.admin, lambda cast: f"{cast.yunqi.path}/security", level="3"
    ),
    "asked for level 3 oneself": by(
        lambda cast: cast.yunqi.admin,
        lambda cast: f"{cast.yunqi.path}/members/{membership(cast.yunqi.editor).id}/level",
        required_level="3",
    ),
}


@pytest.mark.parametrize("cause", STAFF)
def test_staff_are_out_at_the_next_request(app: Flask, cast: Cast, cause: str) -> None:
    browser = Browser(app, cast.support)
    assert browser.get("/center").status_code == 200

    STAFF[cause](app, cast)

    assert (browser.get("/center").status_code, browser.post("/notices/read").status_code) in {
        (302, 302),
        (302, 400),
        (302, 401),
    }


@pytest.mark.parametrize("cause", MEMBERS)
def test_members_are_out_at_the_next_request(app: Flask, cast: Cast, cause: str) -> None:
    """Out, or at the page that asks for the level that is needed now."""
    browser, page = Browser(app, cast.yunqi.editor), f"{cast.yunqi.path}/content/logo/"
    assert browser.get(page).status_code == 200

    MEMBERS[cause](app, cast)

    assert browser.get(page).status_code in {302, 303}


def test_session_that_outlives_its_ground_would_be_seen(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a change of role leaves the sessions that were opened for the old one."""
    browser = Browser(app, cast.support)
    monkeypatch.setattr("portal.accounts.commands.users.end_sessions", lambda *_: None)

    STAFF["another role"](app, cast)

    assert browser.get("/center").status_code == 200


def test_overheard_code_does_not_bring_a_session_back(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.support)
    STAFF["disabled"](app, cast)

    answer = browser.post("/step-up/users", {"step_up": "1", "step_up_code": code_now()})

    assert answer.status_code in {302, 400, 401}


class TestTimeOut:
    """Nobody at the desk: pages that ask by themselves keep no session alive."""

    def test_polling_keeps_no_session_alive(self, app: Flask, cast: Cast) -> None:
        assert _after_twenty_minutes_of_polling(app, cast) == 302

    def test_polling_that_counts_would_be_seen(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault planted: whatever is asked for is activity."""
        monkeypatch.setattr("portal.web.sessions._is_passive", lambda _: False)

        assert _after_twenty_minutes_of_polling(app, cast) == 200


def _after_twenty_minutes_of_polling(app: Flask, cast: Cast) -> int:
    browser, began = Browser(app, cast.support), clock.now()
    for minute in range(1, 21):
        with time_machine.travel(began + timedelta(minutes=minute), tick=False):
            browser.get("/session/status", headers={"Accept": "application/json"})
    with time_machine.travel(began + timedelta(minutes=20, seconds=1), tick=False):
        return browser.get("/center").status_code
