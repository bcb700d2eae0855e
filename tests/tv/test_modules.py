"""The player's small modules: what they promise, and what a hostile document would try."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from portal.tenants.rules import check_digit

HOSTILE = (
    '<p onclick="steal()" class="c-red evil a-center">红<script>steal()</script><img src=x onerror=steal()>'
    '<a href="https://evil.example">链接</a></p><style>p{}</style><iframe src="https://evil.example"></iframe>'
    "<table><tr><td style='color:red'>格</td></tr></table><math><mtext><p>公式"
)


def ask(tab: Page, module: str, expression: str, argument: Any = None) -> Any:
    """This function will evaluate an expression of the module `m` and the argument `a`."""
    return tab.evaluate(
        f"async (a) => {{ const m = await import('/static/tv/{module}.js'); return {expression}; }}", argument
    )


def test_markup_keeps_what_the_contract_allows_and_nothing_else(browser: Browser, address: str) -> None:
    tab = browser.new_page()  # its console is not looked at: the policy complains of what the parser meets
    tab.goto(address)

    built = ask(
        tab,
        "markup",
        "(() => { const box = document.createElement('div'); box.append(m.markup(a)); return box.innerHTML; })()",
        HOSTILE,
    )
    tab.close()

    assert built == '<p class="c-red a-center">红链接</p><table><tbody><tr><td>格</td></tr></tbody></table><p>公式</p>'


def test_enterprise_ids_are_checked_as_the_portal_makes_them(tab: Page) -> None:
    stems = ["31000000001", "98765432109", "10000000000"]
    right = [stem + check_digit(stem) for stem in stems]
    slips = [number[:-1] + str((int(number[-1]) + 1) % 10) for number in right]

    answers = ask(tab, "numbers", "a.map(m.isEnterpriseId)", [*right, *slips, "0" + right[0][1:], "123"])

    assert answers == [True, True, True, False, False, False, False, False]


@pytest.mark.parametrize(("typed", "right"), [("13800138000", True), ("12800138000", False), ("1380013800", False)])
def test_mobile_numbers(typed: str, right: bool, tab: Page) -> None:
    assert ask(tab, "numbers", "m.isPhone(a)", typed) is right


@pytest.mark.parametrize(("width", "chosen"), [(1920, 1920), (1919, 1280), (1280, 1280), (640, 1280)])
def test_largest_rendition_not_wider_than_the_screen(width: int, chosen: int, tab: Page) -> None:
    asset = {"sha256": "a", "width": 1920, "variants": [{"sha256": "b", "width": 1280}]}

    assert ask(tab, "files", "m.rendition(a[0], a[1]).width", [asset, width]) == chosen


@pytest.mark.parametrize(
    ("pressed", "name"),
    [
        ({"key": "Enter"}, "ok"),
        ({"key": "GoBack"}, "back"),
        ({"key": "Backspace"}, "back"),
        ({"key": "\uff15"}, "5"),
        ({"key": "Tab"}, None),
        ({"key": "a"}, None),
        ({"key": "ArrowLeft", "altKey": True}, None),
        ({"key": "Enter", "isComposing": True}, None),
    ],
)
def test_keys_of_the_remote_control(pressed: dict[str, Any], name: str | None, tab: Page) -> None:
    assert ask(tab, "keys", "m.keyOf(new KeyboardEvent('keydown', a))", pressed) == name


def test_both_languages_say_the_same_things(tab: Page) -> None:
    keys = ask(
        tab,
        "words",
        "Object.values(m.LANGUAGES).map((one) => Object.entries(one).map(([name, word]) => [name, typeof word, word.length > 0]).sort())",
    )

    assert keys[0] == keys[1]


def test_clock_runs_on_from_the_moment_it_is_set_to(tab: Page) -> None:
    ran = ask(
        tab,
        "timing",
        """await (async () => {
          const timers = new m.ManualTimers();
          const clock = new m.Clock(timers);
          clock.set(new Date(a));
          await timers.wind(90_000);
          const moment = clock.now();
          return [moment.toISOString(), m.wallClock(moment, "zh-CN")];
        })()""",
        "2026-12-31T15:59:00Z",
    )

    assert ran == ["2026-12-31T16:00:30.000Z", {"time": "00:00", "weekday": "星期五", "day": "1月1日"}]
