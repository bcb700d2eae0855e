"""Every kind of content from the editor's hands to the television and back: filled in, compared, returned, mended, on air, rolled back."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import until
from tests.journeys.conftest import Site
from tests.journeys.test_main_job import channel
from tests.journeys.test_review_desk import televisions
from tests.journeys.test_television import Television, switch_on
from tests.media import videos
from tests.world import apks
from tests.world.building import picture
from tests.world.cast import House
from tests.world.doing import Doing, Keys, Mouse

__all__ = ["switch_on"]

SAVE = "main button.btn-primary[type=submit]:not([name])"
KINDS = 13  # logo, two columns, three items, a slot, a message, a frame, a playlist, what plays by default and in a window, an app
MESSAGE, MENDED = "今晚八点大堂有钢琴演奏", "周六晚八点大堂有钢琴演奏"
WHY = "请写明是哪一天"
SLOW = 30_000

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A picture, a film and an app, as they lie on the editor's machine."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "大堂.png").write_bytes(picture((20, 90, 100), (960, 540)))
    (folder / "点餐.apk").write_bytes(apks.apk(apks.other(icon=apks.icon())))
    film = videos.make(folder / "大堂.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", seconds=2)
    return {"picture": folder / "大堂.png", "app": folder / "点餐.apk", "film": film}


def test_everything_is_filled_in_and_handed_in_by_keyboard(site: Site, visit: Any, files: dict[str, Path]) -> None:
    hands = Keys(visit(site.cast.jiangzhou.editor).page)

    fill_in(hands, site.cast.jiangzhou, files)

    hand_in(hands, site.cast.jiangzhou)


def test_everything_goes_on_air_and_is_rolled_back(
    site: Site, visit: Any, files: dict[str, Path], switch_on: Any
) -> None:
    house = site.cast.yunqi
    hands = Mouse(visit(house.editor).page)
    fill_in(hands, house, files)
    hand_in(hands, house)
    reviewer, operator = visit(site.cast.reviewer).page, visit(site.cast.operator).page

    compare(reviewer)
    return_the_message(reviewer)
    approve_the_others(reviewer)
    publish(operator, house)
    television = switch_on(channel(site))
    shows_everything(television)
    expect(television.page.locator(".marquee")).to_have_count(0)

    mend(hands, house)
    open_case(reviewer)
    reviewer.click("button:has-text('通过并发布')")
    expect(reviewer.locator(".flashes")).to_contain_text("正在送达机顶盒")
    television.look()
    expect(television.page.locator(".desktop .marquee")).to_contain_text(MENDED)

    roll_back(operator, house)
    television.look()
    expect(television.page.locator(".desktop .marquee")).to_have_count(0)
    assert (television.title, television.faults) == ("湖畔早餐", [])


def fill_in(hands: Doing, house: House, files: dict[str, Path]) -> None:
    """This function will save a draft of each kind, beginning at the page of each."""
    page, content = hands.page, f"{house.path}/content"

    opened(page, f"{content}/logo/new")
    hands.upload("#image_upload", files["picture"])
    saved(hands)
    opened(page, f"{content}/zone/")
    for level, title in (("一级", "餐饮"), ("二级", "早餐")):
        hands.write(f"[aria-label=新建{level}栏目]", title)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".tree a >> text={title}")
        page.wait_for_selector("html.is-bound")
    for kind in ("image", "video", "text"):
        add_item(hands, content, kind, files)
    opened(page, f"{content}/slots/new?position=1")
    hands.upload("#image_upload", files["picture"])
    hands.write("#title", "湖畔早餐")
    hands.tick("input[name=action][value=column]")
    hands.choose("#column", "早餐")
    saved(hands)
    opened(page, f"{content}/marquee/new")
    hands.write("#text", MESSAGE)
    saved(hands)
    opened(page, f"{content}/splash/new")
    hands.upload("#image_upload", files["picture"])
    saved(hands)
    opened(page, f"{content}/ads/playlists/new")
    hands.write("#title", "门店迎宾")
    hands.upload("#files_upload", files["picture"])
    page.wait_for_selector(".ad-row", timeout=SLOW)
    saved(hands)
    for where in ("schedule", "default"):
        opened(page, f"{content}/ads/{where}/new")
        hands.choose("#playlist", "门店迎宾")
        saved(hands)
    opened(page, f"{content}/apps/new")
    hands.upload("#asset_upload", files["app"])
    saved(hands)


def add_item(hands: Doing, content: str, kind: str, files: dict[str, Path]) -> None:
    """This function will add an item of a kind to the column that is open."""
    page = hands.page
    opened(page, f"{content}/zone/")
    hands.press("a[href*='/items/new']")
    page.wait_for_url("**/items/new**")
    page.wait_for_selector("html.is-bound")
    hands.write("#title", {"image": "自助早餐", "video": "大堂一日", "text": "入住须知"}[kind])
    if kind != "image":
        hands.tick(f"input[name=kind][value={kind}]")
    if kind == "text":
        hands.write("[contenteditable=true]", "早餐七点开始")
    elif kind == "image":
        hands.upload("#asset_upload", files["picture"])
    else:
        hands.upload("#video_upload", files["film"])
        page.wait_for_selector("[data-name=video] [data-preview]:not([hidden])", timeout=SLOW)
    saved(hands)


def hand_in(hands: Doing, house: House) -> None:
    """This function will submit every draft together."""
    opened(hands.page, f"{house.path}/submissions/new")
    expect(hands.page.locator("input[name=chosen]:checked")).to_have_count(KINDS)
    hands.press(SAVE)
    expect(hands.page.locator(".flashes")).to_contain_text(f"已提交 {KINDS} 项")


def open_case(page: Page) -> None:
    """This function will open what waits of the house, from the queue at the desk."""
    opened(page, "/center/review")
    page.click(".q-item:has-text('云栖')")
    expect(page.locator(".q-item[aria-current]")).to_contain_text("云栖")
    page.wait_for_selector("html.is-bound")


def compare(page: Page) -> None:
    """This function will look at what was handed in: everything in words, and the desktop before and after."""
    open_case(page)
    for what in ("湖畔早餐", "自助早餐", "大堂一日", "入住须知", "门店迎宾", "翼校通", MESSAGE):
        expect(page.locator(".diffs")).to_contain_text(what)
    before, after = televisions(page)
    page.click(".jumps a:has-text('跑马灯')")
    expect(after.locator(".slots .p1 .name")).to_contain_text("湖畔早餐")
    expect(after.locator(".marquee")).to_contain_text(MESSAGE)
    expect(before.locator(".marquee")).to_have_count(0)


def return_the_message(page: Page) -> None:
    """This function will give one thing back, with a reason; the rest goes on waiting."""
    page.click("summary[aria-label^='单独决定 跑马灯']")
    page.fill(".say-pop:visible textarea", WHY)
    page.click(".say-pop:visible button[value=return]")
    expect(page.locator(".flashes")).to_contain_text("已退回")


def approve_the_others(page: Page) -> None:
    """This function will approve what still waits, without publishing it."""
    page.wait_for_selector("html.is-bound")
    expect(page.locator(".decide input[name=seen]")).to_have_count(KINDS - 1)
    page.click(".decide button[value=approve]")
    expect(page.locator(".flashes")).to_contain_text("已通过")


def publish(page: Page, house: House) -> None:
    """This function will put on air what was approved."""
    opened(page, f"{house.path}/releases/")
    page.click("a:has-text('发布下一版') >> nth=0")
    expect(page.locator("input[name=chosen]:checked")).to_have_count(KINDS - 1)
    page.click(SAVE)
    expect(page.locator(".flashes")).to_contain_text("正在送达机顶盒")


def mend(hands: Doing, house: House) -> None:
    """This function will read why the message came back, change it and hand it in again."""
    page = hands.page
    opened(page, f"{house.path}/submissions/")
    page.click("main td.main a")
    expect(page.locator(".note.is-bad")).to_contain_text(WHY)
    opened(page, f"{house.path}/content/marquee/")
    page.click("main td.main a")
    page.wait_for_selector("#text")
    page.wait_for_selector("html.is-bound")
    hands.write("#text", MENDED)
    hands.press("button[name=submit_now]")
    expect(page.locator(".flashes")).to_contain_text("已提交审核")


def roll_back(page: Page, house: House) -> None:
    """This function will go back to the first release, from the timeline."""
    opened(page, f"{house.path}/releases/")
    page.click("a:has-text('回滚到此')")
    page.fill("[name=reason]", "活动取消")
    page.click(".acts-end button")
    expect(page.locator(".flashes")).to_contain_text("已回滚到版本 1")


def shows_everything(television: Television) -> None:
    """This function will go to each kind of content with the keys of the remote control, and come back to the desktop."""
    page = television.page
    press = page.keyboard.press
    page.wait_for_selector(".splash img")
    press("Enter")
    assert television.title == "湖畔早餐"
    expect(page.locator(".desktop .logo img")).to_be_visible()

    press("Enter")
    expect(page.locator(".zone .item p")).to_have_text(["自助早餐", "大堂一日", "入住须知"])
    press("Enter")  # into the grid
    press("Enter")
    expect(page.locator(".viewer .caption")).to_have_text("自助早餐")
    press("ArrowRight")
    expect(page.locator(".viewer .cinema h2")).to_have_text("大堂一日")
    until(page, "document.querySelector('.cinema video').currentTime > 0")
    press("ArrowDown")
    expect(page.locator(".viewer .article")).to_contain_text("早餐七点开始")
    press("Home")

    for key in ("ArrowUp", "ArrowRight", "ArrowRight"):
        if page.locator("[data-focus=apps].focus").count() == 0:
            press(key)
    expect(page.locator("[data-focus=apps]")).to_have_class("focus")
    press("Enter")
    expect(page.locator(".apps .app b")).to_have_text("翼校通")
    press("Backspace")
    page.evaluate("() => tv.player.leaveAlone()")
    page.wait_for_selector(".screen.ads img")
    press("Enter")
    page.wait_for_selector(".screen.ads", state="detached")


def opened(page: Page, path: str) -> None:
    """This function will open a page and wait until its controls do what they promise."""
    page.goto(path)
    page.wait_for_selector("html.is-bound")


def saved(hands: Doing) -> None:
    """This function will save, and wait for the page that says so."""
    hands.press(SAVE)
    hands.page.wait_for_selector(".flashes .is-ok", timeout=SLOW)
