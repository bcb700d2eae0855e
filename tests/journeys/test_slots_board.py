"""The slots on the television itself, beside the form of the one that is open."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.test_editing import saved
from tests.journeys.test_few_acts import full

__all__ = ["full"]

pytestmark = pytest.mark.timeout(300)

SELECTED = ".over-tile[aria-current]"


def open_slot(page: Page, path: str, position: int) -> None:
    """This function will open the form of a slot."""
    page.goto(f"{path}/content/slots/")
    page.goto(page.locator(f".over-tile[data-position='{position}']").get_attribute("href") or "")
    page.wait_for_selector("html.is-bound")


@pytest.mark.usefixtures("full")
def test_slot_that_was_saved_by_itself_changes_its_place(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    page = visit(house.editor).page
    open_slot(page, house.path, 1)

    page.fill("#title", "湖景早餐")
    saved(page)
    page.focus(f"{SELECTED}:not([hidden])")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(".posn")).to_have_text("2")
    expect(page.locator("#title")).to_have_value("湖景早餐")
