"""Addresses and hosts of strangers: nobody is led away, and no address that is given away names them."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask, Response, redirect, request

from portal.core import clock
from portal.core.settings import PROJECT_ROOT
from portal.web.access import public
from tests.accounts.test_sign_in_views import submit, token_of
from tests.attacks.log import newest, recorded
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, code_now

ELSEWHERE = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "\x00//evil.example",
    "https:evil.example", "https:/evil.example", "http://localhost@evil.example/", "http://localhost.evil.example/", "javascript:alert(1)//",
    "data:text/html,x", "/%0d%0aLocation:%20https://evil.example", "@evil.example", "evil.example",
]  # fmt: skip


def leads_away(location: str | None) -> bool:
    """Whether a browser would leave the site, or break the header."""
    where = (location or "/").replace("http://localhost", "", 1) or "/"
    return not where.startswith("/") or where[1:2] in {"/", "\\"} or any(ord(letter) < 32 for letter in where)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_away_after_signing_in(app: Flask, cast: Cast, wanted: str) -> None:
    client = app.test_client()
    form = {"username": "alice", "password": PASSWORD, "code": code_now()}
    page = client.get("/sign-in", query_string={"next": wanted})

    answer = client.post("/sign-in", query_string={"next": wanted}, data={"csrf_token": token_of(page), **form})

    assert (answer.status_code, leads_away(answer.location)) == (302, False)


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_away_from_any_other_page(app: Flask, cast: Cast, wanted: str) -> None:
    browser = Browser(app, cast.app_admin)

    answers = [
        browser.post(
            "/preferences", {"theme": "dark"}, headers={"Referer": wanted.replace("\x00", "").replace("\t", "")}
        ),
        browser.get("/sign-in", query_string={"next": wanted}),
        browser.get("/step-up/users", query_string={"next": wanted}),
    ]

    assert [leads_away(answer.location) for answer in answers] == [False] * 3


def test_link_that_leads_away_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: whatever stands in the address is followed."""
    monkeypatch.setattr("portal.accounts.gate.views.step_up.same_site", lambda wanted: wanted)

    answer = Browser(app, cast.app_admin).get("/step-up/users?next=https://evil.example/")

    assert leads_away(answer.location)


@pytest.mark.parametrize(
    "name", ["Host", "X-Forwarded-Host", "X-Host", "Forwarded", "X-Forwarded-Server", "X-Original-URL", "X-Rewrite-URL"]
)
def test_host_of_a_stranger_stands_on_no_page_and_in_no_link(app: Flask, cast: Cast, name: str) -> None:
    value = "host=evil.example" if name == "Forwarded" else "evil.example"
    browser = Browser(app, cast.security_admin)
    if name == "Host":  # the browser's own cookie belongs to localhost
        answer = app.test_client().get("/sign-in", headers={name: value})
    else:
        answer = browser.post(f"/admin/users/{cast.support.id}/link", headers={name: value})

    assert "evil.example" not in answer.text
    assert "evil.example" not in (answer.location or "")


# Addresses that routing itself leads on from: slashes too many, and one too few.
CARELESS = {
    "/sign-in//code?next=/a": "/sign-in/code?next=/a",
    "/static//img/mark.svg": "/static/img/mark.svg",
    "/center//review": "/center/review",
}


@pytest.mark.parametrize(("path", "tidy"), CARELESS.items())
def test_host_of_a_stranger_stands_in_no_redirect_of_routing(app: Flask, path: str, tidy: str) -> None:
    answer = app.test_client().get(path, headers={"Host": "evil.example"})

    assert (answer.status_code, answer.location) == (308, tidy)
    assert "evil.example" not in answer.text


def test_redirect_made_of_the_host_would_be_seen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: what routing says is sent as it is."""
    monkeypatch.setattr("portal.web.pipeline.lead_on", lambda error: redirect(error.new_url, error.code))

    answer = app.test_client().get("/sign-in//code?next=/a", headers={"Host": "evil.example"})

    assert answer.location == "http://evil.example/sign-in/code?next=/a"


def test_link_made_of_the_host_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: links are made of what the request calls the site."""
    monkeypatch.setitem(app.config, "BASE_URL", "http://evil.example")

    answer = Browser(app, cast.security_admin).post(f"/admin/users/{cast.support.id}/link")

    assert "evil.example" in answer.text


def test_header_changes_nothing_of_who_may(app: Flask, cast: Cast) -> None:
    """Headers by which some servers choose another address or method."""
    browser, before = Browser(app, cast.yunqi.editor), newest()
    tricks = {
        "X-Original-URL": "/admin/users",
        "X-Rewrite-URL": "/admin/users",
        "X-HTTP-Method-Override": "DELETE",
        "X-Method-Override": "PUT",
    }

    assert browser.get("/account", headers=tricks).status_code == 200
    assert browser.get("/admin/users", headers=tricks).status_code == 403
    assert submit(app.test_client(), "/sign-in", username="x", password="y", _method="DELETE").status_code == 401
    assert recorded("done", since=before) == []


LISTENER = re.compile(r"(?<![\w.])addEventListener\(\"message\".{0,200}", re.DOTALL)


def deaf_to_strangers(script: str) -> bool:
    """Whether every listener of a window in a script asks first from which site a message came; a channel is of one site."""
    return all("event.origin" in found for found in LISTENER.findall(script))


def test_every_listener_asks_where_a_message_comes_from() -> None:
    scripts = {path: path.read_text() for path in (PROJECT_ROOT / "static").rglob("*.js") if "vendor" not in path.parts}
    listening = [path for path, script in scripts.items() if LISTENER.search(script)]

    assert listening != []
    assert [path.name for path in listening if not deaf_to_strangers(scripts[path])] == []


def test_listener_that_does_not_ask_would_be_seen() -> None:
    """The fault planted: a listener that does what anybody says."""
    assert not deaf_to_strangers('addEventListener("message", (event) => { ORDERS[event.data.tv](event.data); });')


def weakness_goes_to(app: Flask, header: str) -> str:
    """What somebody who wants to report a weakness is told, by a request with the host of a stranger."""
    return app.test_client().get("/.well-known/security.txt", headers={header: "evil.example"}).text


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Host", "X-Original-Host"])
def test_weaknesses_are_reported_to_nobody_else(app: Flask, cast: Cast, header: str) -> None:
    told = dict(line.split(": ", 1) for line in weakness_goes_to(app, header).splitlines())

    ends = datetime.fromisoformat(told.pop("Expires"))
    assert clock.now() < ends < clock.now() + timedelta(days=366)
    assert told == {
        "Contact": "mailto:security@localhost",
        "Preferred-Languages": "zh, en",
        "Canonical": "http://localhost:8000/.well-known/security.txt",
    }


def test_report_that_goes_to_a_stranger_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the contact is made of the host that was asked for."""
    view = public(lambda: Response(f"Contact: mailto:security@{request.host}"))
    monkeypatch.setitem(app.view_functions, "web.security_txt", view)

    assert "evil.example" in weakness_goes_to(app, "Host")
