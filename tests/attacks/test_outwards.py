"""What leaves the portal: no request to an address that somebody typed, and no log with what somebody typed to prove who it is."""

import io
import json
import re
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from flask import Flask

from portal.access.permissions import Permission
from portal.core import logs
from portal.media.states import Purpose
from portal.web.access import needs
from tests.accounts.test_sign_in_views import cookie, sign_in, submit
from tests.attacks.log import newest, recorded
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, code_now

TYPED = "http://203.0.113.99/typed"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every connection that is opened, none of which succeeds."""
    opened: list[Any] = []

    def connect(_self: object, address: object) -> None:
        opened.append(address)
        raise OSError("nowhere")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *names, **_: opened.append(names) or [])
    return opened


def test_address_that_somebody_typed_is_never_asked(swept: Swept, connections: list[Any]) -> None:
    browser, before = Browser(swept.app, swept.cast.yunqi.editor), newest()
    image = building.add_picture(swept.yunqi.house.tenant, Purpose.SLOT_MIDDLE, (9, 9, 9))
    path = f"{swept.cast.yunqi.path}/content"
    for number, url in enumerate(
        ("https://203.0.113.99/x", TYPED, "file:///etc/passwd", "https://169.254.169.254/latest/meta-data")
    ):
        form = {"position": str(number + 2), "title": "链接", "image": image, "action": "url", "url": url}
        browser.post(f"{path}/slots/new", form)
    browser.post(
        f"{path}/zone/items/new",
        {"kind": "text", "title": "字", "html": f'<p><img src="{TYPED}"><a href="{TYPED}">x</a></p>'},
    )
    browser.get(f"{swept.cast.yunqi.path}/preview/")

    assert "content.draft_saved" in recorded("done", since=before)
    assert connections == []


def test_address_that_is_asked_would_be_seen(planting: Flask, swept: Swept, connections: list[Any]) -> None:
    """The fault planted: a page that looks what stands behind a link."""

    def curious() -> str:
        try:
            socket.create_connection(("203.0.113.99", 80), timeout=1)
        except OSError:
            return "nothing"
        return "something"

    planting.add_url_rule("/planted", "planted", needs(Permission.SELF_MANAGE)(curious))
    Browsers(planting).of(swept.cast.support).get("/planted")

    assert connections != []


def test_log_of_the_server_holds_nothing_that_proves_anybody(
    app: Flask, cast: Cast, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client, code = app.test_client(), code_now()
    submit(client, "/sign-in", username="alice", password="a wrong password")
    client.get("/welcome/a-secret-token-of-a-link")
    sign_in(client, cast.yunqi.admin)
    client.post("/account/password", data={"current": PASSWORD, "password": "another good long password"})

    captured = capfd.readouterr()
    written = captured.out + captured.err + caplog.text

    secrets = [
        PASSWORD,
        "a wrong password",
        "another good long password",
        cookie(client)[2:],
        "a-secret-token-of-a-link",
        code,
    ]
    assert [secret for secret in secrets if secret in written] == []


def test_log_with_a_password_would_be_seen(
    app: Flask, cast: Cast, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a line of a hurried developer."""
    from portal.accounts import proofs

    proved = proofs.prove_password
    monkeypatch.setattr(
        proofs, "prove_password", lambda *typed, **more: sys.stdout.write(str(typed)) and proved(*typed, **more)
    )

    submit(app.test_client(), "/sign-in", username="alice", password="a wrong password")

    assert "a wrong password" in capfd.readouterr().out


PHONE, FORGED = "13812345678", "云栖\r\n2026-01-01 [error] forged\x1b[2J"


@pytest.fixture
def server_log() -> Iterator[Callable[[Flask, Cast], list[dict[str, Any]]]]:
    """What the server writes when somebody's words end in a fault that quotes them, a line of JSON for each event."""
    former, stream = structlog.get_config(), io.StringIO()
    structlog.configure(
        processors=[*logs._before(), *logs._after(to_terminal=False)],  # noqa: SLF001 - as `logs.configure`, but to here
        logger_factory=lambda *_: structlog.PrintLogger(stream),
        cache_logger_on_first_use=False,
    )

    def written(app: Flask, cast: Cast) -> list[dict[str, Any]]:
        typed = {
            "name": FORGED,
            "industry_code": "1401001",
            "contact_name": "王",
            "contact_phone": PHONE,
            "version": "0",
        }
        assert Browser(app, cast.operator).post("/center/customers/new", typed).status_code == 500
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    yield written
    structlog.configure(**former)


@pytest.fixture
def quoting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that tells in its error the whole row that it did not take."""

    def fail(_ctx: object, details: object) -> None:
        raise RuntimeError(f"Key already exists: {details.name}, {details.contact_phone}")  # type: ignore[attr-defined]

    monkeypatch.setattr("portal.tenants.views.customers.create_customer", fail)


@pytest.mark.usefixtures("quoting")
def test_log_of_the_server_holds_no_phone_and_no_line_of_a_stranger(
    app: Flask, cast: Cast, server_log: Callable[[Flask, Cast], list[dict[str, Any]]]
) -> None:
    lines = server_log(app, cast)

    assert "138****5678" in json.dumps(lines)
    assert [sign for sign in (PHONE, "\\r", "\\n", "\\u001b") if sign in json.dumps(lines)] == []


@pytest.mark.usefixtures("quoting")
@pytest.mark.parametrize(("guard", "seen"), [("_PHONE", PHONE), ("_CONTROL", "\\r\\n2026-01-01 [error] forged")])
def test_log_that_is_not_guarded_would_be_seen(
    app: Flask,
    cast: Cast,
    server_log: Callable[[Flask, Cast], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    guard: str,
    seen: str,
) -> None:
    """The fault planted: one of the two patterns finds nothing."""
    monkeypatch.setattr(logs, guard, re.compile("(?!)()()"))

    assert seen in json.dumps(server_log(app, cast))
