"""The review desk in a browser: two televisions in step, comments, decisions by keyboard, the next one coming up, small ones together."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.journeys.conftest import Site, Visitor

MOST_ACTS = 3
SLOW = 30_000  # players fetch a hundred small files each, and the machine may be busy


@dataclass
class Acts:
    """The clicks and keys of one person, counted."""

    page: Page
    count: int = 0

    def click(self, what: str) -> None:
        self.count += 1
        self.page.click(what)

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)


def hand_in(editor: Visitor, path: str, *texts: str) -> None:
    """This function will write a message for each text and hand it in by itself."""
    for text in texts:
        editor.page.goto(f"{path}/content/marquee/new")
        editor.page.fill("textarea[name=text]", text)
        editor.page.click("button[name=submit_now]")
        editor.page.wait_for_selector("text=已提交审核")


def open_desk(reviewer: Visitor) -> Page:
    """This function will open what is next at the desk."""
    reviewer.page.goto("/center/review")
    reviewer.page.wait_for_selector("html.is-bound")
    return reviewer.page


def televisions(page: Page) -> tuple[FrameLocator, FrameLocator]:
    """This function will return the frames of both players, before and after, once both show something."""
    page.wait_for_selector("[data-module~=pair][data-ready]", timeout=SLOW)
    expect(page.locator(".tv-room[data-shown]")).to_have_count(2, timeout=SLOW)
    return page.frame_locator("[data-side=before] iframe"), page.frame_locator("[data-side=after] iframe")


def title(page: Page) -> Locator:
    return page.locator(".case-head h1")


def focus_of(frame: FrameLocator) -> Locator:
    return frame.locator(".desktop .focus")


def test_both_televisions_go_together_and_show_what_changed(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    hand_in(visit(house.editor, stays=True), house.path, "泳池今晚八点关闭")
    page = open_desk(visit(site.cast.reviewer, stays=True))
    before, after = televisions(page)

    expect(after.locator(".marquee")).to_contain_text("泳池今晚八点关闭")
    expect(before.locator(".marquee")).to_have_count(0)
    expect(page.locator("[data-side=after] .over-mark[data-tile=marquee-bottom]")).to_be_visible()

    page.keyboard.press("t")
    page.keyboard.press("ArrowRight")
    for frame in (before, after):
        expect(focus_of(frame)).to_have_attribute("data-focus", "slot-2")
    page.click(".remote [data-key=down]")
    for frame in (before, after):
        expect(focus_of(frame)).to_have_attribute("data-focus", "slot-4")
    page.fill("[name=tv-moment]", "2026-12-24T18:30")
    page.dispatch_event("[name=tv-moment]", "change")
    for frame in (before, after):
        expect(frame.locator(".desktop .clock b")).to_have_text("18:30")

    page.click(".jumps a")
    expect(page.locator("[data-side=before] [data-absent]")).to_be_visible()
    expect(page.locator("[data-side=after] [data-absent]")).to_be_hidden()
    page.click("[data-view=after]")
    expect(page.locator("[data-side=before]")).to_be_hidden()
    assert page.url.endswith("view=after")
    page.keyboard.press("b")
    expect(page.locator("[data-side=before]")).to_be_visible()


def test_on_a_telephone_the_televisions_come_with_the_first_touch_and_do_what_it_asked(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    hand_in(visit(house.editor, stays=True), house.path, "停车场本周翻修")
    reviewer = visit(site.cast.reviewer, stays=True)
    reviewer.page.set_viewport_size({"width": 390, "height": 844})
    page = open_desk(reviewer)
    page.evaluate("() => new Promise((done) => requestIdleCallback(() => requestIdleCallback(done)))")
    expect(page.locator(".pair iframe")).to_have_count(0)

    page.click(".pair-keys label:has([value=light])")
    page.click(".remote [data-key=right]")

    for frame in televisions(page):
        expect(focus_of(frame)).to_have_attribute("data-focus", "slot-2")
        expect(frame.locator("html")).to_have_attribute("data-theme", "light")


def test_reason_is_sent_by_the_keys_that_send_any_form(site: Site, visit: Any) -> None:
    house = site.cast.jiangzhou
    hand_in(visit(house.editor, stays=True), house.path, "献血车改期")
    page = open_desk(visit(site.cast.second_reviewer, stays=True))
    page.goto(page.locator(".q-item:has-text('江州')").last.get_attribute("href") or "")
    page.wait_for_selector("html.is-bound")

    page.keyboard.press("r")
    page.keyboard.type("写明日期")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".flashes")).to_contain_text("已退回")


def test_one_is_returned_and_one_approved_by_keyboard(site: Site, visit: Any) -> None:
    house = site.cast.jiangzhou
    editor = visit(house.editor, stays=True)
    hand_in(editor, house.path, "门诊停诊通知", "食堂开饭时间", "电梯检修")
    reviewer = visit(site.cast.second_reviewer, stays=True)
    page = open_desk(reviewer)
    page.goto(page.locator(".q-item:has-text('江州')").first.get_attribute("href") or "")
    page.wait_for_selector("html.is-bound")
    expect(title(page)).to_contain_text("门诊停诊通知")

    page.click(".say-more summary")
    page.fill(".say-more textarea", "哪一天停诊？ran back")
    page.click(".say-more button:has-text('发出意见')")
    expect(page.locator(".says")).to_contain_text("哪一天停诊？")

    composing = (
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true, isComposing: true}))"
    )
    page.evaluate(composing)
    page.keyboard.press("r")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("arn jk 写明日期")
    expect(title(page)).to_contain_text("门诊停诊通知")
    page.keyboard.press("Enter")
    expect(title(page)).to_contain_text("食堂开饭时间")
    page.wait_for_selector("html.is-bound")
    page.keyboard.press("a")
    expect(title(page)).to_contain_text("电梯检修")

    editor.page.goto(f"{house.path}/submissions/?state=returned")
    editor.page.click("text=门诊停诊通知")
    expect(editor.page.locator(".note.is-bad")).to_contain_text("写明日期")
    editor.page.click(".say-more summary")
    editor.page.fill(".say-more textarea", "下周一")
    editor.page.click(".say-more button:has-text('发出意见')")
    expect(editor.page.locator(".says-one.is-member")).to_contain_text("下周一")


def test_reviewers_see_each_other_and_hear_who_was_faster(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    hand_in(visit(house.admin, stays=True), house.path, "消防演习")
    first, second = visit(site.cast.reviewer, stays=True), visit(site.cast.second_reviewer, stays=True)
    page = open_desk(first)
    here = page.locator(".q-item:has-text('云栖')").last.get_attribute("href") or ""
    with page.expect_response("**/presence"):
        page.goto(here)
    second.page.goto(here)
    expect(second.page.locator(".case-head .looks")).to_contain_text("在看")

    page.click(".decide button[value=approve]")
    page.wait_for_load_state()
    second.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(second.page.locator("[data-overtaken]")).to_be_visible()


def test_waiting_submission_is_found_seen_and_published_in_three_acts(site: Site, visit: Any) -> None:
    house = site.cast.jiangzhou
    hand_in(visit(house.admin, stays=True), house.path, "三步之内")
    reviewer = visit(site.cast.reviewer, stays=True)
    page = reviewer.page
    page.goto("/center")
    page.wait_for_selector("html.is-bound")
    acts = Acts(page)

    acts.click("a:has-text('开始审核')")
    page.wait_for_selector("html.is-bound")
    seen = title(page).inner_text()
    expect(page.locator(".diffs ins").first).to_be_visible()
    acts.press("a")

    expect(page.locator(".flashes")).to_contain_text("正在送达机顶盒")
    expect(title(page)).not_to_have_text(seen)
    assert acts.count <= MOST_ACTS


def test_small_ones_are_approved_together(site: Site, visit: Any) -> None:
    house = site.cast.jiangzhou
    hand_in(visit(house.editor, stays=True), house.path, "一起之一", "一起之二")
    page = visit(site.cast.second_reviewer, stays=True).page
    page.goto("/center/review/bulk")
    page.wait_for_selector("html.is-bound")
    count = page.locator(".bulk-one").count()

    page.check("[data-all]")
    page.click("[data-together=publish]")

    expect(page.locator(".bulk-one.is-done")).to_have_count(count)
    expect(page.locator(".bulk-says").last).to_contain_text("正在送达机顶盒")
