"""Content of every kind, from an editor's hands to the television and back: made, handed in, approved, shown signed, rolled back."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site, Visitor
from tests.journeys.test_editing import saved
from tests.journeys.test_main_job import channel
from tests.journeys.test_television import Television
from tests.media import videos
from tests.world import apks
from tests.world.building import picture
from tests.world.hands import Hands

SECONDS = 60_000
TABS = 60


@pytest.mark.timeout(400)  # many pages, one after another
def test_every_kind_goes_on_air_and_is_rolled_back(site: Site, visit: Any, browser: Browser, tmp_path: Path) -> None:
    sign_with_a_root(site, tmp_path)
    editor: Visitor = visit(site.cast.yunqi.editor)
    make_everything(editor, tmp_path)
    hand_in_all(editor.page, site.cast.yunqi.path)
    reviewer: Visitor = visit(site.cast.reviewer)
    approve_next(reviewer.page)

    television = Television(browser, site, channel(site))
    page = television.page
    page.wait_for_selector(".splash img")
    page.keyboard.press("Enter")
    assert television.title == "图1"
    assert page.locator(".marquee").first.inner_text().count("今晚热水检修") > 0
    assert page.evaluate("() => tv.player.document.apps.map((one) => one.package)") == [apks.App().package]
    assert page.evaluate("() => tv.player.document.ads.schedule.length") == 1
    page.keyboard.press("Enter")
    page.wait_for_selector(".zone .item")
    assert page.locator(".zone .item").count() == 3  # two pictures and a text

    write_by_keyboard(editor.page, site.cast.yunqi.path, "第二版的通知")
    approve_next(reviewer.page)
    television.look()
    page.keyboard.press("Home")
    expect(page.locator(".marquee").first).to_contain_text("第二版的通知")

    roll_back(reviewer.page, site.cast.yunqi.path, 1)
    television.look()
    expect(page.locator(".marquee").first).not_to_contain_text("第二版的通知")
    assert (television.faults, television.complaints) == ([], [])
    television.context.close()


def sign_with_a_root(site: Site, folder: Path) -> None:
    """This function will make a root key, so that the television checks signatures."""
    command = [sys.executable, "-m", "portal.cli.main", "keys", "root", str(folder / "root.json")]
    subprocess.run(command, env=site.environ, check=True, capture_output=True)


def make_everything(editor: Visitor, folder: Path) -> None:
    """This function will make an object of each kind with the mouse, files by choosing or dropping them."""
    page, path, hands = editor.page, editor.site.cast.yunqi.path, Hands(editor.page)
    wide = folder / "大图.png"
    wide.write_bytes(picture((30, 90, 120), (1280, 720)))
    make_columns(hands, path)
    for kind in ("logo", "splash"):
        page.goto(f"{path}/content/{kind}/new")
        page.wait_for_selector("html.is-bound")
        page.set_input_files("input[name=image_upload]", wide)
        saved(page)
    page.goto(f"{path}/content/slots/")
    page.wait_for_selector(".over-tile.p1:not([hidden])")
    hands.drop([("图1.png", picture((9, 90, 100), (960, 540)))], on=".over-tile.p1")
    page.wait_for_selector(".flashes .is-ok")
    page.goto(f"{path}/content/marquee/new")
    page.wait_for_selector("html.is-bound")
    page.fill("textarea[name=text]", "今晚热水检修")
    saved(page)
    make_ads(page, path, folder)
    page.goto(f"{path}/content/apps/new")
    page.wait_for_selector("html.is-bound")
    app = folder / "app.apk"
    app.write_bytes(apks.apk())
    page.set_input_files("input[name=asset_upload]", app)
    page.click("button[type=submit].btn-primary")
    page.wait_for_selector(".flashes .is-ok")


def make_columns(hands: Hands, path: str) -> None:
    """This function will make two levels of columns with two pictures and a text."""
    page = hands.page
    page.goto(f"{path}/content/zone/")
    for label, title in (("新建一级栏目", "住店"), ("新建二级栏目", "客房")):
        page.wait_for_selector("html.is-bound")
        page.fill(f"[aria-label={label}]", title)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".tree >> text={title}")
    column = page.url.partition("?")[0].rpartition("/")[2]
    hands.drop([(f"图{n}.png", picture((40 * n, 9, 100), (960, 540))) for n in (2, 3)], on="[data-drop]")
    page.wait_for_selector("text=2 个条目已存为草稿。")
    page.goto(f"{path}/content/zone/items/new?column={column}&kind=text")
    page.wait_for_selector("html.is-bound")
    page.fill("form[data-object] input[name=title]", "入住须知")
    page.click("[contenteditable=true]")
    page.keyboard.type("请在前台办理入住。")
    saved(page)


def make_ads(page: Page, path: str, folder: Path) -> None:
    """This function will make a playlist with a film, schedule it, and let it play by default."""
    page.goto(f"{path}/content/ads/playlists/new")
    page.wait_for_selector("html.is-bound")
    page.fill("form[data-object] input[name=title]", "门店迎宾")
    film = videos.make(folder / "门店.mp4", *videos.H264, "-c:a", "aac", seconds=2)
    page.set_input_files("[data-drop] input[type=file]", film)
    expect(page.locator(".ad-row")).to_have_count(1, timeout=SECONDS)
    saved(page)
    for address in ("schedule/new", "default/new"):
        page.goto(f"{path}/content/ads/{address}")
        page.wait_for_selector("html.is-bound")
        page.select_option("select[name=playlist]", label="门店迎宾")
        saved(page)


def hand_in_all(page: Page, path: str) -> None:
    """This function will hand in every draft."""
    page.goto(f"{path}/content/marquee/")
    page.click(".draftbar a.btn-primary")
    page.wait_for_selector("html.is-bound")
    page.click("button[form=hand-in].btn-primary, #hand-in button[type=submit].btn-primary")
    page.wait_for_selector(".flashes .is-ok")


def write_by_keyboard(page: Page, path: str, text: str) -> None:
    """This function will write a message and hand it in without a mouse."""
    page.goto(f"{path}/content/marquee/new")
    page.wait_for_selector("html.is-bound")
    reach(page, "text")
    page.keyboard.type(text)
    saved(page)
    reach(page, "submit_now")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=已提交审核")


def reach(page: Page, name: str) -> None:
    """This function will go on with Tab until the field of this name has the focus."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.name") == name:
            return
    raise AssertionError(f"{name} is not reached")


def approve_next(page: Page) -> None:
    """This function will approve and publish what waits longest, by the keyboard."""
    page.goto("/center/review")
    page.wait_for_selector("html.is-bound")
    with page.expect_navigation():
        page.keyboard.press("a")
    page.wait_for_selector(".flashes .is-ok")


def roll_back(page: Page, path: str, number: int) -> None:
    """This function will roll back to a release."""
    page.goto(f"{path}/releases/{number}/roll-back")
    page.wait_for_selector("html.is-bound")
    page.fill("textarea[name=reason]", "第二版写错了")
    page.click("button.btn-danger")
    page.wait_for_selector(".flashes .is-ok")
