"""Files whose page was left: kept in the browser, continued by the next page in the tray, found by nobody else."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browsers import Gate, until
from tests.journeys.conftest import Site
from tests.journeys.test_uploads import KEPT, MINUTE, PIECE, STORES, break_off, kept, no_film, open_uploads
from tests.world.building import picture

LOSE = f"""async () => {{ {STORES}
  stores.objectStore("files").clear();
  await new Promise((go) => {{ stores.oncomplete = go; }});
}}"""


def test_file_that_the_browser_did_not_keep_is_asked_for_again(site: Site, visit: Any, tmp_path: Path) -> None:
    visitor = visit(site.cast.yunqi.editor, stays=True)
    page, path = visitor.page, tmp_path / "前厅.mp4"
    path.write_bytes(no_film())
    break_off(page, after=1)
    open_uploads(site, page)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector('main .upload[data-state="offline"]')
    page.evaluate(LOSE)
    page.goto(f"{site.cast.yunqi.path}/content/marquee/")
    page.unroute("**/piece")
    page.click(".upload-tray summary")
    expect(page.locator(".upload-tray [data-say]")).to_have_text(re.compile("再选一次"))
    page.click(".upload-tray [data-link]")
    row = page.locator('main .upload[data-state="broken"]')
    expect(row.locator("[data-say]")).to_have_text(re.compile("上次传到"))
    with page.expect_response("**/piece") as next_piece:
        page.set_input_files("main input[type=file]", path)
    page.wait_for_selector('main .upload[data-state="refused"]')

    assert next_piece.value.json()["offset"] == 2 * PIECE
    assert page.locator("main .upload").count() == 1
    visitor.complaints.clear()


def test_picture_of_an_editor_goes_on_in_the_tray_and_is_put_in_when_one_comes_back(
    site: Site, visit: Any, tmp_path: Path
) -> None:
    house, path = site.cast.yunqi, tmp_path / "开机.png"
    path.write_bytes(picture((9, 90, 200), (1920, 1080)))
    page = visit(house.editor, stays=True).page
    line = Gate(page, "**/piece")
    page.goto(f"{house.path}/content/splash/new")
    page.wait_for_selector("html.is-bound")
    page.set_input_files("#image_upload", path)
    page.wait_for_selector('.upload[data-state="sending"]')
    seen = page.locator(".picture-field [data-preview] img").get_attribute("src") or ""
    until(page, f"({KEPT})().then((found) => found.join() === '1,1')")
    line.open(held=False)
    page.goto(f"{house.path}/content/marquee/")
    page.wait_for_selector(".upload-tray:not([hidden])")
    page.click(".upload-tray summary")
    expect(page.locator(".upload-tray [data-say]")).to_have_text(re.compile("传好了，回到「.+」就放上"))
    page.reload()  # it is told until somebody has seen it
    page.click(".upload-tray summary")
    page.click(".upload-tray [data-link]")
    page.wait_for_url("**/content/splash/**")
    shown = page.locator(".picture-field [data-preview] img")
    expect(shown).to_have_attribute("src", re.compile("/media/file/[0-9a-f]{64}$"))
    page.wait_for_selector("[data-saved=saved]")

    assert seen.startswith("blob:")
    expect(page.locator(".upload-tray")).to_be_hidden()
    assert kept(page) == [0, 0]


def test_one_page_alone_sends_a_file_and_another_goes_on_when_it_is_closed(
    site: Site, visit: Any, tmp_path: Path
) -> None:
    visitor = visit(site.cast.yunqi.editor, stays=True)
    page, path = visitor.page, tmp_path / "门厅.mp4"
    path.write_bytes(no_film())
    Gate(page, "**/piece")
    open_uploads(site, page)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector('main .upload[data-state="sending"]')
    until(page, f"({KEPT})().then((found) => found.join() === '1,1')")
    other = visitor.context.new_page()
    other.goto(f"{site.cast.yunqi.path}/content/marquee/")
    other.wait_for_selector("html.is-bound")
    other.wait_for_timeout(1000)
    before = other.locator(".upload-tray").is_visible()
    page.close()

    other.wait_for_selector(".upload-tray:not([hidden])")
    other.click(".upload-tray summary")
    expect(other.locator(".upload-tray [data-say]")).to_have_text(re.compile("损坏"), timeout=MINUTE)
    other.click(".upload-tray [data-remove]")
    expect(other.locator(".upload-tray")).to_be_hidden()
    assert before is False


def test_whoever_signs_out_leaves_no_file_behind(site: Site, visit: Any, tmp_path: Path) -> None:
    visitor = visit(site.cast.yunqi.admin)
    page = visitor.page
    keep_one(site, page, tmp_path)

    page.click(".user-pop >> xpath=.. >> summary")
    page.click(".user-pop button:has-text('退出登录')")
    page.wait_for_url("**/sign-in")

    assert kept(page) == [0, 0]


def test_nobody_else_at_the_browser_finds_a_file(site: Site, visit: Any, tmp_path: Path) -> None:
    visitor = visit(site.cast.yunqi.editor, stays=True)
    page = visitor.page
    keep_one(site, page, tmp_path)
    left = kept(page)
    visitor.context.clear_cookies()
    visitor.context.add_cookies(visit(site.cast.yunqi.group_editor).context.cookies())

    page.goto(f"{site.cast.yunqi.path}/content/marquee/")
    page.wait_for_selector("html.is-bound")
    until(page, f"({KEPT})().then((found) => found.join() === '0,0')")

    assert left == [1, 1]
    assert page.locator(".upload-tray").is_hidden()


def test_file_whose_answer_went_to_a_page_that_was_left_is_taken_once(site: Site, visit: Any, tmp_path: Path) -> None:
    house, path = site.cast.jiangzhou, tmp_path / "走廊.png"
    path.write_bytes(picture((9, 200, 90), (1280, 720)))
    page = visit(house.editor, stays=True).page
    left: list[bool] = []

    def lose_the_answer(route: Route) -> None:
        if left:
            route.continue_()
        else:
            route.fetch()
            left.append(True)

    page.route("**/finish", lose_the_answer)
    page.goto(f"{house.path}/media/upload")
    page.wait_for_selector("html.is-bound")
    page.set_input_files("main input[type=file]", path)
    page.wait_for_selector("main .upload [data-say]:has-text('正在检查')")
    while not left:
        page.wait_for_timeout(50)
    page.goto(f"{house.path}/media")

    page.wait_for_selector(".upload-tray:not([hidden])")
    page.click(".upload-tray summary")
    expect(page.locator(".upload-tray [data-say]")).to_have_text("已加入媒体库", timeout=MINUTE)
    page.goto(f"{house.path}/media?q=走廊")
    assert page.locator(".card-i:has-text('走廊')").count() == 1


def keep_one(site: Site, page: Page, folder: Path) -> None:
    path = folder / "大堂.mp4"
    path.write_bytes(no_film())
    Gate(page, "**/piece")
    open_uploads(site, page)
    page.set_input_files("main input[type=file]", path)
    page.wait_for_selector('main .upload[data-state="sending"]')
    until(page, f"({KEPT})().then((found) => found.join() === '1,1')")
