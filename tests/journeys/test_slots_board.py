"""The slots on the television itself, beside the form of the one that is open."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import Gate
from tests.journeys.conftest import Site
from tests.journeys.test_editing import saved
from tests.journeys.test_few_acts import full
from tests.world.building import picture

__all__ = ["full"]

pytestmark = pytest.mark.timeout(300)

SELECTED = ".over-tile[aria-current]"
FREE = ".over-tile[href*='/new']"


def open_slot(page: Page, path: str) -> None:
    """This function will open the form of the first slot that holds something."""
    page.goto(f"{path}/content/slots/")
    page.goto(page.locator(f".over-tile:not({FREE})").first.get_attribute("href") or "")
    page.wait_for_selector("html.is-bound")


@pytest.mark.usefixtures("full")
def test_slot_that_was_saved_by_itself_changes_its_place(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    page = visit(house.editor).page
    open_slot(page, house.path)

    page.fill("#title", "湖景早餐")
    saved(page)
    page.focus(f"{SELECTED}:not([hidden])")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".posn")).to_have_text("2")
    expect(page.locator("#title")).to_have_value("湖景早餐")


@pytest.mark.usefixtures("full")
def test_picture_on_its_way_is_cut_when_it_has_come(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    page = visit(house.editor, stays=True).page
    open_slot(page, house.path)
    cut = page.locator("[data-module=crop]")
    before = page.locator(".picture-field [data-preview] img").first.get_attribute("src")
    line = Gate(page, "**/piece")

    page.set_input_files(
        ".picture-field input[type=file]",
        {"name": "新.png", "mimeType": "image/png", "buffer": picture((9, 90, 200), (1280, 720))},
    )
    expect(cut).to_be_disabled()
    line.open()
    saved(page)
    expect(cut).to_be_enabled()
    expect(page.locator(".picture-field [data-preview] img").first).not_to_have_attribute("src", before or "")
    cut.click()
    expect(page.locator("dialog[open] img")).to_have_js_property("naturalWidth", 1280)


@pytest.mark.usefixtures("full")
def test_slot_that_was_saved_by_itself_is_deleted_beside_the_television(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    page = visit(house.admin).page
    open_slot(page, house.path)
    free = page.locator(FREE).count()

    page.fill("#title", "晚间汤池")
    saved(page)
    expect(page.locator(".insp-state")).to_contain_text("草稿")
    page.click(".insp-head .act-menu summary")
    page.click(".insp-head .act-menu button.is-danger")
    page.wait_for_url("**/content/slots/")
    expect(page.locator(FREE)).to_have_count(free + 1)
