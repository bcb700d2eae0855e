"""Uploading in a browser: a broken line, a reload in the middle; and a film that turns into one for boxes without a reload."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browsers import Gate
from tests.journeys.conftest import Site
from tests.media import videos
from tests.world.building import picture

PIECE = 4 << 20
MINUTE = 60_000
STORES = """const stores = await new Promise((go) => {
    const asked = indexedDB.open("zone-uploads", 1);
    asked.onsuccess = () => go(asked.result.transaction(["uploads", "files"], "readwrite"));
  });"""
KEPT = f"""async () => {{ {STORES}
  const count = (name) => new Promise((go) => {{ const asked = stores.objectStore(name).count(); asked.onsuccess = () => go(asked.result); }});
  return Promise.all([count("uploads"), count("files")]);
}}"""
SAVE = "main button.btn-primary[type=submit]:not([name])"


def test_upload_goes_on_after_a_broken_line_and_after_a_reload(site: Site, visit: Any, tmp_path: Path) -> None:
    """Of three pieces one arrives; then the line is gone; then the page is left and opened again."""
    visitor = visit(site.cast.yunqi.editor)
    page, path = visitor.page, tmp_path / "大堂.mp4"
    path.write_bytes(no_film())
    break_off(page, after=1)
    open_uploads(site, page)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector('main .upload[data-state="offline"]')
    page.reload()
    page.wait_for_selector('main .upload[data-state="offline"]')
    with page.expect_response("**/piece") as next_piece:
        page.unroute("**/piece")
    # It is no film after all: whole, and judged like any other.
    page.wait_for_selector('main .upload[data-state="refused"]')

    assert next_piece.value.json()["offset"] == 2 * PIECE
    assert page.locator(".upload").count() == 1
    assert "损坏" in page.locator(".upload [data-say]").inner_text()
    assert kept(page) == [0, 0]
    visitor.complaints.clear()  # the broken line and the refusal are what the journey is about


def test_saving_waits_for_a_picture_and_then_saves(site: Site, visit: Any, tmp_path: Path) -> None:
    house, path = site.cast.yunqi, tmp_path / "标志.png"
    path.write_bytes(picture((200, 90, 9), (1920, 1080)))
    page = visit(house.editor, stays=True).page
    line = Gate(page, "**/piece")
    page.goto(f"{house.path}/content/logo/new")
    page.wait_for_selector("html.is-bound")
    page.set_input_files("#image_upload", path)
    page.wait_for_selector('.upload[data-state="sending"]')

    page.click(SAVE)
    expect(page.locator(".field .field-error")).to_have_text("图片还在上传，传完就保存，不用再按。")
    line.open()

    expect(page.locator(".flashes .is-ok")).to_have_text(re.compile("草稿已保存"), timeout=MINUTE)


def test_film_becomes_ready_while_one_looks(site: Site, visit: Any, tmp_path: Path) -> None:
    visitor = visit(site.cast.jiangzhou.editor)
    page = visitor.page
    path = videos.make(tmp_path / "大堂.avi", "-c:v", "mpeg4", seconds=2)
    page.goto(f"{site.cast.jiangzhou.path}/media/upload")
    page.wait_for_selector("html.is-bound")
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector('.upload[data-state="waiting"]')

    page.wait_for_selector("#conversions .is-ready", timeout=MINUTE)

    assert "已转换，可以使用" in page.locator("#conversions").inner_text()
    page.click("#conversions >> text=查看")
    assert page.locator("video").get_attribute("poster") is not None


def test_saving_while_a_film_is_under_way_says_so_and_loses_nothing(site: Site, visit: Any, tmp_path: Path) -> None:
    house, path = site.cast.yunqi, videos.make(tmp_path / "大堂.avi", "-c:v", "mpeg4", seconds=2)
    page = visit(house.editor, stays=True).page
    pieces: list[Route] = []

    def wait(route: Route) -> None:
        pieces.append(route)

    page.route("**/piece", wait)
    page.goto(_new_item(page, house.path) + "&kind=video")
    page.wait_for_selector("html.is-bound")
    page.fill("#title", "大堂一日")
    said = page.locator(".field:has(#video_upload) .field-error")
    expect(said).to_have_text("请选择视频。")
    page.set_input_files("#video_upload", path)
    page.wait_for_selector('.upload[data-state="sending"]')

    page.click(SAVE)
    expect(said).to_have_text(re.compile("文件还在上传"))
    expect(page.locator("#video_upload")).to_be_focused()
    kept = (page.input_value("#title"), page.locator(".upload").count())
    page.fill("#title", "大堂的一日")  # it goes on saving by itself, and says the same
    page.wait_for_selector("[data-saved=failed]")
    expect(said).to_have_text(re.compile("文件还在上传"))
    for piece in pieces:
        piece.continue_()
    page.wait_for_selector('.upload[data-state="waiting"]', timeout=MINUTE)
    page.click(SAVE)
    expect(said).to_have_text(re.compile("视频还在转换"))
    page.wait_for_selector("[data-name=video] [data-preview]:not([hidden])", timeout=MINUTE)
    page.click(SAVE)

    expect(page.locator(".flashes .is-ok")).to_have_text(re.compile("草稿已保存"))
    assert kept == ("大堂一日", 1)


def _new_item(page: Page, path: str) -> str:
    """The address of a new item's page, in a column that this makes."""
    page.goto(f"{path}/content/zone/")
    for level, title in (("新建一级栏目", "酒店"), ("新建二级栏目", "大堂")):
        page.wait_for_selector("html.is-bound")
        page.fill(f"[aria-label={level}]", title)
        page.press(f"[aria-label={level}]", "Enter")
        page.wait_for_selector(f".tree >> text={title}")
    return page.get_attribute("a[href*='/items/new']", "href") or ""


def no_film() -> bytes:
    """What begins like a film of three pieces and is none."""
    return videos.movie(videos.track(videos.avc1(320, 180))) + bytes(2 * PIECE + 1000)


def open_uploads(site: Site, page: Page) -> None:
    page.goto(f"{site.cast.yunqi.path}/media/upload")
    page.wait_for_selector("html.is-bound")


def break_off(page: Page, after: int) -> None:
    """The line is gone once so many pieces have arrived."""
    arrived: list[int] = []

    def line(route: Route) -> None:
        if len(arrived) >= after:
            route.abort("connectionfailed")
        else:
            arrived.append(1)
            route.continue_()

    page.route("**/piece", line)


def kept(page: Page) -> Any:
    """How many files the browser keeps, and how many with their bytes."""
    return page.evaluate(KEPT)
