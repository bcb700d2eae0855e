"""The gallery in a real browser: accessibility in both themes, phones, and what each script promises."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.web import gallery

needs_browser = pytest.mark.needs_service("chromium")
# Waiting goes through `expect`: a function that the page itself would have to poll is refused by its content security policy.
BOUND = re.compile(r"\bis-bound\b")

# The error pages are one macro with other words: two of them stand for all.
LOOKED_AT = [page for page in gallery.pages() if "/" not in page] + ["errors/404", "errors/feature_locked"]


def bound(tab: Page) -> None:
    """This function will wait until every script of the page is at work."""
    expect(tab.locator("html")).to_have_class(BOUND)


def violations(tab: Page) -> list[tuple[str, list[str]]]:
    """This function will return what axe finds on the page as it is now: rule and the elements."""
    found = Axe().run(tab, options={"resultTypes": ["violations"]}).response["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The gallery, served with the portal's content security policy."""
    with gallery.serving() as base:
        yield base


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab whose console errors fail the test: a refused style or script is one."""
    messages: list[ConsoleMessage] = []
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened.on("console", lambda message: messages.append(message) if message.type == "error" else None)
    failures: list[str] = []
    opened.on("pageerror", lambda failure: failures.append(str(failure)))
    yield opened
    opened.close()
    assert ([message.text for message in messages], failures) == ([], [])


@needs_browser
@pytest.mark.parametrize("page", LOOKED_AT)
def test_axe_finds_nothing_and_the_page_fits_a_phone(page: str, tab: Page, address: str) -> None:
    tab.goto(f"{address}/{page}")
    bound(tab)

    light = violations(tab)
    tab.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    dark = violations(tab)
    tab.set_viewport_size({"width": 360, "height": 780})
    width = tab.evaluate("document.documentElement.scrollWidth")

    assert (light, dark, width) == ([], [], 360)


@needs_browser
def test_title_of_a_case_keeps_its_width_on_a_phone(tab: Page, address: str) -> None:
    tab.set_viewport_size({"width": 360, "height": 780})
    tab.goto(f"{address}/review")
    bound(tab)

    title = tab.locator(".case-head > .grow").bounding_box()

    assert title is not None
    assert title["width"] >= 280


@needs_browser
def test_windows_are_added_and_removed_in_order(tab: Page, address: str) -> None:
    tab.goto(f"{address}/marquee")
    tab.wait_for_selector(".errors:focus")

    tab.click("[data-add]")
    tab.click("[data-add]")
    tab.click("[data-row] >> nth=0 >> [data-remove]")

    names = tab.eval_on_selector_all("[data-row] input[type=date]", "all => all.map(one => one.name)")
    assert names == ["windows-0-from_", "windows-0-until", "windows-1-from_", "windows-1-until"]


@needs_browser
def test_what_was_typed_comes_back_after_the_page_was_lost(tab: Page, address: str) -> None:
    tab.goto(f"{address}/slots")
    tab.wait_for_selector("#title")
    bound(tab)

    tab.fill("#title", "湖畔早餐")
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.goto(f"{address}/releases")
    tab.goto(f"{address}/slots")

    expect(tab.locator("#title")).to_have_value("湖畔早餐")
    expect(tab.locator('[data-counter-for="title"] [data-counter]')).to_have_text("4")


@needs_browser
@pytest.mark.parametrize(("next_page", "kept"), [("sign_in", True), ("errors/500", True), ("list", False)])
def test_typed_text_is_forgotten_only_when_the_server_took_it(
    next_page: str, kept: bool, tab: Page, address: str
) -> None:
    tab.goto(f"{address}/slots")
    bound(tab)
    tab.fill("#title", "湖畔早餐")
    tab.evaluate("sessionStorage.setItem('draft:slot:2:sent', '1')")
    tab.on("dialog", lambda dialog: dialog.accept())

    tab.goto(f"{address}/{next_page}")
    bound(tab)

    assert tab.evaluate("sessionStorage.getItem('draft:slot:2') !== null") == kept


@needs_browser
def test_selection_shows_its_bar_and_counts(tab: Page, address: str) -> None:
    tab.goto(f"{address}/list")
    bound(tab)

    tab.check("[data-check-all]")

    assert tab.is_visible("[data-bulk]")
    assert tab.text_content("[data-bulk] [data-count]") == "6"


@needs_browser
def test_dangerous_act_waits_for_the_typed_word(tab: Page, address: str) -> None:
    tab.goto(f"{address}/parts")
    bound(tab)

    tab.click("text=回滚 1,284 台 >> nth=0")
    before = tab.is_disabled("#sure [data-yes]")
    tab.fill("#sure-typed", "回滚")

    assert (before, tab.is_disabled("#sure [data-yes]")) == (True, False)


@needs_browser
def test_menu_is_a_drawer_on_a_phone(tab: Page, address: str) -> None:
    tab.set_viewport_size({"width": 360, "height": 780})
    tab.goto(f"{address}/list")
    bound(tab)
    closed = tab.is_visible("#rail .menu")

    tab.click("[data-drawer-open]")

    expect(tab.locator("#rail .menu")).to_be_visible()
    assert closed is False
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.matches('[data-drawer-open]')")


@needs_browser
def test_theme_changes_at_once(tab: Page, address: str) -> None:
    tab.route("**/web.preferences", lambda route: route.fulfill(status=204))
    tab.goto(f"{address}/list")
    bound(tab)

    tab.click('summary[aria-label$="用户菜单"]')
    tab.click('button[name="theme"][value="dark"]')

    assert tab.get_attribute("html", "data-bs-theme") == "dark"


@needs_browser
def test_file_control_speaks_the_language_of_the_page(tab: Page, address: str) -> None:
    tab.goto(f"{address}/slots")
    bound(tab)

    for name in ("image", "film"):
        with tab.expect_file_chooser():
            tab.click(f"label[for={name}]:text-is('选择文件')")

    assert max(tab.eval_on_selector_all('input[type="file"]', "all => all.map(one => one.offsetWidth)")) <= 1


@needs_browser
def test_order_is_changed_by_keyboard(tab: Page, address: str) -> None:
    tab.goto(f"{address}/schedule")
    bound(tab)

    tab.focus("[data-id=c] [data-up]")
    tab.keyboard.press("Alt+ArrowUp")

    assert tab.eval_on_selector_all("input[name=order]", "all => all.map(one => one.value)") == ["a", "c", "b"]


@needs_browser
def test_page_knows_that_there_are_scripts_before_it_is_drawn(tab: Page, address: str) -> None:
    tab.add_init_script("""new MutationObserver((_, watch) => {
      if (!document.body) return;
      window.atFirst = document.documentElement.classList.contains("js");
      watch.disconnect();
    }).observe(document, { childList: true, subtree: true })""")

    tab.goto(f"{address}/slots")

    assert tab.evaluate("window.atFirst") is True
