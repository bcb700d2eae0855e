"""The pages of officers, and attempts to do another officer's work through any of them."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.access.models import Appointment
from portal.access.roles import Role
from portal.accounts import certificate_files
from portal.accounts.models import ClientCertificate, User
from portal.audit.models import AuditRecord
from portal.core.database import platform_session, system_session
from tests.world.browser import Browser
from tests.world.cast import Cast, Person

PATH = "/admin/officers"
NEW = {"username": "newauditor", "display_name": "新审计员", "role": "auditor", "reason": "轮岗"}


def open_appointment() -> str:
    with platform_session() as session:
        return session.scalars(select(Appointment.id).where(Appointment.decided_at.is_(None))).one()


def role_of(person: Person) -> str | None:
    with platform_session() as session:
        return session.get_one(User, person.id).staff_role


def accounts() -> int:
    with platform_session() as session:
        return session.scalar(select(func.count(User.id))) or 0


def refusals(person: Person) -> int:
    with system_session(reason="a test counts refusals") as session:
        denied = select(func.count()).where(AuditRecord.outcome == "denied", AuditRecord.actor_id == person.id)
        return session.scalar(denied) or 0


def test_auditor_is_appointed_by_two_and_gets_a_link(cast: Cast, app: Flask) -> None:
    asked = Browser(app, cast.system_admin).post(f"{PATH}/new", NEW)
    second = Browser(app, cast.security_admin)
    listed = second.get(PATH).text
    confirmed = second.post(f"{PATH}/appointments/{open_appointment()}/confirm")

    assert (asked.status_code, confirmed.status_code) == (303, 200)
    assert "newauditor" in listed
    assert re.search(r'value="http://localhost:8000/welcome/\w', confirmed.text)


def test_system_administrator_alone_appoints_nobody(cast: Cast, app: Flask) -> None:
    browser, before = Browser(app, cast.system_admin), accounts()
    browser.post(f"{PATH}/new", NEW)

    answers = [
        browser.post(f"{PATH}/appointments/{open_appointment()}/confirm"),
        browser.post("/admin/users/new", NEW),
        browser.post(f"/admin/users/{cast.support.id}", {"display_name": "x", "role": "auditor", "version": "1"}),
        browser.post(f"/admin/users/{cast.auditor.id}/link"),
        browser.post(f"/admin/users/{cast.auditor.id}/disable"),
    ]

    assert [answer.status_code for answer in answers] == [303, 403, 403, 403, 403]
    assert "由另一个岗位的管理员确认" in browser.get(PATH).text
    assert (accounts(), role_of(cast.support)) == (before, Role.CENTER_SUPPORT)
    assert refusals(cast.system_admin) == 4


def test_security_administrator_alone_makes_no_officer_and_takes_over_none(cast: Cast, app: Flask) -> None:
    browser, before = Browser(app, cast.security_admin), accounts()

    answers = [
        browser.post("/admin/users/new", NEW),
        browser.post(f"/admin/users/{cast.support.id}", {"display_name": "x", "role": "auditor", "version": "2"}),
        browser.post(f"/admin/users/{cast.auditor.id}/link"),
        browser.post(f"/admin/users/{cast.system_admin.id}/link"),
        browser.post(f"/admin/users/{cast.auditor.id}/disable"),
        browser.post(
            f"/admin/users/{cast.security_admin.id}", {"display_name": "x", "role": "auditor", "version": "2"}
        ),
    ]

    assert {answer.status_code for answer in answers} <= {409, 422}
    assert accounts() == before
    assert [role_of(person) for person in (cast.support, cast.security_admin)] == ["center_support", "security_admin"]


@pytest.mark.parametrize("officer", ["system_admin", "security_admin", "auditor"])
def test_no_officer_opens_the_pages_of_another(cast: Cast, app: Flask, officer: str) -> None:
    pages = {"system_admin": [], "security_admin": ["/admin/users", "/admin/users/new"], "auditor": ["/admin/audit"]}
    browser = Browser(app, getattr(cast, officer))

    others = [page for kind, found in pages.items() if kind != officer for page in found]

    assert {page: browser.get(page).status_code for page in others} == dict.fromkeys(others, 403)


def test_auditor_sees_appointments_and_answers_none(cast: Cast, app: Flask) -> None:
    Browser(app, cast.system_admin).post(f"{PATH}/new", NEW)
    browser, appointment = Browser(app, cast.auditor), open_appointment()

    page = browser.get(PATH)
    answers = [browser.post(f"{PATH}/appointments/{appointment}/{act}").status_code for act in ("confirm", "refuse")]

    assert (page.status_code, answers) == (200, [403, 403])
    assert "newauditor" in page.text
    assert "/confirm" not in page.text


def test_form_that_names_more_than_it_has_changes_nothing_more(cast: Cast, app: Flask) -> None:
    """A post that adds layer, proposer and outcome to the fields of the form."""
    more = {"layer": "system", "proposed_by": cast.auditor.id, "proposed_as": "auditor", "outcome": "confirmed"}
    Browser(app, cast.system_admin).post(f"{PATH}/new", {**NEW, **more})

    with platform_session() as session:
        row = session.scalars(select(Appointment)).one()

    assert (row.proposed_by, row.proposed_as, row.outcome) == (cast.system_admin.id, "system_admin", None)


def test_preferences_and_own_pages_take_no_role(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.support)
    promoting = {"role": "security_admin", "staff_role": "security_admin", "layer": "system", "theme": "dark"}

    for path in ("/preferences", "/account/password"):
        browser.post(path, promoting)

    assert role_of(cast.support) == Role.CENTER_SUPPORT
    assert browser.get("/admin/users").status_code == 403


def test_wrong_proposal_says_what_is_wrong(cast: Cast, app: Flask) -> None:
    answer = Browser(app, cast.system_admin).post(f"{PATH}/new", {"username": "", "role": "center_operator"})

    assert answer.status_code == 422
    assert all(sentence in answer.text for sentence in ("请填写姓名。", "请选择一个角色。", "请写明原因"))


def test_certificate_of_an_officer_takes_two(cast: Cast, app: Flask, tmp_path: Path) -> None:
    certificate_files.configure(tmp_path / "certificates")
    security, system = Browser(app, cast.security_admin), Browser(app, cast.system_admin)

    alone = security.post(f"/admin/users/{cast.auditor.id}/certificates")
    asked = security.post(f"{PATH}/{cast.auditor.id}/certificate", {"reason": "新发的智能卡"})
    own = security.post(f"{PATH}/{cast.security_admin.id}/certificate", {"reason": "x"})
    appointment = open_appointment()
    itself = security.post(f"{PATH}/appointments/{appointment}/confirm")
    with platform_session() as session:
        before = list(session.scalars(select(ClientCertificate.user_id)))
    confirmed = system.post(f"{PATH}/appointments/{appointment}/confirm")

    assert (alone.status_code, asked.status_code, own.status_code, itself.status_code) == (302, 303, 422, 303)
    assert before == []
    assert 'download="auditor.p12"' in confirmed.text
    with platform_session() as session:
        assert session.scalars(select(ClientCertificate.user_id)).all() == [cast.auditor.id]
