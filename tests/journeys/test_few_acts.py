"""How many clicks and keys a task costs from the dashboard on, the text itself not counted: never more than was promised."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from portal.core import database as databases
from portal.core.database import Database
from portal.media import storage
from tests.journeys.conftest import Site, Visitor
from tests.world.building import picture
from tests.world.content import Full, fill
from tests.world.hands import Hands

MOST = {"marquee": 3, "slots": 7, "columns": 14, "time": 5}


@pytest.fixture(scope="module")
def full(site: Site) -> Iterator[Full]:
    """A tenant with something of everything, in the running portal's own files."""
    database = Database(f"sqlite:///{site.folder / 'portal.db'}")
    databases.use(database)
    storage.use(storage.FolderStorage(site.folder / "media"))
    yield fill(site.cast.yunqi)
    database.dispose()


def pictures(count: int) -> list[tuple[str, bytes]]:
    """This function will return small pictures of different colours."""
    return [(f"图{n}.png", picture((40 * n, 90, 100), (960, 540))) for n in range(1, count + 1)]


def at_dashboard(visitor: Visitor) -> Hands:
    """This function will return the hands of somebody who looks at the dashboard."""
    visitor.page.goto(visitor.site.cast.yunqi.path)
    return Hands(visitor.page)


def test_words_are_changed_and_a_time_is_set(site: Site, visit: Any, full: Full) -> None:
    del full
    editor = visit(site.cast.yunqi.editor)
    words, time = change_marquee(at_dashboard(editor)), set_time(at_dashboard(editor))

    assert words <= MOST["marquee"]
    assert time <= MOST["time"]


def test_pictures_are_put_into_slots_and_columns_are_filled(site: Site, visit: Any, full: Full) -> None:
    del full
    editor = visit(site.cast.yunqi.admin)
    slots, columns = fill_slots(at_dashboard(editor)), fill_columns(at_dashboard(editor))

    assert slots <= MOST["slots"]
    assert columns <= MOST["columns"]


def change_marquee(hands: Hands) -> int:
    """This function will change a message and submit it."""
    hands.click("nav.rail a[href$='/content/marquee/']")
    hands.click("td.main a")
    hands.page.fill("textarea[name=text]", "今晚热水检修改到九点")
    hands.click("button[name=submit_now]")
    hands.page.wait_for_selector("text=已提交审核")
    return hands.acts


def set_time(hands: Hands) -> int:
    """This function will set from when until when a message shows, and submit it."""
    page = hands.page
    saves: list[str] = []
    page.on(
        "request", lambda one: saves.append(one.url) if one.is_navigation_request() and one.method == "POST" else None
    )
    hands.click("nav.rail a[href$='/content/marquee/']")
    hands.click("td.main a")
    hands.click("[data-add]")
    expect(page.locator("input[name$=-from_]")).to_be_focused()
    page.fill("input[name$=-from_]", "2027-02-01")
    hands.click("input[name$=-until]")
    page.fill("input[name$=-until]", "2027-02-16")
    hands.click("button[name=submit_now]")
    page.wait_for_selector("text=已提交审核")
    assert len(saves) == 1
    return hands.acts


def fill_slots(hands: Hands) -> int:
    """This function will drop three pictures on the third slot, and submit what they made."""
    page = hands.page
    hands.click("nav.rail a[href$='/content/slots/']")
    page.wait_for_selector(".over-tile.p3:not([hidden])")
    hands.drop(pictures(3), on=".over-tile.p3")
    page.wait_for_selector(".flashes .is-ok")
    titles = [page.get_attribute(f".over-tile.p{n}", "aria-label") or "" for n in (3, 4, 5)]
    hands.click(".draftbar a.btn-primary")
    hands.click("main button[type=submit].btn-primary")
    page.wait_for_selector(".flashes .is-ok")
    assert [title.partition("：")[2] for title in titles] == ["图1", "图2", "图3"]
    return hands.acts


def fill_columns(hands: Hands) -> int:
    """This function will make two columns with two below each, and five items in the last."""
    page = hands.page
    hands.click("nav.rail a[href$='/content/zone/']")
    for first, below in (("餐饮", ("早餐", "晚餐")), ("周边", ("步道", "夜市"))):
        hands.click("[aria-label=新建一级栏目]")
        hands.type(first)
        hands.press("Enter")
        page.wait_for_selector(f".tree .is-open >> text={first}")
        for second in below:  # the field waits with the focus
            expect(page.locator("[aria-label=新建二级栏目]")).to_be_focused()
            hands.type(second)
            hands.press("Enter")
            page.wait_for_selector(f".l2s >> text={second}")
    hands.drop(pictures(5), on="[data-drop]")
    page.wait_for_selector("text=5 个条目已存为草稿。")
    return hands.acts
