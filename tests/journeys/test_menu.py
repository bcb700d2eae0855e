"""The menu at the left: the line of the page that is open is in sight, and the page itself stays where it begins. The menu of a row: whole,
wherever the row stands."""

from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Site


def test_menu_shows_the_open_page_and_the_page_its_heading(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    page = visit(house.admin, stays=True).page
    page.set_viewport_size({"width": 1280, "height": 560})

    page.goto(f"{house.path}/audit")
    page.wait_for_selector("html.is-bound")

    expect(page.locator(".menu [aria-current]")).to_be_in_viewport(ratio=1)
    expect(page.locator("h1")).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0


def test_menu_of_the_last_row_is_not_cut_off_by_its_table(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    page = visit(house.admin, stays=True).page

    page.goto(f"{house.path}/groups")
    page.wait_for_selector("html.is-bound")
    menu = page.locator(".tbl details.pop").last
    menu.locator("summary").click()

    for act in menu.locator(".pop-body :is(a, button)").all():
        expect(act).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(menu.locator(".pop-body")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()
