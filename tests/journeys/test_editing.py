"""Two people at one message: each sees the other, nobody's work is lost, a step can be taken back; and all of it without a mouse."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.test_session_ends import run_out
from tests.world.cast import PASSWORD, code_now

FIELD = "textarea[name=text]"


def saved(page: Page) -> None:
    """This function will wait until the page says that everything is saved."""
    page.wait_for_selector("[data-saved=saved]")


def refused(visitor: Any, *statuses: int) -> None:
    """The browser notes every refused request; these were meant."""
    visitor.complaints[:] = [each for each in visitor.complaints if not any(str(status) in each for status in statuses)]


def test_two_people_at_one_message(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    mine, theirs = visit(house.editor), visit(house.admin)
    mine.page.goto(f"{house.path}/content/marquee/new")
    mine.page.fill(FIELD, "早餐七点开始")
    saved(mine.page)
    mine.page.wait_for_url("**/content/marquee/0*")
    expect(mine.page.locator(".page-head p")).to_have_text("草稿")

    # the other one is seen, and what he saves is never written over
    theirs.page.goto(mine.page.url)
    expect(theirs.page.locator("[data-present]")).to_contain_text("也在编辑")
    theirs.page.fill(FIELD, "早餐八点开始")
    saved(theirs.page)
    mine.page.fill(FIELD, "早餐六点开始")
    mine.page.wait_for_selector("dialog[open] [data-choose]")
    expect(mine.page.locator("dialog[open]")).to_contain_text("早餐八点开始")
    expect(mine.page.locator("dialog[open] ins").first).to_have_text("六")
    expect(mine.page.locator("[data-saved]")).to_have_text("冲突，已暂停保存")
    mine.page.click("[data-choose=theirs]")
    expect(mine.page.locator(FIELD)).to_have_value("早餐八点开始")

    # a step back is a change like any other
    mine.page.fill(FIELD, "早餐九点开始")
    saved(mine.page)
    mine.page.keyboard.press("Control+z")
    expect(mine.page.locator(FIELD)).to_have_value("早餐八点开始")
    saved(mine.page)
    mine.page.keyboard.press("Control+Shift+z")
    expect(mine.page.locator(FIELD)).to_have_value("早餐九点开始")
    saved(mine.page)
    mine.page.reload()
    expect(mine.page.locator(FIELD)).to_have_value("早餐九点开始")
    refused(mine, 409)


def test_own_side_of_a_conflict_keeps_the_other_one_in_the_history(site: Site, visit: Any) -> None:
    house = site.cast.jiangzhou
    mine, theirs = visit(house.editor), visit(house.admin)
    mine.page.goto(f"{house.path}/content/marquee/new")
    mine.page.fill(FIELD, "游泳池七点开放")
    saved(mine.page)
    mine.page.wait_for_url("**/content/marquee/0*")
    theirs.page.goto(mine.page.url)
    theirs.page.fill(FIELD, "游泳池八点开放")
    saved(theirs.page)
    mine.page.fill(FIELD, "游泳池六点开放")
    mine.page.click("dialog[open] [data-choose=mine]")
    saved(mine.page)

    mine.page.click("text=历史版本")
    mine.page.click(".revisions >> text=游泳池八点开放")
    mine.page.click("button:has-text('恢复为草稿')")
    mine.page.wait_for_selector("text=已恢复为草稿")

    mine.page.click("text=回到编辑")
    expect(mine.page.locator(FIELD)).to_have_value("游泳池八点开放")
    refused(mine, 409)


def test_message_is_written_saved_and_handed_in_by_keyboard(site: Site, visit: Any) -> None:
    house = site.cast.jiangzhou
    visitor = visit(house.editor, stays=True)
    page = visitor.page
    page.goto(f"{house.path}/content/marquee/new")
    page.wait_for_selector(".is-bound")
    expect(page.locator("h1")).to_have_text("新建跑马灯")

    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "text":
            break
    page.keyboard.type("只用键盘写的")
    saved(page)
    expect(page.locator("h1")).to_have_text("修改跑马灯")
    page.wait_for_selector("[data-drawn]")
    expect(page.frame_locator(".tv-room iframe").locator(".marquee")).to_contain_text("只用键盘写的")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "submit_now":
            break
    page.keyboard.press("Enter")

    page.wait_for_selector("text=已提交审核")


def test_session_that_ended_is_taken_up_and_the_save_goes_on(site: Site, visit: Any) -> None:
    house = site.cast.yunqi
    visitor = visit(house.group_editor)
    page = visitor.page
    page.goto(f"{house.path}/content/marquee/new")
    page.wait_for_selector(".is-bound")
    run_out(site.folder, house.group_editor.username)

    page.fill(FIELD, "登录失效时写的")
    page.wait_for_selector("[data-session-ended][open]")
    page.fill("#session-password", PASSWORD)
    page.fill("#session-code", code_now(1))
    page.click("[data-session-ended] button[type=submit]")

    saved(page)
    page.reload()
    expect(page.locator(FIELD)).to_have_value("登录失效时写的")
    refused(visitor, 401)


def test_message_without_a_network_is_saved_once_there_is_one(site: Site, visit: Any) -> None:
    house = site.cast.jiangzhou
    visitor = visit(house.admin, stays=True)
    page = visitor.page
    page.goto(f"{house.path}/content/marquee/new")
    page.wait_for_selector(".is-bound")
    visitor.context.set_offline(True)
    page.fill(FIELD, "没有网络时写的")
    expect(page.locator("[data-saved]")).to_have_text("没有网络，连上后自动保存")

    visitor.context.set_offline(False)

    saved(page)
    assert page.input_value("input[name=version]") != "0"
    visitor.complaints[:] = [each for each in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in each]
