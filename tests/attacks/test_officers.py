"""Accounts of two layers, and offices left empty: asked for by the forms that there are, alone and at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.access.roles import Role
from portal.accounts.commands import users
from portal.accounts.models import Membership, User
from portal.core import database as databases
from portal.core.database import platform_session, system_session
from tests.attacks.log import newest, recorded
from tests.world.browser import Browser
from tests.world.cast import Cast, Person, staff_member


def version_of(person: Person) -> str:
    with platform_session() as session:
        return str(session.get_one(User, person.id).version)


def seats_of(person: Person) -> tuple[str | None, int]:
    """A person's office, and how many enterprises the person belongs to."""
    with system_session(reason="a test looks for seats") as session:
        role = session.get_one(User, person.id).staff_role
        return role, session.scalar(select(func.count()).where(Membership.user_id == person.id)) or 0


def in_office(role: Role) -> int:
    with platform_session() as session:
        wanted = select(func.count(User.id)).where(User.staff_role == role, User.disabled_at.is_(None))
        return session.scalar(wanted) or 0


class TestTwoLayers:
    """One account, one layer: whatever the forms are told."""

    @pytest.mark.parametrize(
        "role", ["app_admin", "system_admin", "security_admin", "auditor", "tenant_admin", "system", "cli", "nobody"]
    )
    def test_account_does_not_change_its_layer(self, app: Flask, cast: Cast, role: str) -> None:
        before = newest()
        form = {"display_name": "客服", "role": role, "version": version_of(cast.support)}

        answer = Browser(app, cast.security_admin).post(f"/admin/users/{cast.support.id}", form)

        assert answer.status_code == 422
        assert seats_of(cast.support) == ("center_support", 0)
        assert "account.user_changed" not in recorded("done", since=before)

    def test_member_does_not_become_staff(self, app: Flask, cast: Cast) -> None:
        browser = Browser(app, cast.security_admin)
        form = {"display_name": "编辑", "role": "center_reviewer", "version": version_of(cast.yunqi.editor)}

        answers = [
            browser.post(f"/admin/users/{cast.yunqi.editor.id}", form),
            browser.post("/admin/users/new", {**form, "username": cast.yunqi.editor.username}),
        ]

        assert [answer.status_code for answer in answers] == [404, 422]
        assert seats_of(cast.yunqi.editor) == (None, 1)

    def test_staff_do_not_become_members(self, app: Flask, cast: Cast) -> None:
        form = {"username": cast.reviewer.username, "display_name": "审", "role": "tenant_admin"}

        answer = Browser(app, cast.yunqi.admin).post(f"{cast.yunqi.path}/members/new", form)

        assert answer.status_code == 422
        assert seats_of(cast.reviewer) == ("center_reviewer", 0)

    def test_account_of_two_layers_would_be_seen(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault planted: the command forgets the layers."""
        monkeypatch.setattr(users, "_stays_in_layer", lambda *_: {})
        form = {"display_name": "客服", "role": "app_admin", "version": version_of(cast.support)}

        Browser(app, cast.security_admin).post(f"/admin/users/{cast.support.id}", form)

        assert seats_of(cast.support) == ("app_admin", 0)


class TestLastOfEach:
    """Two of an office disable each other at the same moment, each in a browser of their own."""

    def test_last_one_stays_whoever_is_first(self, app: Flask, cast: Cast) -> None:
        before = newest()

        _disable_each_other(app, cast)

        assert in_office(Role.SECURITY_ADMIN) == 1
        assert recorded("done", since=before).count("account.user_disabled") == 1

    @pytest.mark.parametrize("person", ["system_admin", "security_admin", "auditor"])
    def test_last_one_stays_at_rest_too(self, app: Flask, cast: Cast, person: str) -> None:
        last: Person = getattr(cast, person)

        Browser(app, cast.security_admin).post(f"/admin/users/{last.id}/disable")

        assert in_office(last.role) == 1

    def test_office_left_empty_would_be_seen(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault planted: nobody counts who is left."""
        monkeypatch.setattr(users, "_may_lose_role", lambda *_: None)

        Browser(app, cast.security_admin).post(f"/admin/users/{cast.auditor.id}/disable")

        assert in_office(Role.AUDITOR) == 0


def _disable_each_other(app: Flask, cast: Cast) -> None:
    second = staff_member("security2", Role.CENTER_SUPPORT)
    with databases.database().engine.begin() as connection:  # as two officers would have appointed
        promoted = update(User).where(User.id == second.id).values(staff_role=Role.SECURITY_ADMIN)
        connection.execute(promoted)
    second = replace(second, role=Role.SECURITY_ADMIN)
    pairs = [(Browser(app, cast.security_admin), second), (Browser(app, second), cast.security_admin)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda pair: pair[0].post(f"/admin/users/{pair[1].id}/disable"), pairs))
