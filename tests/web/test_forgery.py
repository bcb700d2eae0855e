"""Forms without the token of their page stand in the log, and whoever sends them by the dozen does not fill it."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.core.database import system_session
from portal.web import forgery
from tests.world.browser import Browser
from tests.world.cast import Cast


def denials() -> list[tuple[str, str | None, str, str]]:
    """Who was refused, in which tenant, what for and where."""
    with system_session(reason="test") as session:
        rows = session.scalars(
            select(AuditRecord).where(AuditRecord.event == "access.denied").order_by(AuditRecord.seq)
        )
        return [(row.actor_username, row.tenant_id, row.details["code"], row.details["path"]) for row in rows]


def test_refusal_is_recorded_with_who_it_was(app: Flask, cast: Cast) -> None:
    answers = [
        Browser(app, cast.reviewer).client.post("/sign-out"),
        Browser(app, cast.yunqi.editor).client.post(f"{cast.yunqi.path}/security"),
        app.test_client().post("/sign-in"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert denials() == [
        ("reviewer", None, "csrf", "/sign-out"),
        ("editor@alice", cast.yunqi.tenant.id, "csrf", f"{cast.yunqi.path}/security"),
        ("", None, "csrf", "/sign-in"),
    ]


def test_page_of_the_log_says_what_was_refused(app: Flask, cast: Cast) -> None:
    Browser(app, cast.reviewer).client.post("/sign-out")

    page = Browser(app, cast.auditor).get("/admin/audit").text

    assert "POST /sign-out" in page


def test_many_of_one_address_are_refused_and_not_recorded(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.reviewer)

    answers = {browser.client.post("/sign-out").status_code for _ in range(forgery.MOST_OF_AN_ADDRESS + 5)}
    elsewhere = browser.client.post("/sign-out", environ_overrides={"REMOTE_ADDR": "198.51.100.7"})

    assert (answers, elsewhere.status_code) == ({400}, 400)
    assert len(denials()) == forgery.MOST_OF_AN_ADDRESS + 1


def test_many_addresses_fill_no_log(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgery, "MOST_OF_ALL", 5)

    for number in range(9):
        app.test_client().post("/sign-in", environ_overrides={"REMOTE_ADDR": f"198.51.100.{number}"})

    assert len(denials()) == 5


def test_log_without_a_bound_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault, planted: nobody counts."""
    monkeypatch.setattr(forgery, "_are_many", lambda *_: False)
    browser = Browser(app, cast.reviewer)

    for _ in range(forgery.MOST_OF_AN_ADDRESS + 5):
        browser.client.post("/sign-out")

    assert len(denials()) == forgery.MOST_OF_AN_ADDRESS + 5
