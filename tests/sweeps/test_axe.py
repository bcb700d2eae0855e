"""Axe at every page of the URL map, in a real browser at a running portal.

Each page is looked at once: by the roles that may open it in turn, in both languages and both themes in turn, so that what pages share is
seen in each. Every page as every role in everything, on the demo's data, is the soak beside this.
"""

import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.core import database as databases
from tests.sweeps.looking import LANGUAGES, THEMES, Eyes
from tests.sweeps.test_pages import NOT_PAGES
from tests.sweeps.world import Filled, address, people, rules, written
from tests.world.cast import PASSWORD, Cast, Person, open_session
from tests.world.server import Server

pytestmark = pytest.mark.needs_service("chromium")

STRANGERS = ("/sign-in", "/box/v1/openapi.html", "/welcome/of-nobody", "/nowhere")
Round = Mapping[tuple[str, str], list[tuple[str, str]]]  # (language, theme) -> endpoint and path


@dataclass(frozen=True)
class Running:
    """A running portal with the filled world, and a session's cookie for everybody in it."""

    url: str
    cast: Cast
    filled: Filled
    cookies: Mapping[Person, str]


@pytest.fixture(scope="module")
def running(
    filled_template: tuple[Path, Cast, Filled, Filled], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    source, cast, filled, _ = filled_template
    folder = tmp_path_factory.mktemp("looked-at")
    for part in ("media", "pub", "certificates", "checkpoints"):
        shutil.copytree(source / part, folder / part)
    server = Server(folder, source / "portal.db", workers=1)
    opened = databases.Database(f"sqlite:///{folder / 'portal.db'}")
    databases.use(opened)
    cookies = {person: f"s.{open_session(person)}" for person in people(cast, filled.house)}
    opened.dispose()
    with sqlite3.connect(folder / "portal.db") as database:
        customer = str(UUID(database.execute("SELECT id FROM customers ORDER BY id").fetchone()[0]))
    server.start()
    yield Running(server.url, cast, replace(filled, ids={**filled.ids, "customer_id": customer}), cookies)
    server.stop()


def test_axe_finds_nothing_on_any_page(running: Running, app: Flask, browser: Browser) -> None:
    wrong = []
    for person, rounds in shared_out(running, app).items():
        with Eyes(browser, running.url, running.cookies[person]) as eyes:
            wrong += [f"as {person.role}, {fault}" for fault in look_round(eyes, rounds)]

    assert wrong == []


def test_axe_finds_nothing_where_nobody_has_signed_in(running: Running, browser: Browser) -> None:
    wrong = []
    with Eyes(browser, running.url, None) as eyes:
        for language in LANGUAGES:
            for path in STRANGERS:
                eyes.open(path)
                wrong += [f"{path} ({language}, {theme}): {one}" for theme in THEMES for one in eyes.look(theme)]
            eyes.open("/sign-in")
            eyes.page.fill("input[name=username]", running.cast.reviewer.username)
            eyes.page.fill("input[name=password]", PASSWORD)
            eyes.page.press("input[name=password]", "Enter")
            eyes.page.wait_for_selector("input[name=code]")
            eyes.begin()
            wrong += [f"code ({language}, {theme}): {one}" for theme in THEMES for one in eyes.look(theme)]
            eyes.speak("en")

    assert wrong == []


def look_round(eyes: Eyes, rounds: Round) -> list[str]:
    """This function will go through pages, by language and theme, and return what is wrong with them."""
    wrong = []
    for (language, theme), pages in sorted(rounds.items(), reverse=True):
        eyes.open("/account")
        eyes.speak(language)
        for name, path in pages:
            status = eyes.turn(path)
            wrong += [f"{name}: {status}"] if status != 200 else []
            wrong += [f"{name} ({language}, {theme}): {one}" for one in eyes.look(theme)]
    return wrong + eyes.complaints


def shared_out(running: Running, app: Flask) -> Mapping[Person, Round]:
    """This function will return who looks at which page, and in what language and theme: every page once."""
    shared: dict[Person, dict[tuple[str, str], list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    everybody = people(running.cast, running.filled.house)
    pages = [rule for rule, _ in rules(app, method="GET") if rule.endpoint not in NOT_PAGES]
    for number, rule in enumerate(pages):
        # Of the one passkey there is the province is the owner, and everybody sees their own only.
        may = [person for person in everybody if written(rule, person.role)]
        person = running.filled.house.province if "passkey_id" in rule.arguments else may[number // 4 % len(may)]
        how = LANGUAGES[number % 2], THEMES[number // 2 % 2]
        shared[person][how].append((rule.endpoint, address(app, rule, running.filled, running.cast)))
    return shared
