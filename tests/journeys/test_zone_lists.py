"""The columns and items of the zone: moved by keyboard, and several of them hidden at once."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.test_few_acts import at_dashboard, fill_columns

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def page(site: Site, visit: Any) -> Page:
    """The zone of an enterprise with two columns, and five items in the last."""
    hands = at_dashboard(visit(site.cast.yunqi.admin, stays=True))
    fill_columns(hands)
    hands.page.wait_for_selector("html.is-bound")
    return hands.page


def test_moved_column_keeps_the_focus_and_ticked_items_are_hidden_at_once(page: Page) -> None:
    page.get_by_title("餐饮", exact=True).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".flashes")).to_contain_text("次序已存为草稿")
    expect(page.get_by_title("餐饮", exact=True)).to_be_focused()

    before = page.locator(".card-foot").first.bounding_box()
    page.locator(".card-i .row-check").first.click()
    page.locator(".card-i .row-check").nth(1).click()
    assert page.locator(".card-foot").first.bounding_box() == before
    page.get_by_role("button", name="隐藏", exact=True).locator("visible=true").click()
    expect(page.locator(".flashes")).to_contain_text("2 项已隐藏")
