"""Headers on every answer of every address: pages, files, refusals, redirects, errors."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response
from werkzeug.test import TestResponse

from portal.access.permissions import Permission
from portal.web.headers import CONTENT_POLICY
from portal.web.pipeline import TENANT_ARGUMENT
from tests.sweeps.conftest import Swept
from tests.sweeps.test_pages import _somebody
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, rules

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
# Files behind a session and the player's frame: a policy of their own, and a copy that the browser alone may keep, and asks for again.
STRICTER = {
    "media.file",
    "media.original",
    "preview.document",
    "preview.player",
    "players.document",
    "players.player",
    "release_players.document",
    "release_players.player",
    "release_players.roll_back",
    "release_players.roll_back_document",
    "boxes.small_picture",
}


def faults_of(answer: Response | TestResponse, *, is_file: bool = False) -> list[str]:
    """What an answer lacks."""
    faults = [name for name, value in ALWAYS.items() if answer.headers.get(name) != value]
    policy = answer.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy:
        faults.append("Content-Security-Policy")
    if not is_file and policy != CONTENT_POLICY:
        faults.append("Content-Security-Policy of pages")
    if is_file:
        if "private" not in answer.headers.get("Cache-Control", "") and "no-store" not in answer.headers.get(
            "Cache-Control", ""
        ):
            faults.append("Cache-Control of files")
    elif answer.headers.get("Cache-Control") != "no-store":
        faults.append("Cache-Control")
    if "Cookie" not in answer.headers.get("Vary", ""):
        faults.append("Vary")
    if answer.headers.get("Server", "").lower().startswith("werkzeug"):
        faults.append("Server")
    return faults


def answers(swept: Swept) -> Iterator[tuple[str, TestResponse]]:
    """Every address as its owner, as a visitor, as another tenant's member, and by a wrong method."""
    browsers, visitor = Browsers(swept.app), swept.app.test_client()
    for rule, mark in rules(swept.app):
        assert mark.permission is not None
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        if "GET" in (rule.methods or ()):
            yield f"{rule.endpoint} owner", browsers.of(person).get(path, buffered=True)
            yield f"{rule.endpoint} visitor", visitor.get(path, buffered=True)
            yield f"{rule.endpoint} other", browsers.of(swept.cast.jiangzhou.admin).get(path, buffered=True)
        else:
            yield f"{rule.endpoint} without token", browsers.of(person).client.post(path)
        yield f"{rule.endpoint} method", browsers.of(person).client.put(path)
    for path in ("/", "/sign-in", "/sign-in/code", "/nothing", "/captcha/sign_in.png", "/welcome/made-up"):
        yield path, visitor.get(path)


def test_every_answer_is_guarded(swept: Swept) -> None:
    wrong = {}
    for name, answer in answers(swept):
        is_file = answer.status_code in {200, 206} and name.partition(" ")[0] in STRICTER
        if faults := faults_of(answer, is_file=is_file):
            wrong[name] = (answer.status_code, faults)
    assert wrong == {}


@pytest.mark.parametrize("name", [*ALWAYS, "Content-Security-Policy", "Cache-Control", "Vary"])
def test_header_that_is_gone_would_be_seen(swept: Swept, name: str) -> None:
    """The fault planted: one header is taken from a page."""
    answer = swept.app.test_client().get("/sign-in")
    assert faults_of(answer) == []

    del answer.headers[name]

    assert faults_of(answer) != []


def test_fault_of_ours_is_guarded_too(planted_fault: Flask, swept: Swept) -> None:
    answer = Browsers(planted_fault).of(swept.cast.reviewer).get("/planted-fault")

    assert answer.status_code == 500
    assert faults_of(answer) == []


@pytest.fixture
def planted_fault(planting: Flask) -> Flask:
    from portal.web.access import needs

    def broken() -> str:
        raise ValueError("a secret of ours")

    planting.add_url_rule("/planted-fault", "planted_fault", needs(Permission.SELF_MANAGE)(broken))
    return planting
