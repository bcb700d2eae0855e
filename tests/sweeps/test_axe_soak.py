"""Axe at every page as every role that may open it, in both languages and both themes, on the demo's data.

What a page shows to somebody exactly as it was shown to somebody else need not be looked at again: only what stands around it differs,
and that is looked at with the first page of everybody.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.sweeps.demo import Demo, pages_by_account, serving_demo
from tests.sweeps.looking import LANGUAGES, THEMES, Eyes

pytestmark = [pytest.mark.soak, pytest.mark.needs_service("chromium")]

_SHOWN = """() => document.querySelector("main").outerHTML.replace(/value="[\\w.-]{60,}"/g, "")"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with serving_demo(tmp_path_factory.mktemp("demo")) as serving:
        yield serving


def test_axe_finds_nothing_for_anybody_in_the_demo(demo: Demo, app: Flask, browser: Browser) -> None:
    wrong, seen = [], set[tuple[str, str]]()
    for who, pages in pages_by_account(demo, app).items():
        with Eyes(browser, demo.url, demo.cookie(who)) as eyes:
            for language in LANGUAGES:
                eyes.open("/notices")
                eyes.speak(language)
                faults = [f"around ({theme}): {one}" for theme in THEMES for one in eyes.look(theme)]
                for name, path in pages:
                    faults += [f"{name} ({language}): {one}" for one in _look(eyes, path, language, seen)]
                wrong += [f"as {who}, {one}" for one in faults]
            wrong += [f"as {who}, {one}" for one in eyes.complaints]

    assert not wrong, "\n".join(wrong)


def test_every_page_loads_without_a_complaint_in_the_demo(demo: Demo, app: Flask, browser: Browser) -> None:
    wrong = []
    for who, pages in pages_by_account(demo, app, once=True).items():
        with Eyes(browser, demo.url, demo.cookie(who)) as eyes:
            statuses = {name: eyes.open(path) for name, path in pages}
            wrong += [f"{name} as {who}: {status}" for name, status in statuses.items() if status != 200]
            wrong += [f"as {who}, {one}" for one in eyes.complaints]

    assert wrong == []


def _look(eyes: Eyes, path: str, language: str, seen: set[tuple[str, str]]) -> list[str]:
    status = eyes.turn(path)
    shown = language, eyes.page.evaluate(_SHOWN)
    if status != 200 or shown in seen:
        return [] if status == 200 else [str(status)]
    seen.add(shown)
    return [f"{theme}: {one}" for theme in THEMES for one in eyes.look(theme)]
