"""The ad loop in a browser: a playlist whose entries come and go on the page, and a week that is moved with a finger."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.core import clock
from portal.core import database as databases
from portal.core.database import Database
from portal.media import storage
from portal.media.states import Purpose
from tests.journeys.conftest import Site, Visitor
from tests.journeys.test_editing import saved
from tests.media import videos
from tests.world.content import a_playlist, an_entry, small_picture

MINUTE = 60_000


@pytest.fixture(scope="module")
def on_file(site: Site) -> Iterator[dict[str, str]]:
    """A playlist that is scheduled in the mornings, and two pictures of the library, in the running portal's own files."""
    database = Database(f"sqlite:///{site.folder / 'portal.db'}")
    databases.use(database)
    storage.use(storage.FolderStorage(site.folder / "media"))
    tenant = site.cast.yunqi.tenant
    playlist = a_playlist(tenant)
    an_entry(tenant, playlist)
    free = a_playlist(tenant, "还没排进节目单的")  # one in the schedule may not be empty
    small_picture(tenant, Purpose.AD, (1, 2, 3))
    yield {"playlist": str(free.object_id)}
    database.dispose()


def test_entries_come_and_go_on_the_page(site: Site, visit: Any, on_file: dict[str, str], tmp_path: Path) -> None:
    house = site.cast.yunqi
    visitor: Visitor = visit(house.editor)
    page, rows = visitor.page, visitor.page.locator(".ad-row")
    page.goto(f"{house.path}/content/ads/playlists/{on_file['playlist']}")
    page.wait_for_selector("html.is-bound")
    page.evaluate("() => (globalThis.samePage = true)")

    page.click("[name=remove_item]")
    expect(rows).to_have_count(0)
    saved(page)
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(1)

    page.click("details.shelf summary")
    page.locator("[name=added]").first.check()
    page.click("button[name=add_files]:visible")
    expect(rows).to_have_count(2)

    page.set_input_files("[data-drop] input[type=file]", videos.make(tmp_path / "大堂.avi", "-c:v", "mpeg4", seconds=2))
    expect(rows).to_have_count(3, timeout=MINUTE)
    saved(page)
    assert page.evaluate("() => globalThis.samePage") is True

    page.reload()
    expect(rows).to_have_count(3)
    assert page.locator(".ad-row [name$=-kind]").last.input_value() == "video"


def test_finger_moves_a_block_and_scrolls_where_it_does_not_rest(site: Site, browser: Browser, on_file: Any) -> None:
    del on_file
    visitor = Finger(browser, site)
    page = visitor.page
    page.goto(f"{site.cast.yunqi.path}/content/ads/?day={clock.today()}")
    page.wait_for_selector("html.is-bound")
    block = page.locator("[data-move]").first
    block.scroll_into_view_if_needed()
    before = block.get_attribute("data-from")

    visitor.move(block, 0, 40, rest=20)
    page.wait_for_timeout(300)
    stayed = page.locator("[data-move]").first.get_attribute("data-from")
    block.scroll_into_view_if_needed()
    visitor.move(block, 0, 40, rest=500)
    page.wait_for_selector(".undo-dock")

    moved = page.locator("[data-move]").first.get_attribute("data-from")
    assert (before, stayed) == ("480", "480")
    assert int(moved or 0) > 480
    page.click(".undo-dock button")
    page.wait_for_selector("text=已撤销")
    assert page.locator("[data-move]").first.get_attribute("data-from") == "480"

    page.wait_for_selector("html.is-bound")
    page.locator("[data-move]").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector(".undo-dock")
    expect(page.locator("[data-move]").first).to_be_focused()
    visitor.context.close()
    assert visitor.complaints == []


class Finger(Visitor):
    """Somebody at a screen that is touched."""

    def __init__(self, browser: Browser, site: Site) -> None:
        screen = {"width": 1440, "height": 1000}
        super().__init__(browser, site, site.cast.yunqi.editor, stays=True, has_touch=True, viewport=screen)

    def move(self, block: Any, right: float, down: float, *, rest: int) -> None:
        """This function will touch a block, rest there, move the finger in steps and lift it."""
        box = block.bounding_box()
        x, y = box["x"] + 10, box["y"] + 12
        page: Page = self.page
        devtools = self.context.new_cdp_session(page)
        touch = lambda kind, points: devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})  # noqa: E731
        touch("touchStart", [{"x": x, "y": y}])
        page.wait_for_timeout(rest)
        for step in range(1, 6):
            touch("touchMove", [{"x": x + right * step / 5, "y": y + down * step / 5}])
            page.wait_for_timeout(20)
        touch("touchEnd", [])
        devtools.detach()
