"""The doors of modules take what somebody has: a token, a passkey, a certificate, at the level that is asked; the form comes along."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts import certificate_files
from portal.accounts.models import UserSession
from portal.audit.models import AuditRecord
from portal.core.database import platform_session, system_session
from tests.accounts.test_certificates import PROXY, behind_proxy, give, header
from tests.world.authenticator import Authenticator, give_passkey
from tests.world.browser import Browser
from tests.world.cast import Cast, code_now

__all__ = ["behind_proxy"]

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
REST = {"minutes": "20", "version": "0"}
PATH = "/admin/modules/rest/auditor"


@pytest.fixture(autouse=True)
def frozen() -> object:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    certificate_files.configure(tmp_path / "certificates")


@pytest.fixture
def level(app: Flask, cast: Cast, frozen: time_machine.Traveller) -> Any:
    """Sets what the door of orders asks: a level, proven five minutes ago at most; and lets ten go by."""

    def ask(level: str) -> Browser:
        change = {"captcha": "never", "level": level, "minutes": "5", "version": "0"}
        assert Browser(app, cast.app_admin).post("/admin/modules/orders", change).status_code == 302
        browser = Browser(app, cast.operator)
        frozen.shift(timedelta(minutes=10))
        return browser

    return ask


def order_path(cast: Cast) -> str:
    return f"{cast.yunqi.path}/orders/new"


def answer_of(browser: Browser, device: Authenticator) -> str:
    return device.prove(browser.get("/sign-in/passkey/options").get_json())


def proofs() -> list[tuple[str, int]]:
    with system_session(reason="test") as opened:
        found = opened.scalars(select(AuditRecord).where(AuditRecord.event == "account.stepped_up"))
        return [(row.details["method"], row.details["level"]) for row in found]


@pytest.mark.parametrize("asked", ["2", "3"])
def test_passkey_opens_the_door_and_the_form_goes_on(cast: Cast, app: Flask, level: Any, asked: str) -> None:
    device, browser = give_passkey(cast.operator), level(asked)
    form = {"offering_code": "none", "boxes": "7"}

    shut = browser.post(order_path(cast), form)
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shut.text))
    token = browser.client.get_cookie("portal_session").value
    opened = browser.post(order_path(cast), {**form, "step_up": "1", "step_up_credential": answer_of(browser, device)})

    assert shut.status_code == 403
    assert {name: kept[name] for name in form} == form
    assert opened.status_code == 422  # the handler's own word on the form: it came through the door
    assert proofs() == [("passkey", 3)]
    assert browser.client.get_cookie("portal_session").value != token


@pytest.mark.usefixtures("behind_proxy")
@pytest.mark.parametrize("asked", ["2", "3"])
def test_certificate_of_the_connection_opens_it(cast: Cast, app: Flask, level: Any, asked: str) -> None:
    issued, browser = give(cast.operator), level(asked)
    shown = {"headers": header(issued.certificate), "environ_overrides": PROXY}
    path = order_path(cast)

    page = browser.post(path, {"boxes": "7"}, **shown)
    opened = browser.post(path, {"boxes": "7", "step_up": "1", "step_up_certificate": "1"}, **shown)

    assert 'name="step_up_certificate"' in page.text
    assert opened.status_code == 422
    assert proofs() == [("certificate", 3)]


@pytest.mark.usefixtures("behind_proxy")
def test_certificate_of_somebody_else_or_none_opens_nothing(cast: Cast, app: Flask, level: Any) -> None:
    issued, browser = give(cast.reviewer), level("2")
    shown = {"headers": header(issued.certificate), "environ_overrides": PROXY}
    fields = {"step_up": "1", "step_up_certificate": "1"}

    foreign = browser.post(order_path(cast), fields, **shown)
    none = browser.post(order_path(cast), fields)

    assert (foreign.status_code, none.status_code, proofs()) == (403, 403, [])
    assert 'name="step_up_certificate"' not in foreign.text


def test_passkey_of_somebody_else_opens_nothing(cast: Cast, app: Flask, level: Any) -> None:
    give_passkey(cast.operator)
    other, browser = give_passkey(cast.reviewer), level("3")

    answer = browser.post(order_path(cast), {"step_up": "1", "step_up_credential": answer_of(browser, other)})

    assert (answer.status_code, proofs()) == (403, [])


def test_answer_of_a_passkey_opens_one_door_once(cast: Cast, app: Flask, level: Any, frozen: Any) -> None:
    device, browser = give_passkey(cast.operator), level("3")
    proof = answer_of(browser, device)
    assert browser.post(order_path(cast), {"step_up": "1", "step_up_credential": proof}).status_code == 422
    frozen.shift(timedelta(minutes=10))

    again = browser.post(order_path(cast), {"step_up": "1", "step_up_credential": proof})

    assert again.status_code == 403


def test_code_is_not_enough_where_level_three_is_asked(cast: Cast, app: Flask, level: Any) -> None:
    give_passkey(cast.operator)
    browser = level("3")

    answer = browser.post(order_path(cast), {"step_up": "1", "step_up_code": code_now()})

    assert answer.status_code == 403
    assert 'name="step_up_code"' not in answer.text
    assert "data-credential" in answer.text


def test_session_itself_keeps_its_level(cast: Cast, app: Flask, level: Any) -> None:
    """The proof is good at doors for its minutes; the session as such stays what it was signed in as."""
    device, browser = give_passkey(cast.operator), level("3")
    browser.post(order_path(cast), {"step_up": "1", "step_up_credential": answer_of(browser, device)})

    with platform_session() as opened:
        levels = opened.scalars(select(UserSession.auth_level).where(UserSession.user_id == cast.operator.id)).all()

    assert set(levels) == {2}
