"""A player on the studio's stage whose time stands still until a test winds it."""

from typing import Any

from playwright.sync_api import Page

from tests.tv.sample import tile_addresses

_SET_UP = """async ([document, addresses, now, places]) => {
  const { Player } = await import("/static/tv/player.js");
  const { Clock, ManualTimers } = await import("/static/tv/timing.js");
  const { Files } = await import("/static/tv/files.js");
  const timers = new ManualTimers(Date.parse(now));
  const clock = new Clock(timers);
  const opened = [];
  const shell = { openApp: (name) => opened.push(name) > 0, openLive: (url) => opened.push(url) > 0 };
  const player = new Player({ stage: globalThis.document.querySelector(".stage"), clock, timers, shell });
  const show = (zone) => player.show(zone, new Files(zone, (one) => addresses[one.sha256], 1280));
  globalThis.set = { player, timers, clock, show, opened };
  await player.show(document, new Files(document, (one) => addresses[one.sha256], 1280), places);
}"""

NOON = "2026-11-22T04:05:00Z"  # Sunday, 12:05 in China
DESKTOP = [{"screen": "desktop"}]


class Stage:
    """The player under test and what can be done to it."""

    def __init__(self, tab: Page, document: dict[str, Any], *, now: str = NOON, places: Any = None) -> None:
        self.tab = tab
        tab.evaluate(_SET_UP, [document, tile_addresses(), now, places])

    def wind(self, seconds: float) -> None:
        """This function will let time pass."""
        self.tab.evaluate("(seconds) => set.timers.wind(seconds * 1000)", seconds)

    def at(self, moment: str) -> None:
        """This function will set the clock, and let the player notice."""
        self.tab.evaluate("(moment) => set.clock.set(new Date(moment))", moment)
        self.wind(1)

    def press(self, *keys: str) -> None:
        """This function will press keys of the remote control, one after another."""
        for key in keys:
            self.tab.evaluate("(key) => { set.player.key(key); return set.player.settled; }", key)

    def show(self, document: dict[str, Any]) -> None:
        """This function will put another release on the screen."""
        self.tab.evaluate("(zone) => set.show(zone)", document)

    @property
    def place(self) -> dict[str, Any]:
        """Where the viewer is."""
        found: dict[str, Any] = self.tab.evaluate("() => set.player.place")
        return found

    @property
    def showing(self) -> str:
        """What a box would report."""
        return str(self.tab.evaluate("() => set.player.showing"))

    @property
    def focus(self) -> list[str]:
        """The names of everything that is marked as focused and can be seen; one, always."""
        seen = "(all) => all.filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => (one.closest('[data-focus]')).dataset.focus)"
        found: list[str] = self.tab.eval_on_selector_all(".focus", seen)
        return found

    def opened(self) -> list[str]:
        """This function will return what the player asked the box to open."""
        found: list[str] = self.tab.evaluate("() => set.opened")
        return found

    def text(self, selector: str) -> str:
        """This function will return the text of the first such element."""
        return (self.tab.text_content(selector) or "").strip()
