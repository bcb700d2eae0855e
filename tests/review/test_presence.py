"""Who looks at which submission now: said by open pages, forgotten with them, over all tenants."""

import time_machine
from flask import Flask
from sqlalchemy import select

from portal.core import clock
from portal.core.database import system_session
from portal.core.ids import new_id
from portal.core.presence import MOST_PAGES, SEEN_FOR
from portal.review.models import ReviewPresence
from portal.review.presence import lookers
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.reviewing import HandedIn, approve, hand_in


def look(app: Flask, cast: Cast, handed_in: HandedIn, who: str = "reviewer", page: str = "", **more: str) -> Browser:
    browser = Browser(app, getattr(cast, who))
    browser.post(f"{handed_in.desk}/presence", {"page": page or new_id(), **more})
    return browser


def seen(besides: str | None = None) -> dict[str, list[str]]:
    with system_session(reason="test") as system:
        return {one: [person.name for person in people] for one, people in lookers(system, besides).items()}


def test_looker_is_seen_by_others_once_whatever_the_pages(app: Flask, cast: Cast) -> None:
    first, second = hand_in(cast.yunqi, "一"), hand_in(cast.jiangzhou, "二")
    for handed_in in (first, first, second):
        look(app, cast, handed_in)

    assert seen() == {first.id: ["Reviewer"], second.id: ["Reviewer"]}
    assert seen(cast.reviewer.id) == {}


def test_queue_and_case_of_another_reviewer_say_so(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    look(app, cast, handed_in)

    page = Browser(app, cast.second_reviewer).get(handed_in.desk).text

    assert page.count("Reviewer在看") == 2


def test_page_that_leaves_or_falls_silent_is_forgotten(app: Flask, cast: Cast) -> None:
    handed_in, page = hand_in(cast.yunqi, "一"), new_id()
    look(app, cast, handed_in, page=page)
    look(app, cast, handed_in, page=page, leave="1")
    left = seen()
    look(app, cast, handed_in)

    with time_machine.travel(clock.now() + SEEN_FOR * 2, tick=False):
        silent = seen()

    assert (left, silent) == ({}, {})


def test_page_hears_that_somebody_else_decided(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    browser = Browser(app, cast.second_reviewer)
    before = browser.post(f"{handed_in.desk}/presence", {"page": new_id()}).json
    approve(cast, handed_in)

    after = browser.post(f"{handed_in.desk}/presence", {"page": new_id()}).json

    assert before
    assert after
    assert (before["waiting"], after["waiting"]) == ([handed_in.saved[0].revision_id], [])
    assert (before["decided_by"], after["decided_by"]) == ("", "Reviewer")


def test_made_up_page_is_not_found(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    assert Browser(app, cast.reviewer).post(f"{handed_in.desk}/presence", {"page": "x"}).status_code == 404


def test_one_person_holds_no_more_than_some_pages(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    browser = Browser(app, cast.reviewer)
    for _page in range(MOST_PAGES + 3):
        browser.post(f"{handed_in.desk}/presence", {"page": new_id()})
    look(app, cast, handed_in, "second_reviewer")

    with system_session(reason="test") as system:
        rows = system.scalars(select(ReviewPresence.user_id)).all()

    assert (rows.count(cast.reviewer.id), rows.count(cast.second_reviewer.id)) == (MOST_PAGES, 1)
