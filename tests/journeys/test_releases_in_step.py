"""Two releases, and both sides of a roll-back, on two televisions that go together; the roll-back itself from that page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.core import database as databases
from portal.core.database import Database
from portal.media import storage
from portal.releases import site as public
from tests.journeys.conftest import Site
from tests.journeys.test_review_desk import SLOW, focus_of, televisions
from tests.world.reviewing import put_on_air

NIGHT = [{"from": "2035-01-01", "start": "22:30", "end": "23:00", "tz": "Asia/Shanghai"}]


@pytest.fixture(scope="module")
def timeline(site: Site) -> Iterator[str]:
    """Two releases of a house in the running portal's own files: where its timeline is."""
    database = Database(f"sqlite:///{site.folder / 'portal.db'}")
    databases.use(database)
    storage.use(storage.FolderStorage(site.folder / "media"))
    public.configure(site.folder / "pub")
    for text in ("早餐七点", "泳池今晚八点关闭"):
        put_on_air(site.cast, site.cast.yunqi, text)
    put_on_air(site.cast, site.cast.jiangzhou, "常年通知")
    put_on_air(site.cast, site.cast.jiangzhou, "夜间急诊", windows=NIGHT)
    yield f"{site.cast.yunqi.path}/releases/"
    database.dispose()


def _is_in_step(page: Page) -> None:
    before, after = televisions(page)
    page.keyboard.press("t")
    page.keyboard.press("ArrowRight")
    for frame in (before, after):
        expect(focus_of(frame)).to_have_attribute("data-focus", "slot-2")
    page.click(".remote [data-key=down]")
    for frame in (before, after):
        expect(focus_of(frame)).to_have_attribute("data-focus", "slot-4")


def test_two_releases_are_compared_on_two_televisions_in_step(site: Site, visit: Any, timeline: str) -> None:
    page = visit(site.cast.yunqi.province, stays=True).page

    page.goto(f"{timeline}compare/1/2")
    before, after = televisions(page)

    expect(after.locator(".marquee")).to_contain_text("泳池今晚八点关闭")
    expect(before.locator(".marquee")).not_to_contain_text("泳池今晚八点关闭")
    page.click(".jumps a")
    expect(page.locator("[data-side=before] [data-absent]")).to_be_visible()
    _is_in_step(page)


def test_one_release_stands_on_a_television_with_its_remote_control(site: Site, visit: Any, timeline: str) -> None:
    page = visit(site.cast.yunqi.province, stays=True).page

    page.goto(f"{timeline}1")
    television = page.frame_locator(".tv-set iframe")
    expect(television.locator(".marquee")).to_contain_text("早餐七点", timeout=SLOW)
    page.wait_for_selector("html.is-bound")
    page.click(".remote [data-key=right]")

    expect(focus_of(television)).to_have_attribute("data-focus", "slot-2")
    expect(television.locator(".marquee")).not_to_contain_text("泳池今晚八点关闭")


def test_comparison_begins_when_its_first_change_is_on(site: Site, visit: Any, timeline: str) -> None:
    del timeline
    page = visit(site.cast.jiangzhou.province, stays=True).page

    page.goto(f"{site.cast.jiangzhou.path}/releases/compare/1/2")
    before, after = televisions(page)

    expect(after.locator(".marquee")).to_contain_text("夜间急诊")
    for frame in (before, after):
        expect(frame.locator(".desktop .clock b")).to_have_text("22:30")
    expect(page.locator("[name=tv-moment]")).to_have_value("2035-01-01T22:30")


def test_roll_back_shows_both_sides_in_step_and_is_done_from_there(site: Site, visit: Any, timeline: str) -> None:
    page = visit(site.cast.operator, stays=True).page

    page.goto(f"{timeline}1/roll-back")
    before, after = televisions(page)
    expect(before.locator(".marquee")).to_contain_text("泳池今晚八点关闭")
    expect(after.locator(".marquee")).not_to_contain_text("泳池今晚八点关闭")
    _is_in_step(page)

    page.fill("[name=reason]", "写错了")
    page.click(".acts-end button")

    expect(page.get_by_role("status")).to_contain_text("已回滚到版本 1")
