"""Somebody at a real browser whose pages axe looks at, one after the other, in a language and a theme."""

from pathlib import Path
from types import TracebackType
from typing import Self

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

LANGUAGES = ("zh-CN", "en")
THEMES = ("light", "dark")
SLOW = 60_000
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"], iframes: false });
  return found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html.slice(0, 160))]);
}"""
# What the next page's document holds takes the place of this one's, as a browser would show it: the style sheets and the scripts of the
# portal are the same on every page, and loading them anew takes longer than looking.
_TURN = """async (path) => {
  const answer = await fetch(path, { headers: { Accept: "text/html" } });
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  const root = document.documentElement;
  history.replaceState(null, "", answer.url);
  for (const name of ["lang", "data-density"]) root.setAttribute(name, next.documentElement.getAttribute(name) ?? "");
  document.title = next.title;
  const version = new URL(document.querySelector("script[type=module]").src).search;
  const names = [...next.querySelectorAll("[data-module]")].flatMap((one) => one.dataset.module.split(/\\s+/)).filter(Boolean);
  await Promise.all([...new Set(names)].map((name) => import(`/static/js/${name}.js${version}`)));
  document.body.replaceWith(document.adoptNode(next.body));
  document.body.dispatchEvent(new CustomEvent("zone:added", { bubbles: true }));
  await new Promise((done) => setTimeout(done));
  return answer.status;
}"""
_PREFER = """async (language) => {
  const body = new URLSearchParams({ lang: language, csrf_token: document.querySelector("meta[name=csrf-token]").content });
  return (await fetch("/preferences", { method: "POST", body, redirect: "manual" })).type;
}"""


class Eyes:
    """One person at one browser. What the console complains about is kept; a page that is `turned` to is fetched, not loaded."""

    def __init__(self, browser: Browser, url: str, cookie: str | None) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce", color_scheme="light"
        )
        self.context.set_default_timeout(SLOW)
        if cookie is not None:
            self.context.add_cookies([{"name": "portal_session", "value": cookie, "url": url}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.context.close()

    def speak(self, language: str) -> None:
        """This function will choose a language, as the menu does, and load the open page anew in it."""
        assert self.page.evaluate(_PREFER, language) == "opaqueredirect"
        self.page.reload()
        self.begin()

    def open(self, path: str) -> int:
        """This function will load a page and return its status, once its scripts are at work."""
        answer = self.page.goto(path)
        self.begin()
        assert answer is not None
        return answer.status

    def begin(self) -> None:
        """This function will wait for the scripts of a page that was loaded, and make ready to look at it."""
        if self.page.locator("script[type=module]").count():
            self.page.wait_for_selector("html.is-bound", state="attached")
        self.page.evaluate(_AXE)

    def turn(self, path: str) -> int:
        """This function will show a page in the place of the one that is open, and return its status."""
        return int(self.page.evaluate(_TURN, path))

    def look(self, theme: str) -> list[str]:
        """This function will return what axe finds on the open page in a theme: each rule, how many break it, and the first that does."""
        self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        return [f"{rule} x{len(nodes)}: {nodes[0]}" for rule, nodes in self.page.evaluate(_RUN)]

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")
