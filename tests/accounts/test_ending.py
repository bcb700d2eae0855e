"""Sessions that an administrator ends, from the page of the account: those meant, at once, on record, and no others."""

from collections.abc import Sequence

from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Membership
from portal.accounts.queries import open_sessions
from portal.audit.models import AuditRecord
from portal.core.database import platform_session, system_session, tenant_session
from portal.core.ids import new_id
from tests.world.browser import Browser
from tests.world.cast import Cast, House, Person, join


def sessions_of(person: Person) -> Sequence[str]:
    """The ids of the sessions in which a person is signed in, the oldest first."""
    with platform_session() as session:
        found = open_sessions(session, person.id)
    return [each.id for each in sorted(found, key=lambda each: each.created_at)]


def ended() -> list[tuple[str, str]]:
    """Who ended whose sessions as an administrator, one entry for each."""
    with system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == "account.session_ended")).all()
        return [(row.actor_name, row.target_title) for row in rows if row.details["reason"] == "ended_by_administrator"]


def of_staff(person: Person) -> str:
    return f"/admin/users/{person.id}"


def of_member(house: House, person: Person) -> str:
    with tenant_session(house.tenant.id) as session:
        member = session.scalars(select(Membership).where(Membership.user_id == person.id)).one()
    return f"{house.path}/members/{member.id}"


class TestStaff:
    def test_page_lists_where_the_person_is_signed_in(self, app: Flask, cast: Cast) -> None:
        security = Browser(app, cast.security_admin)
        assert "他现在没有登录着" in security.get(of_staff(cast.support)).text

        Browser(app, cast.support)

        page = security.get(of_staff(cast.support)).text
        assert f"{of_staff(cast.support)}/sessions/{sessions_of(cast.support)[0]}/end" in page
        assert f"{of_staff(cast.support)}/sessions/end" not in page, "one is ended by its own button"

    def test_one_session_is_ended_and_the_other_goes_on(self, app: Flask, cast: Cast) -> None:
        left, kept = Browser(app, cast.support), Browser(app, cast.support)

        answer = Browser(app, cast.security_admin).post(
            f"{of_staff(cast.support)}/sessions/{sessions_of(cast.support)[0]}/end"
        )

        assert answer.status_code == 302
        assert (left.get("/center").status_code, kept.get("/center").status_code) == (302, 200)
        assert ended() == [("Security", "support")]

    def test_all_are_ended_at_once(self, app: Flask, cast: Cast) -> None:
        browsers = [Browser(app, cast.support) for _ in range(3)]

        Browser(app, cast.security_admin).post(f"{of_staff(cast.support)}/sessions/end")

        assert [browser.get("/center").status_code for browser in browsers] == [302, 302, 302]
        assert ended() == [("Security", "support")] * 3

    def test_whoever_asks_stays_signed_in(self, app: Flask, cast: Cast) -> None:
        here, elsewhere = Browser(app, cast.security_admin), Browser(app, cast.security_admin)

        here.post(f"{of_staff(cast.security_admin)}/sessions/end")

        assert (here.get("/admin/users").status_code, elsewhere.get("/admin/users").status_code) == (200, 302)

    def test_session_of_another_account_is_none_of_this_one(self, app: Flask, cast: Cast) -> None:
        reviewer, security = Browser(app, cast.reviewer), Browser(app, cast.security_admin)
        foreign = sessions_of(cast.reviewer)[0]

        answers = [
            security.post(f"{of_staff(cast.support)}/sessions/{each}/end").status_code for each in (foreign, new_id())
        ]

        assert answers == [404, 404]
        assert reviewer.get("/center").status_code == 200

    def test_members_are_no_accounts_of_the_center(self, app: Flask, cast: Cast) -> None:
        editor = Browser(app, cast.yunqi.editor)

        answer = Browser(app, cast.security_admin).post(f"{of_staff(cast.yunqi.editor)}/sessions/end")

        assert answer.status_code == 404
        assert editor.get(cast.yunqi.path).status_code < 400


class TestMembers:
    def test_administrator_ends_the_sessions_in_the_own_enterprise_alone(self, app: Flask, cast: Cast) -> None:
        editor = cast.yunqi.editor
        join(editor, cast.jiangzhou)
        here = Browser(app, editor, tenant=cast.yunqi.tenant)
        there = Browser(app, editor, tenant=cast.jiangzhou.tenant)

        Browser(app, cast.yunqi.admin).post(f"{of_member(cast.yunqi, editor)}/sessions/end")

        pages = [
            browser.get(f"{house.path}/content/logo/").status_code
            for browser, house in ((here, cast.yunqi), (there, cast.jiangzhou))
        ]
        assert pages == [302, 200]
        assert ended() == [("Alice", "editor@alice")]

    def test_session_in_another_enterprise_is_neither_shown_nor_ended(self, app: Flask, cast: Cast) -> None:
        editor = cast.yunqi.editor
        join(editor, cast.jiangzhou)
        there = Browser(app, editor, tenant=cast.jiangzhou.tenant)
        admin, page = Browser(app, cast.yunqi.admin), of_member(cast.yunqi, editor)
        foreign = sessions_of(editor)[0]

        answer = admin.post(f"{page}/sessions/{foreign}/end")

        assert foreign not in admin.get(page).text
        assert answer.status_code == 404
        assert there.get(f"{cast.jiangzhou.path}/content/logo/").status_code == 200

    def test_one_session_is_ended(self, app: Flask, cast: Cast) -> None:
        left, kept = Browser(app, cast.yunqi.editor), Browser(app, cast.yunqi.editor)
        session = sessions_of(cast.yunqi.editor)[0]

        Browser(app, cast.yunqi.admin).post(f"{of_member(cast.yunqi, cast.yunqi.editor)}/sessions/{session}/end")

        page = f"{cast.yunqi.path}/content/logo/"
        assert (left.get(page).status_code, kept.get(page).status_code) == (302, 200)
