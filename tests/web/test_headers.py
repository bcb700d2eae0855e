"""Headers of every response."""

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal.core import database as databases
from portal.core.settings import PROJECT_ROOT, load_settings
from portal.core.settings_values import SettingsError
from portal.factory import create_app
from portal.web.static_files import SHEETS, bundle
from tests.conftest import SECRET
from tests.world.browser import Browser
from tests.world.cast import Cast


def policy(headers: dict[str, str]) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize("path", ["/sign-in", "/no/such/page", "/static/icons.svg", "/account"])
def test_every_response_is_guarded(cast: Cast, client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert policy(dict(headers))["default-src"] == "'none'"


def test_policy_runs_no_inline_script_or_style(cast: Cast, client: FlaskClient) -> None:
    rules = policy(dict(client.get("/sign-in").headers))

    assert {rules["script-src"], rules["style-src"], rules["connect-src"], rules["form-action"]} == {"'self'"}
    assert rules["base-uri"] == "'none'"
    assert rules["frame-ancestors"] == "'self'"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code", "/account", "/account/token"])
def test_pages_hold_nothing_inline(cast: Cast, app: Flask, path: str) -> None:
    page = Browser(app, cast.reviewer).get(path).text

    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page) == []


def test_private_pages_are_kept_by_nobody(cast: Cast, app: Flask) -> None:
    headers = Browser(app, cast.reviewer).get("/account").headers

    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def test_static_file_of_a_version_is_kept_for_a_year(client: FlaskClient) -> None:
    with client.get("/static/icons.svg?v=123") as answer:
        with_version = answer.headers["Cache-Control"]
    with client.get("/static/icons.svg") as answer:
        without = answer.headers.get("Cache-Control")

    assert with_version == "public, max-age=31536000, immutable"
    assert without != with_version


def test_text_of_the_portal_itself_is_compressed_for_whoever_takes_that(client: FlaskClient) -> None:
    path = "/static/js/main.js"
    with client.get(path) as plain, client.get(path, headers={"Accept-Encoding": "gzip, br"}) as packed:
        again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})

        assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
        assert gzip.decompress(packed.data) == plain.data == (PROJECT_ROOT / path[1:]).read_bytes()
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert plain.headers["ETag"] != packed.headers["ETag"]
        assert (again.status_code, again.data) == (304, b"")


def test_page_with_a_token_is_never_compressed(cast: Cast, app: Flask) -> None:
    answer = Browser(app, cast.reviewer).get("/account", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers


def test_every_sheet_stands_in_the_one_that_pages_load(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)

    sent = client.get(address)

    assert sent.mimetype == "text/css"
    assert sent.data == bundle(str(PROJECT_ROOT / "static"))
    assert {f"css/{file.name}" for file in (PROJECT_ROOT / "static" / "css").glob("*.css")} == set(SHEETS[1:])


@pytest.mark.parametrize("path", ["js/none.js", "../app.py", "js/../../app.py", "js", "sheets.css/x"])
def test_what_is_no_static_file_is_not_found(path: str, client: FlaskClient) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_static_file_touches_no_session(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.reviewer)

    with browser.get("/static/icons.svg") as answer:
        assert "Set-Cookie" not in answer.headers


def test_plain_http_on_loopback_promises_no_tls(cast: Cast, client: FlaskClient) -> None:
    answer = client.get("/sign-in")

    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Set-Cookie"].startswith("portal_session=v.")


def test_https_makes_cookies_secure_and_says_so(cast: Cast, sqlite: databases.Database, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    app = create_app(
        load_settings(
            {
                "PORTAL_INSTANCE_DIR": str(tmp_path),
                "PORTAL_DATABASE_URL": str(sqlite.url),
                "PORTAL_BASE_URL": "https://portal.example.com",
                "PORTAL_TRUSTED_PROXIES": "10.0.0.5",
            }
        )
    )
    answer = app.test_client().get("/sign-in", base_url="https://portal.example.com")
    databases.database().dispose()

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal_session=v.")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_contact_for_weaknesses_is_told_where_one_is_set(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(client.application.config, "SECURITY_CONTACT", "mailto:security@example.com")

    with time_machine.travel(datetime(2026, 11, 24, 4, tzinfo=UTC), tick=False):
        answer = client.get("/.well-known/security.txt")

    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "Contact: mailto:security@example.com",
        "Expires: 2027-05-23T00:00:00Z",
        "Preferred-Languages: zh, en",
        "Canonical: http://localhost:8000/.well-known/security.txt",
    ]


def test_without_a_contact_it_is_the_mailbox_that_every_host_should_have(client: FlaskClient) -> None:
    answer = client.get("/.well-known/security.txt")

    assert (answer.status_code, answer.text.splitlines()[0]) == (200, "Contact: mailto:security@localhost")


@pytest.mark.parametrize("text", ["security@example.com", "mailto:x", "http://example.com", "mailto:a@b c"])
def test_contact_that_nobody_could_use_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="PORTAL_SECURITY_CONTACT must be mailto:"):
        load_settings({"PORTAL_SECURITY_CONTACT": text})
