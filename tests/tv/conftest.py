"""For each test a tab with an empty stage; whatever its console complains about fails the test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.tv import studio


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The studio's base address."""
    with studio.serving() as base:
        yield base


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """A tab of the size of a television with the empty stage."""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    yield page
    page.close()
    assert complaints == []
