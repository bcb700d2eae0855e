"""Axe at every page as every role that may open it, in both languages and both themes, on the demo's data.

What a page shows to somebody exactly as it was shown to somebody else need not be looked at again: only what stands around it differs,
and that is looked at with the first page of everybody.
"""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.sweeps.demo import Demo, Walk
from tests.sweeps.looking import LANGUAGES, THEMES, Eyes
from tests.sweeps.test_pages import NOT_PAGES
from tests.sweeps.world import rules
from tests.world.server import answering, free_port

pytestmark = [pytest.mark.soak, pytest.mark.needs_service("chromium")]

# Nothing of the demo was taken down, no enterprise is being deleted, this one has no user groups; the filled world has them all.
LACKING = {"releases.lift", "deletions.deletion", "member_groups.edit"}
_SHOWN = """() => document.querySelector("main").outerHTML.replace(/value="[\\w.-]{60,}"/g, "")"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    own = {**os.environ, "PORTAL_INSTANCE_DIR": str(folder), "PORTAL_PORT": str(port), "PORTAL_WORKERS": "1"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli.main", "serve", "--prepare"], env=own, stdout=log, stderr=log
        )
    try:
        answering(port, process, folder / "log", within=600)
        yield Demo(folder, f"http://localhost:{port}", port)
    finally:
        process.terminate()
        process.wait(60)


def test_axe_finds_nothing_for_anybody_in_the_demo(demo: Demo, app: Flask, browser: Browser) -> None:
    wrong, seen = [], set[tuple[str, str]]()
    for who, pages in _by_account(demo, app).items():
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
    for who, pages in _by_account(demo, app, once=True).items():
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


def _by_account(demo: Demo, app: Flask, *, once: bool = False) -> Mapping[str, list[tuple[str, str]]]:
    walk, found = Walk(demo), defaultdict(list)
    for rule, mark in rules(app, method="GET"):
        if rule.endpoint in NOT_PAGES | LACKING:
            continue
        places = walk.places(app, rule, mark)
        for who, path in places[:1] if once else places:
            found[who].append((rule.endpoint, path))
    return found
