"""Keys and values that nobody offered in the address of every page: no fault of ours, no word of it as markup, no link that leads away."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask, request

import portal
from portal.access.permissions import Permission
from portal.web.access import needs
from portal.web.pipeline import TENANT_ARGUMENT
from tests.sweeps import world
from tests.sweeps.conftest import Swept
from tests.sweeps.test_pages import _somebody
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, rules

# Every parameter that some page reads, and some that only the making of addresses would.
KEYS = (
    "a", "at", "b", "before", "below", "bin", "column", "customer", "day", "end", "endpoint", "enterprise_id", "event", "find", "from",
    "group", "kind", "look", "month", "name", "next", "only", "outcome", "package", "page", "parent", "part", "permission", "pick", "place",
    "playlist", "position", "province", "purpose", "q", "record", "revision", "role", "screen", "several", "since", "size", "sort", "start",
    "state", "submission", "theme", "until", "user", "view", "who", "_anchor", "_external", "_method", "_scheme",
)  # fmt: skip
MARK = "<x-planted onclick=1>"
VALUES = (
    f"\"'>{MARK}",
    "-1",
    "9" * 30,
    "\x00\ud7ff\U0001f600;DROP TABLE users",
    "2026-13-45T99:99/../../etc/passwd",
    "https://evil.example/",
)
NUMBERS = ("seq", "size", "old", "new", "number", "before", "after", "a", "b")
RAW = ("page=%FF%FE&sort=%00&" + "&".join(f"q=%ED%A0%80{n}" for n in range(300)),)


def queries() -> Iterator[str]:
    """The queries with which every page is asked for."""
    yield from (urlencode(dict.fromkeys(KEYS, value)) for value in VALUES)
    yield from RAW


def faults_of(status: int, page: str) -> list[str]:
    """What an answer shows that it must not."""
    faults = [f"status {status}"] if status >= 500 else []
    if MARK in page:
        faults.append("markup of the address")
    links = re.findall(r'(?:href|action|src|formaction|hx-[a-z]+)="([^"]*)"', page)
    faults += [
        f"leads to {link[:60]}" for link in links if re.match(r"(?!https?://localhost)[a-zA-Z]*:?//|javascript:", link)
    ]
    return faults


@pytest.mark.parametrize("query", list(queries()), ids=range(len(VALUES) + len(RAW)))
def test_page_stands_whatever_its_address_asks_for(swept: Swept, query: str) -> None:
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in rules(swept.app, method="GET"):
        assert mark.permission is not None
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        answer = browsers.of(person).get(f"{path}?{query}", buffered=True)
        text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        if faults := faults_of(answer.status_code, text):
            wrong[rule.endpoint] = faults
        if (answer.location or "/").startswith(("//", "http", "javascript")):
            wrong[rule.endpoint] = [f"redirects to {answer.location}"]
    assert wrong == {}


def test_no_view_hands_the_address_on() -> None:
    """Only `list_address` takes all that an address holds, and hands none of it to `url_for`."""
    found = {
        path.name
        for path in (Path(portal.__path__[0])).rglob("*.py")
        if re.search(
            r"request\.args\.(to_dict|items)|\*\*request\.(args|form|values)", path.read_text(encoding="utf-8")
        )
    }

    assert found == {"paging.py"}


@pytest.mark.parametrize("number", ["9" * 15, "9" * 30])
def test_number_that_no_database_holds_is_no_page(swept: Swept, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    usual = world.value_of
    monkeypatch.setattr(world, "value_of", lambda name, *rest: number if name in NUMBERS else usual(name, *rest))
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in rules(swept.app):
        if "<int:" not in rule.rule:
            continue
        assert mark.permission is not None
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        fetch = browsers.of(person).get if "GET" in (rule.methods or ()) else browsers.of(person).post
        if (status := fetch(path, buffered=True).status_code) != 404:
            wrong[rule.endpoint] = (path, status)
    assert wrong == {}


def test_page_that_passes_on_what_it_was_asked_would_be_seen(planting: Flask, swept: Swept) -> None:
    """The fault planted: what the address names becomes a link and text of the page."""

    def careless() -> str:
        return f'<a href="{request.args["next"]}">{request.args["q"]}</a>'

    planting.add_url_rule("/planted", "planted", needs(Permission.SELF_MANAGE)(careless))
    browser = Browsers(planting).of(swept.cast.support)

    page = browser.get("/planted", query_string={"next": "https://evil.example/", "q": MARK}).text

    assert faults_of(200, page) == ["markup of the address", "leads to https://evil.example/"]
