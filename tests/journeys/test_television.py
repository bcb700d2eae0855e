"""The television in a browser: it shows what a channel publishes, only whole, and goes on without a network."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import Site
from tests.tv import sample
from tests.world.broadcast import Station, titled

_NUMBERS = count(1)
NAME = ".slots .p1 .name"


class Television:
    """One television of a viewer; what its console complains about is kept, but for the answers that a journey provokes."""

    def __init__(self, browser: Browser, site: Site, channel: str) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=site.url, viewport={"width": 1280, "height": 720}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None,
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(f"/tv/?channel={channel}")

    def look(self) -> None:
        """This function will have the player look at its channel now."""
        self.page.evaluate("() => tv.feed.look()")

    @property
    def title(self) -> str:
        """The title at the first slot, once the desktop is there."""
        self.page.wait_for_selector(NAME)
        return self.page.inner_text(NAME)

    @property
    def faults(self) -> list[str]:
        """The codes of the faults that a box would report."""
        found: list[str] = self.page.evaluate("() => tv.feed.faults.map((one) => one.code)")
        return found

    def pictures(self) -> int:
        """This function will count the slots whose picture is drawn."""
        drawn = "(all) => all.filter((one) => one.complete && one.naturalWidth > 0).length"
        return int(self.page.eval_on_selector_all(".slots img", drawn))


@pytest.fixture
def station(site: Site) -> Station:
    """A channel for each test, never published before."""
    return Station(site.folder / "pub", channel=f"{next(_NUMBERS):032x}")


@pytest.fixture
def switch_on(browser: Browser, site: Site) -> Iterator[Any]:
    """A function that switches a television on; at the end none may have complained."""
    sets: list[Television] = []

    def on(channel: str) -> Television:
        sets.append(Television(browser, site, channel))
        return sets[-1]

    yield on
    for one in sets:
        one.context.close()
    assert [complaint for one in sets for complaint in one.complaints] == []


def test_release_is_shown_and_the_next_one_taken(station: Station, switch_on: Any) -> None:
    station.put(titled("湖畔"))
    television = switch_on(station.channel)
    first = television.title

    station.put(titled("雪景"))
    television.look()

    assert (first, television.title) == ("湖畔", "雪景")
    assert television.faults == []


def test_release_with_a_corrupted_picture_is_not_shown_until_it_is_whole(station: Station, switch_on: Any) -> None:
    station.put(
        titled(
            "湖畔",
            assets=[sample.asset(one) for one in sorted((sample.PICTURE, sample.LOGO))],
            zone={"idle_seconds": 300, "columns": []},
            marquee=[],
        )
    )
    television = switch_on(station.channel)
    assert television.title == "湖畔"

    station.put(titled("雪景"))
    station.damage(sample.OTHER)
    television.look()
    damaged = (television.title, television.faults)
    station.mend(sample.OTHER)
    television.look()

    assert damaged == ("湖畔", ["bad_hash"])
    assert television.title == "雪景"


def test_roll_back_is_followed_and_an_old_sequence_is_not(station: Station, switch_on: Any) -> None:
    station.put(titled("湖畔"))
    television = switch_on(station.channel)
    assert television.title == "湖畔"
    station.put(titled("雪景"))
    television.look()

    station.put(titled("湖畔"))
    television.look()
    rolled_back = television.title
    station.put(titled("雪景"), sequence=2)
    television.look()

    assert rolled_back == "湖畔"
    assert (television.title, television.faults) == ("湖畔", ["old_sequence"])


def test_television_starts_and_plays_without_a_network(station: Station, switch_on: Any) -> None:
    station.put(titled("湖畔"))
    television = switch_on(station.channel)
    assert television.title == "湖畔"
    television.page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    television.page.wait_for_timeout(200)

    television.context.set_offline(True)
    television.page.goto("/tv/")
    title, drawn = television.title, television.pictures()
    television.page.keyboard.press("Enter")
    television.page.wait_for_selector(".zone .item")
    television.complaints.clear()  # the browser says that it is off line

    assert (title, drawn) == ("湖畔", 10)


def test_every_key_is_answered_and_nothing_scrolls(station: Station, switch_on: Any) -> None:
    station.put(titled("湖畔"))
    television = switch_on(station.channel)
    assert television.title == "湖畔"
    page = television.page

    page.keyboard.press("ArrowRight")
    focused = page.locator(".focus").get_attribute("data-focus")
    page.keyboard.press("Enter")
    page.wait_for_selector(".article")
    page.keyboard.press("Backspace")
    page.keyboard.press("Home")
    page.mouse.wheel(0, 400)

    assert focused == "slot-2"
    assert page.evaluate("() => [scrollY, document.documentElement.scrollHeight <= innerHeight]") == [0, True]


def test_television_without_a_channel_asks_for_the_enterprise(browser: Browser, site: Site, switch_on: Any) -> None:
    television = switch_on("none")

    television.page.wait_for_selector(".settings .field")

    assert television.page.inner_text(".toast") == "这台电视还没有绑定企业"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_desktop_and_zone(theme: str, station: Station, switch_on: Any) -> None:
    station.put(titled("湖畔"))
    television = switch_on(f"{station.channel}&theme={theme}")
    assert television.title == "湖畔"
    television.page.wait_for_timeout(500)

    on_desktop = Axe().run(television.page, options={"resultTypes": ["violations"]}).response["violations"]
    television.page.keyboard.press("Enter")
    television.page.wait_for_selector(".zone .item")
    in_zone = Axe().run(television.page, options={"resultTypes": ["violations"]}).response["violations"]

    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in [*on_desktop, *in_zone]] == []
