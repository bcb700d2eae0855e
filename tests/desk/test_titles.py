"""A submission is not called after something that its reader may not see, whoever named it and wherever it stands."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.acl import Effect, Place, Subject
from portal.access.roles import Role
from portal.content.commands import Saved
from portal.core.database import system_session, tenant_session
from portal.notify.models import Notice
from portal.review.models import Submission
from portal.review.submitting import Chosen, submit_for_review
from portal.review.titles import PARTLY_HIDDEN
from tests.desk.test_narrowing import make_sensitive, say
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.reviewing import HandedIn, acting, hand_in

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


def test_title_as_it_stands_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: a title is a title, whoever reads it."""
    handed_in = titled(cast)
    for room in ("review.titles", "desk.queries"):
        monkeypatch.setattr(f"portal.{room}.veil_title", lambda submission: None)

    assert MARK in Browser(app, cast.reviewer).get(handed_in.desk).text
