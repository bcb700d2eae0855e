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
from portal.review.listing import sorts
from portal.review.models import Submission
from portal.review.submitting import Chosen, submit_for_review
from portal.review.titles import BY_LEVEL, PARTLY_HIDDEN
from portal.tenants.models import Tenant
from tests.desk.test_narrowing import REVIEWERS, make_sensitive, say
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast, House, Person
from tests.world.reviewing import HandedIn, acting, approve, hand_in, write
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


NOTE = f"因为{MARK}"


def noted(house: House) -> HandedIn:
    """A submission whose title and note name the one of its two objects that is not for everybody."""
    saved = write(house, MARK, "看得见的")
    chosen, who = [Chosen(one.object_id, one.sha256) for one in saved], acting(house.editor)
    made = building.in_tenant(
        house.tenant, lambda ctx: submit_for_review(ctx, chosen, title=f"{MARK}改动", note=NOTE), who
    )
    handed_in = HandedIn(house, made, saved)
    make_sensitive(handed_in)
    return handed_in


def test_note_goes_where_the_title_goes(app: Flask, cast: Cast) -> None:
    handed_in = noted(cast.yunqi)
    before = [Browser(app, who).get(page).text for who, page in readers_of(cast, handed_in)]
    for subject in (EDITORS, REVIEWERS):
        say(cast.yunqi, Effect.DENY, "content:view", CLASS, subject)

    after = [Browser(app, who).get(page).text for who, page in readers_of(cast, handed_in)]

    assert [NOTE in page for page in before] == [True, True]
    assert [MARK in page for page in after] == [False, False]
    assert NOTE in Browser(app, cast.yunqi.admin).get(handed_in.page).text


def readers_of(cast: Cast, handed_in: HandedIn) -> list[tuple[Person, str]]:
    return [(cast.yunqi.group_editor, handed_in.page), (cast.reviewer, handed_in.desk)]


def orders(app: Flask, cast: Cast) -> list[list[str]]:
    """In which order a group editor finds three submissions by title, the second of which names what is kept from the person."""
    browser, path, found = Browser(app, cast.yunqi.group_editor), f"{cast.yunqi.path}/submissions/", []
    say(cast.yunqi, Effect.DENY, "content:view", CLASS, EDITORS)
    first, kept, last = (hand_in(cast.yunqi, text, title=text) for text in ("b", "c", "d"))
    make_sensitive(kept)
    names = {first.id: "first", kept.id: "kept", last.id: "last"}
    for title in ("a", "z"):
        with databases.database().engine.begin() as connection:
            connection.execute(
                update(Submission.__table__).where(Submission.__table__.c.id == kept.id).values(title=title)
            )
        for sort in ("title", "-title"):
            page = browser.get(f"{path}?sort={sort}").text
            found.append([names[one] for one in sorted(names, key=page.index)])
    return found


def test_order_by_title_tells_nothing_of_a_title_that_is_kept_back(app: Flask, cast: Cast) -> None:
    up, down, up_again, down_again = orders(app, cast)

    assert (up, down) == (["kept", "first", "last"], ["last", "first", "kept"])
    assert (up_again, down_again) == (up, down)


def test_order_by_titles_as_they_stand_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: what is sorted by are the titles as they stand."""
    monkeypatch.setattr("portal.review.views.sorts", lambda _veiled: sorts(frozenset()))

    up, _down, up_again, _down_again = orders(app, cast)

    assert up != up_again


def test_submission_that_is_not_approved_with_others_is_not_named_either(app: Flask, cast: Cast) -> None:
    handed_in = titled(cast)
    browser = Browser(app, cast.reviewer)

    answer = browser.post(
        f"/center/review/{cast.yunqi.tenant.enterprise_id}/bulk", {"chosen": handed_in.id, "decision": "approve"}
    )
    said = browser.get(answer.location).text

    assert (f"「{PARTLY_HIDDEN}」没有通过" in said, MARK in said) == (True, False)


def test_list_that_keeps_all_content_from_somebody_leaves_nothing_of_it_in_submissions(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, MARK, title=f"{MARK}改动")
    editor, path = Browser(app, cast.yunqi.editor), cast.yunqi.path
    pages = [path, f"{path}/submissions/", handed_in.page, f"{path}/search?q={MARK[:2]}", f"{path}/releases/"]
    before = [MARK in editor.get(page).text for page in pages]

    say(cast.yunqi, Effect.DENY, "content:view", ROOT, Subject("role", Role.TENANT_EDITOR))

    read = [editor.get(page) for page in pages]
    assert before[:4] == [True] * 4
    assert [(page.status_code, MARK in page.text) for page in read] == [(200, False)] * 5
