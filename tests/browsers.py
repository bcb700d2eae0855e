"""One headless Chromium for all tests of a process, as a pytest plugin: starting one takes longer than most of what it is shown.

Each test opens contexts of its own, which share nothing.
"""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.services import require_service
from tools.services import browser_path

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    require_service("chromium")
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser_path(), args=_ARGUMENTS)
        yield started
        started.close()


def until(page: Page, expression: str, *, timeout: float = 30) -> None:
    """This function will ask the page until the expression is true; `timeout` in seconds.

    `page.wait_for_function` asks from within the page, where the portal's policy forbids `eval`: it works only when the first answer is yes.
    """
    end = time.monotonic() + timeout
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"after {timeout} s still false: {expression}"
        page.wait_for_timeout(50)


class Gate:
    """Holds what a page sends to addresses like `pattern` until it is opened; what is held when the page is left never arrives."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._held: list[Route] = []
        self._is_open = False
        page.route(pattern, self._judge)

    def _judge(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self, *, held: bool = True) -> None:
        """This function will let everything through from now on, and what is `held` too unless told otherwise."""
        self._is_open = True
        while held and self._held:
            self._held.pop().continue_()
