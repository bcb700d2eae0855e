"""Live channels in a real browser: a stream over https from a configured host plays, one from elsewhere does not."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import until
from tests.tv import sample, studio
from tests.tv.stage import DESKTOP, Stage
from tests.world.channel import on_air

PLAYS = "() => { const video = document.querySelector('.live video'); return video !== null && video.currentTime > 0.3 && video.videoWidth === 320; }"
# A browser of the kind that needs a script for HLS: it says that it cannot play it.
CANNOT = "HTMLMediaElement.prototype.canPlayType = () => ''"
BY_SCRIPT = (
    "async () => { const { byScript } = await import('/static/tv/hls.js'); set.player.shell.attachLive = byScript; }"
)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A channel's host."""
    with on_air(tmp_path_factory.mktemp("channel")) as found:
        yield found


def channel(address: str) -> dict[str, Any]:
    """This function will return a document whose first slot opens a channel."""
    document = sample.document()
    document["desktop"]["slots"] = [sample.slot(1, "频道", {"open": "live", "url": address})]
    return document


def opened(page: Page, base: str, address: str, *, by_script: bool = False) -> Stage:
    """This function will open the channel with the remote control."""
    if by_script:
        page.add_init_script(CANNOT)
    page.goto(base)
    stage = Stage(page, channel(address), places=DESKTOP)
    if by_script:
        page.evaluate(BY_SCRIPT)
    stage.press("ok")
    return stage


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that takes the channel's certificate."""
    opened = browser.new_page(viewport={"width": 1280, "height": 720}, ignore_https_errors=True)
    yield opened
    opened.close()


@pytest.mark.parametrize("by_script", [False, True])
def test_channel_of_a_configured_host_plays_until_somebody_goes_back(by_script: bool, host: str, page: Page) -> None:
    with studio.serving((host,)) as base:
        stage = opened(page, base, f"https://{host}/live.m3u8", by_script=by_script)
        until(page, PLAYS)

        playing = stage.showing
        stage.wind(600)
        still = stage.showing
        stage.press("back")

    assert (playing, still) == ("live", "live")  # somebody watches: nothing rests
    assert (stage.showing, page.locator("video").count()) == ("desktop", 0)


def test_channel_of_a_host_that_is_not_configured_is_not_asked_for(host: str, page: Page) -> None:
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    with studio.serving(("live.example.com",)) as base:
        stage = opened(page, base, f"https://{host}/live.m3u8")
        page.wait_for_selector(".toast:not(.is-hidden)")

    assert stage.text(".toast") == "这个频道要在机顶盒上播放"
    assert stage.showing == "desktop"
    assert [url for url in asked if host in url] == []


def test_browser_without_a_box_around_it_says_who_plays_multicast(page: Page) -> None:
    with studio.serving() as base:
        page.goto(base)
        stage = Stage(page, channel("rtsp://10.1.2.3/live"), places=DESKTOP)
        page.evaluate("() => { set.player.shell.openLive = () => false; }")
        stage.press("ok")

    assert stage.text(".toast") == "这个频道要在机顶盒上播放"
    assert stage.showing == "desktop"


def test_channel_that_is_off_says_that_there_is_no_signal(host: str, page: Page) -> None:
    with studio.serving((host,)) as base:
        stage = opened(page, base, f"https://{host}/off.m3u8")
        page.wait_for_selector(".toast:not(.is-hidden)")

    assert (stage.text(".toast"), stage.showing) == ("直播暂时没有信号", "desktop")
