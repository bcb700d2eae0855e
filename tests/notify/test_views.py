"""The bell and the list behind it."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access.roles import Role
from portal.core.database import system_session
from portal.core.messages import N_, Name
from portal.notify.models import Notice
from tests.notify.conftest import Say
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.counting import counted_queries

LIST_QUERIES = 12


def notices() -> list[Notice]:
    with system_session(reason="a test") as system:
        return list(system.query(Notice).order_by(Notice.id))


def bell(page: str) -> str:
    found = re.search(r'href="/notices" aria-label="([^"]*)"', page)
    return found.group(1) if found else ""


def test_list_is_for_whoever_is_signed_in(app: Flask, cast: Cast, client: FlaskClient) -> None:
    people = (cast.yunqi.editor, cast.reviewer, cast.auditor, cast.stranger)

    assert [Browser(app, person).get("/notices").status_code for person in people] == [200] * 4
    assert client.get("/notices").status_code == 302


def test_wrong_method_is_refused(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)

    assert browser.client.put("/notices", data={"csrf_token": browser.form_token}).status_code == 405
    assert browser.get("/notices/read").status_code == 405


def test_bell_says_how_many_wait(app: Flask, cast: Cast, say: Say) -> None:
    quiet = bell(Browser(app, cast.yunqi.editor).get("/notices").text)
    say(cast.yunqi, "一", user_id=cast.yunqi.editor.id)

    loud = bell(Browser(app, cast.yunqi.editor).get("/notices").text)

    assert (quiet, loud) == ("消息", "消息，1 条未读")


def test_nothing_to_read_is_said(app: Flask, cast: Cast) -> None:
    assert "没有消息" in Browser(app, cast.yunqi.editor).get("/notices").text


def test_list_needs_as_many_queries_for_three_as_for_one(app: Flask, cast: Cast, say: Say) -> None:
    browser = Browser(app, cast.yunqi.editor)
    counts = []
    for texts in (["一"], ["二", "三"]):
        for text in texts:
            say(cast.yunqi, text, user_id=cast.yunqi.editor.id)
        with counted_queries() as queries:
            browser.get("/notices")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= LIST_QUERIES


def test_message_within_a_message_is_told_in_the_readers_language(app: Flask, cast: Cast, say: Say) -> None:
    say(cast.yunqi, N_("定制logo"), user_id=cast.yunqi.editor.id)  # what is told of may be named by a sentence of ours
    browser = Browser(app, cast.yunqi.editor)

    chinese = browser.get("/notices").text
    browser.post("/preferences", {"lang": "en"})
    english = browser.get("/notices").text

    assert ("定制logo。" in chinese, "定制logo" in english, "Custom logo。" in english) == (True, False, True)


def test_name_within_a_message_is_told_in_the_readers_language(app: Flask, cast: Cast, say: Say) -> None:
    say(cast.yunqi, Name("酒店月包", "Hotel package"), user_id=cast.yunqi.editor.id)
    browser = Browser(app, cast.yunqi.editor)

    chinese = browser.get("/notices").text
    browser.post("/preferences", {"lang": "en"})
    english = browser.get("/notices").text

    assert ("酒店月包。" in chinese, "酒店月包" in english, "Hotel package。" in english) == (True, False, True)


def test_reading_one_leads_to_what_it_speaks_of(app: Flask, cast: Cast, say: Say) -> None:
    say(cast.yunqi, "一", user_id=cast.yunqi.editor.id)
    say(cast.yunqi, "二", user_id=cast.yunqi.editor.id)
    first, _second = notices()
    link = f"{cast.yunqi.path}/submissions/"

    answer = Browser(app, cast.yunqi.editor).post("/notices/read", {"notice": first.id, "link": link})

    assert (answer.status_code, answer.location) == (303, link)
    assert [notice.read_at is None for notice in notices()] == [False, True]


def test_all_can_be_read_at_once(app: Flask, cast: Cast, say: Say) -> None:
    say(cast.yunqi, "一", user_id=cast.yunqi.editor.id)
    say(cast.yunqi, "二", role=Role.TENANT_EDITOR)
    say(cast.yunqi, "别人的", user_id=cast.yunqi.admin.id)

    Browser(app, cast.yunqi.editor).post("/notices/read")

    assert [notice.read_at is None for notice in notices()] == [False, False, True]


def test_others_messages_cannot_be_read_away(app: Flask, cast: Cast, say: Say) -> None:
    say(cast.yunqi, "别人的", user_id=cast.yunqi.admin.id)
    (notice,) = notices()

    Browser(app, cast.stranger).post("/notices/read", {"notice": notice.id})

    assert [one.read_at for one in notices()] == [None]


@pytest.mark.parametrize("link", ["https://evil.example/", "//evil.example", "/\\evil.example", "nonsense"])
def test_reading_leads_to_no_other_site(app: Flask, cast: Cast, say: Say, link: str) -> None:
    say(cast.yunqi, "一", user_id=cast.yunqi.editor.id)

    answer = Browser(app, cast.yunqi.editor).post("/notices/read", {"notice": notices()[0].id, "link": link})

    assert answer.location == "/notices"


@pytest.mark.parametrize("data", [{"notice": "nonsense"}, {"notice": ""}])
def test_nonsense_marks_nothing_but_is_no_fault(app: Flask, cast: Cast, say: Say, data: dict[str, Any]) -> None:
    say(cast.yunqi, "别人的", user_id=cast.yunqi.admin.id)

    answer = Browser(app, cast.yunqi.editor).post("/notices/read", data)

    assert answer.status_code == 303
    assert [one.read_at for one in notices()] == [None]
