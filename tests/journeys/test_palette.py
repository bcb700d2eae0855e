"""What `/` and `?` open, by keyboard alone: found while one types, walked through, gone to; Escape gives the page back."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site


def _at(visitor: Any, path: str) -> Page:
    page: Page = visitor.page
    page.goto(path)
    page.wait_for_selector("html.is-bound")
    return page


def test_slash_finds_while_one_types_and_enter_leads_there(site: Site, visit: Any) -> None:
    page = _at(visit(site.cast.yunqi.editor, stays=True), site.cast.yunqi.path)

    page.keyboard.press("/")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("paomadeng")
    found = page.locator("#palette [data-found] a")
    expect(found.first).to_have_class("is-chosen")
    expect(found.first).to_contain_text("跑马灯")

    count = found.count()
    page.keyboard.press("ArrowUp")
    expect(found.nth(count - 1)).to_have_class("is-chosen")
    page.keyboard.press("ArrowDown")
    expect(found.first).to_have_class("is-chosen")
    page.keyboard.press("Enter")

    page.wait_for_url("**/content/marquee/")
    expect(page.locator("#palette")).to_be_hidden()


def test_escape_gives_the_focus_back(site: Site, visit: Any) -> None:
    page = _at(visit(site.cast.yunqi.editor, stays=True), site.cast.yunqi.path)
    link = page.get_by_role("link", name="写一条跑马灯").first
    link.focus()

    page.keyboard.press("/")
    page.keyboard.type("zhuanqu")
    expect(page.locator("#palette [data-found] a").first).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#palette")).to_be_hidden()
    expect(link).to_be_focused()


def test_slash_in_a_field_belongs_to_the_field(site: Site, visit: Any) -> None:
    page = _at(visit(site.cast.yunqi.editor, stays=True), f"{site.cast.yunqi.path}/content/marquee/new")

    page.focus("textarea[name=text]")
    page.keyboard.type("早餐 6:30/8:30?")

    assert page.input_value("textarea[name=text]") == "早餐 6:30/8:30?"
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_question_mark_lists_the_keys_of_the_page_at_hand(site: Site, visit: Any) -> None:
    page = _at(visit(site.cast.yunqi.editor, stays=True), site.cast.yunqi.path)
    link = page.get_by_role("link", name="写一条跑马灯").first
    link.focus()

    page.keyboard.press("?")
    keys = page.locator("#shortcuts")
    expect(keys).to_be_visible()
    expect(keys.locator("dd:visible", has_text="搜索")).to_have_count(1)
    here = keys.locator("dt:visible").all_inner_texts()
    page.keyboard.press("Escape")

    expect(keys).to_be_hidden()
    expect(link).to_be_focused()
    assert "/" in " ".join(here)


def test_what_one_may_not_see_is_not_found(site: Site, visit: Any) -> None:
    page = _at(visit(site.cast.yunqi.editor, stays=True), site.cast.yunqi.path)

    page.keyboard.press("/")
    page.keyboard.type("jiangzhou")
    expect(page.locator("#palette [data-found]")).not_to_be_empty()

    expect(page.locator("#palette [data-found] a")).to_have_count(0)
