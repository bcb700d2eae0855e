"""Uploading in a browser: a broken line, a reload in the middle; and a film that turns into one for boxes without a reload."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Route

from tests.journeys.conftest import Site
from tests.media import videos

PIECE = 4 << 20
MINUTE = 60_000


def test_upload_goes_on_after_a_broken_line_and_after_a_reload(site: Site, visit: Any, tmp_path: Path) -> None:
    """Of three pieces one arrives; then the line is gone; then the page is left and the same file chosen again."""
    visitor = visit(site.cast.yunqi.editor)
    page, path = visitor.page, tmp_path / "大堂.mp4"
    path.write_bytes(videos.movie(videos.track(videos.avc1(320, 180))) + bytes(2 * PIECE + 1000))
    arrived: list[int] = []

    def line(route: Route) -> None:
        if arrived:
            route.abort("connectionfailed")
        else:
            arrived.append(1)
            route.continue_()

    page.route("**/piece", line)
    page.goto(f"{site.cast.yunqi.path}/media/upload")
    page.wait_for_selector("html.is-bound")
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector('.upload[data-state="offline"]')
    page.unroute("**/piece")
    page.reload()
    page.wait_for_selector("html.is-bound")
    row = page.locator(".upload")
    broken = (row.get_attribute("data-state"), row.get_attribute("data-offset"))
    with page.expect_response("**/piece") as next_piece:
        page.set_input_files("input[type=file]", path)
    page.wait_for_selector('.upload[data-state="refused"]')  # it is no film after all: whole, and judged like any other

    assert broken == ("broken", str(PIECE))
    assert next_piece.value.json()["offset"] == 2 * PIECE
    assert page.locator(".upload").count() == 1
    assert "损坏" in page.locator(".upload [data-say]").inner_text()
    visitor.complaints.clear()  # the broken line and the refusal are what the journey is about


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
