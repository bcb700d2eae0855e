"""Who else edits an object: seen by others while the page is open, forgotten soon after, and no activity of the person."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import SessionActivity
from portal.content.queries import names_of
from portal.core import clock
from portal.core.database import platform_session
from portal.core.ids import new_id
from portal.core.presence import MOST_PAGES, SEEN_FOR
from tests.world.browser import Browser
from tests.world.cast import Cast, Person
from tests.world.content import Full


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def name(person: Person) -> str:
    """This function will return what others call somebody of the cast."""
    with platform_session() as session:
        return names_of(session, [person.id])[person.id]


class Page:
    """An open page of the editor."""

    def __init__(self, app: Flask, full: Full, person: Any) -> None:
        self.browser, self.path, self.id = Browser(app, person), full.at("{marquee}/presence"), new_id()

    def ask(self, **more: str) -> Any:
        answer = self.browser.post(self.path, {"page": self.id, **more})
        assert answer.status_code in {200, 204}
        return answer.get_json(silent=True)

    def names(self) -> list[tuple[str, bool]]:
        return [(one["name"], one["own"]) for one in self.ask()["people"]]


def test_each_sees_the_other(full: Full, app: Flask) -> None:
    mine, other = Page(app, full, full.house.editor), Page(app, full, full.house.admin)

    first, second, again = mine.names(), other.names(), mine.names()

    assert (first, second, again) == ([], [(name(full.house.editor), False)], [(name(full.house.admin), False)])


def test_own_other_page_is_told_apart(full: Full, app: Flask) -> None:
    one, two = Page(app, full, full.house.editor), Page(app, full, full.house.editor)
    one.ask()

    assert two.names() == [(name(full.house.editor), True)]


def test_one_person_holds_no_more_than_some_pages(full: Full, app: Flask) -> None:
    for _page in range(MOST_PAGES + 3):
        Page(app, full, full.house.editor).ask()

    assert len(Page(app, full, full.house.admin).names()) == MOST_PAGES


def test_page_that_was_closed_or_fell_silent_is_gone(full: Full, app: Flask, later: time_machine.Traveller) -> None:
    mine, closed, silent = (
        Page(app, full, who) for who in (full.house.editor, full.house.admin, full.house.group_editor)
    )
    closed.ask()
    silent.ask()
    closed.ask(leave="1")

    here = mine.names()
    later.shift(SEEN_FOR.total_seconds() + 1)
    then = mine.names()

    assert (here, then) == ([(name(full.house.group_editor), False)], [])


def test_since_stays_and_the_version_is_told(full: Full, app: Flask, later: time_machine.Traveller) -> None:
    mine, other = Page(app, full, full.house.editor), Page(app, full, full.house.admin)
    other.ask()
    since = clock.now().astimezone(clock.SHANGHAI).strftime("%H:%M")
    for _ in range(3):
        later.shift(20)
        other.ask()

    told = mine.ask()

    assert [one["since"] for one in told["people"]] == [since]
    assert told["version"] == int(full.version("marquee"))


def test_being_there_keeps_no_session_alive(full: Full, app: Flask, later: time_machine.Traveller) -> None:
    page = Page(app, full, full.house.editor)
    page.browser.get(full.at("marquee/"))
    before = _seen()
    later.shift(300)

    page.ask()

    assert _seen() == before


def _seen() -> list[Any]:
    with platform_session() as session:
        return list(session.scalars(select(SessionActivity.seen_at).order_by(SessionActivity.session_id)))


@pytest.mark.parametrize("page", ["", "x", "a" * 36])
def test_page_has_an_id(full: Full, app: Flask, page: str) -> None:
    answer = Browser(app, full.house.editor).post(full.at("{marquee}/presence"), {"page": page})

    assert answer.status_code == 404


def test_nobody_is_told_who_works_in_another_house(full: Full, app: Flask, cast: Cast) -> None:
    Page(app, full, full.house.editor).ask()
    stranger = Browser(app, cast.jiangzhou.editor)
    own = full.at("{marquee}/presence").replace(cast.yunqi.path, cast.jiangzhou.path)

    assert [stranger.post(path, {"page": new_id()}).status_code for path in (full.at("{marquee}/presence"), own)] == [
        404,
        404,
    ]
