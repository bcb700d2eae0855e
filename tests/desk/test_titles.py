"""A submission is not called after something that its reader may not see, whoever named it and wherever it stands."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.access.acl import ROOT, Effect, Place, Subject
from portal.access.roles import Role
from portal.content.commands import Saved
from portal.core import database as databases
from portal.core.database import system_session, tenant_session
from portal.notify.models import Notice
from portal.review.models import Submission
from portal.review.submitting import Chosen, submit_for_review
from portal.review.titles import BY_LEVEL, PARTLY_HIDDEN
from portal.tenants.models import Tenant
from tests.desk.test_narrowing import make_sensitive, say
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast, House
from tests.world.reviewing import HandedIn, acting, approve, hand_in
from tests.world.workbooks import text_of

MARK, CLASS = "绝密通知", Place("class", "sensitive")
EDITORS = Subject("role", Role.GROUP_EDITOR)


def titled(cast: Cast) -> HandedIn:
    """A submission that a person has called after one of its two objects, which the reviewers may not see."""
    handed_in = hand_in(cast.yunqi, MARK, "看得见的", title=f"{MARK}改动")
    make_sensitive(handed_in)
    say(cast.yunqi, Effect.DENY, "content:view", CLASS)
    return handed_in


def _submit(cast: Cast, saved: Saved) -> str:
    """Hand a draft in without a title, as the editor, and return the title that it got."""
    chosen, who = [Chosen(saved.object_id, saved.sha256)], acting(cast.yunqi.editor)
    made = building.in_tenant(cast.yunqi.tenant, lambda ctx: submit_for_review(ctx, chosen, title=""), who)
    with tenant_session(cast.yunqi.tenant.id) as session:
        return str(session.get_one(Submission, (cast.yunqi.tenant.id, made)).title)


def desk_pages(handed_in: HandedIn) -> list[str]:
    return [handed_in.desk, "/center", "/center/review/bulk", f"/center/search?q={MARK[:2]}", "/center/search?q=送审"]


def test_reviewer_reads_a_title_that_names_nothing(app: Flask, cast: Cast) -> None:
    handed_in = titled(cast)
    browser = Browser(app, cast.reviewer)

    pages = {path: browser.get(path, follow_redirects=True) for path in desk_pages(handed_in)}

    assert {path: (page.status_code, MARK in page.text) for path, page in pages.items()} == dict.fromkeys(
        pages, (200, False)
    )
    assert str(PARTLY_HIDDEN) in pages[handed_in.desk].text


def test_whoever_may_see_it_reads_the_title(app: Flask, cast: Cast) -> None:
    titled(cast)
    pages = [Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/submissions/").text]

    assert [f"{MARK}改动" in page for page in pages] == [True]


def test_member_reads_a_title_that_names_nothing(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, MARK, "看得见的", title=f"{MARK}改动")
    make_sensitive(handed_in)
    say(cast.yunqi, Effect.DENY, "content:view", CLASS, EDITORS)
    browser, path = Browser(app, cast.yunqi.group_editor), f"{cast.yunqi.path}/submissions/"

    pages = [browser.get(path).text, browser.get(f"{path}{handed_in.id}").text]

    assert [(MARK in page, str(PARTLY_HIDDEN) in page) for page in pages] == [(False, True)] * 2


def test_title_that_nobody_typed_names_no_content_where_some_is_kept_from_somebody(cast: Cast) -> None:
    say(cast.yunqi, Effect.DENY, "content:view", CLASS)

    title = _submit(cast, building.add_marquee(cast.yunqi.tenant, MARK))
    hand_in(cast.yunqi, "另一条", title=f"{MARK}改动")

    assert title == "跑马灯"
    with system_session(reason="a test reads what people are told") as session:
        told = [f"{row.text} {row.params}" for row in session.scalars(select(Notice))]
    assert told != []
    assert not any(MARK in words for words in told)


def test_title_that_nobody_typed_names_the_content_elsewhere(cast: Cast) -> None:
    assert _submit(cast, building.add_marquee(cast.yunqi.tenant, MARK)) == MARK


def test_no_word_of_a_title_that_is_kept_back_finds_it(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, MARK, "看得见的", title=f"{MARK}改动")
    make_sensitive(handed_in)
    say(cast.yunqi, Effect.DENY, "content:view", CLASS, EDITORS)
    browser, path = Browser(app, cast.yunqi.group_editor), f"{cast.yunqi.path}/submissions/"

    found = {
        word: [handed_in.id in browser.get(address).text for address in (f"{path}?q={word}", f"{path}?state=&q={word}")]
        + [handed_in.id in browser.get(f"{cast.yunqi.path}/search?q={word}").text]
        for word in (MARK, "jmtz", "juemitongzhi")
    }

    assert found == dict.fromkeys(found, [False] * 3)
    assert handed_in.id in Browser(app, cast.yunqi.admin).get(f"{path}?q={MARK}").text


def test_word_that_finds_what_it_does_not_show_would_be_seen(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: what is searched are the titles as they stand."""
    monkeypatch.setattr("portal.review.views.veiled_in", lambda _session: frozenset())
    handed_in = hand_in(cast.yunqi, MARK, "看得见的", title=f"{MARK}改动")
    make_sensitive(handed_in)
    say(cast.yunqi, Effect.DENY, "content:view", CLASS, EDITORS)

    assert handed_in.id in Browser(app, cast.yunqi.group_editor).get(f"{cast.yunqi.path}/submissions/?q={MARK}").text


def plan_of_releases(app: Flask, cast: Cast) -> list[str]:
    """The plan over all enterprises as a reviewer reads it, as page and as file."""
    reviewer = Browser(app, cast.reviewer)
    return [reviewer.get("/center/releases").text, text_of(reviewer.post("/center/releases"))]


@pytest.mark.parametrize("place", [CLASS, ROOT], ids=["by class", "all of it"])
def test_what_waits_to_be_published_is_named_to_nobody_who_may_not_see_it(app: Flask, cast: Cast, place: Place) -> None:
    handed_in = hand_in(cast.yunqi, MARK, "看得见的", title=f"{MARK}改动")
    make_sensitive(handed_in)
    approve(cast, handed_in)
    assert [MARK in said for said in plan_of_releases(app, cast)] == [True, True]

    say(cast.yunqi, Effect.DENY, "content:view", place)

    read = plan_of_releases(app, cast)
    assert [(MARK in said, str(PARTLY_HIDDEN) in said) for said in read] == [(False, True)] * 2


def test_plan_that_asks_no_list_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: titles of what waits to be published are read as they stand."""
    monkeypatch.setattr("portal.releases.history.veil_by_lists", lambda *_: None)
    handed_in = hand_in(cast.yunqi, MARK, title=f"{MARK}改动")
    make_sensitive(handed_in)
    approve(cast, handed_in)
    say(cast.yunqi, Effect.DENY, "content:view", CLASS)

    assert [MARK in said for said in plan_of_releases(app, cast)] == [True, True]


def strict(house: House) -> None:
    """The enterprise asks for level 3 from now on."""
    with databases.database().engine.begin() as connection:
        connection.execute(update(Tenant).where(Tenant.id == house.tenant.id).values(required_level=3))


def over_all_enterprises(app: Flask, cast: Cast) -> dict[str, str]:
    """What is said of all enterprises at once: pages, searches, and files as their text."""
    reviewer, operator = Browser(app, cast.reviewer), Browser(app, cast.operator)
    said = {
        path: who.get(path, follow_redirects=True).text
        for who, path in (
            (reviewer, "/center"),
            (reviewer, "/center/review/bulk"),
            (reviewer, f"/center/search?q={MARK[:2]}"),
            (reviewer, "/center/search?q=juemi"),
            (reviewer, "/notices"),
            (operator, "/center"),
            (operator, "/center/releases"),
        )
    }
    for who, path in ((reviewer, "/center/review"), (operator, "/center/releases")):
        said[f"{path} as Excel"] = text_of(who.post(path))
    return said


@pytest.mark.parametrize("decided", [False, True], ids=["waits for review", "waits to be published"])
def test_enterprise_of_level_three_names_its_content_to_nobody_below(app: Flask, cast: Cast, decided: bool) -> None:
    strict(cast.yunqi)
    handed_in = hand_in(cast.yunqi, MARK, title=f"{MARK}改动")
    if decided:
        approve(cast, handed_in)

    said = over_all_enterprises(app, cast)

    assert [path for path, words in said.items() if MARK in words] == []
    assert str(BY_LEVEL) in said["/center/releases as Excel" if decided else "/center/review as Excel"]
    assert MARK not in Browser(app, cast.reviewer, vouched=False).get(handed_in.desk).text


def test_enterprise_of_level_three_that_names_it_would_be_seen(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: pages over all enterprises ask for no more than their own level."""
    monkeypatch.setattr("portal.review.titles.is_kept_by_level", lambda *_: False)
    strict(cast.yunqi)
    hand_in(cast.yunqi, MARK, title=f"{MARK}改动")

    said = over_all_enterprises(app, cast)

    assert {path for path, words in said.items() if MARK in words} >= {
        "/center/review as Excel",
        f"/center/search?q={MARK[:2]}",
    }


def test_title_as_it_stands_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: a title is a title, whoever reads it."""
    handed_in = titled(cast)
    for room in ("review.titles", "desk.queries"):
        monkeypatch.setattr(f"portal.{room}.veil_title", lambda submission: None)

    assert MARK in Browser(app, cast.reviewer).get(handed_in.desk).text
