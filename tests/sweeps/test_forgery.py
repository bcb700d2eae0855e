"""Requests that another site could make a browser send: none of them changes anything, by any method or type of content."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.audit.models import AuditRecord
from portal.core.database import system_session
from portal.web.access import needs
from portal.web.pipeline import TENANT_ARGUMENT
from tests.sweeps.conftest import Swept
from tests.sweeps.test_pages import _somebody
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, rules

FORGED = [
    {"data": {"name": "x"}},
    {"data": '{"name": "x"}', "content_type": "application/json"},
    {"data": "name=x", "content_type": "text/plain"},
    {"data": {"name": "x", "csrf_token": "made up"}},
    {"data": {"name": "x"}, "content_type": "multipart/form-data"},
    {"query_string": {"csrf_token": "made up"}},
]
PUBLIC_ACTS = ("/sign-in", "/sign-in/code", "/sign-in/again", "/choose", "/preferences", "/welcome/made-up")


def acts_recorded() -> int:
    with system_session(reason="a test counts what was done") as session:
        return session.scalar(select(func.count()).where(AuditRecord.outcome == "done")) or 0


@pytest.mark.parametrize("forged", FORGED, ids=["form", "json", "text", "wrong token", "multipart", "query"])
def test_no_act_is_done_without_its_token(swept: Swept, forged: dict[str, object]) -> None:
    browsers, wrong = Browsers(swept.app), {}
    targets = []
    for rule, mark in rules(swept.app, method="POST"):
        assert mark.permission is not None
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        targets.append((rule.endpoint, address(swept.app, rule, swept.yunqi, swept.cast), browsers.of(person)))
    visitor = browsers.of(swept.cast.support)
    targets += [(path, path, visitor) for path in PUBLIC_ACTS]
    before = acts_recorded()
    for name, path, browser in targets:
        status = browser.client.post(path, **forged).status_code  # type: ignore[arg-type]
        if status != 400:
            wrong[name] = status
    assert wrong == {}
    assert acts_recorded() == before


def test_no_page_changes_anything_by_being_read(swept: Swept) -> None:
    browsers = Browsers(swept.app)
    pages = []
    for rule, mark in rules(swept.app, method="GET"):
        assert mark.permission is not None
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        pages.append((browsers.of(person), address(swept.app, rule, swept.yunqi, swept.cast)))
    before = acts_recorded()

    for browser, path in pages:
        browser.get(f"{path}?confirmed=1&submit=1&delete=1&hidden=1&version=1", buffered=True)
        browser.client.head(path, buffered=True).close()

    assert acts_recorded() == before


def test_act_that_forgot_its_token_would_be_seen(planting: Flask, swept: Swept) -> None:
    """The fault planted: a view that takes posts of anybody."""
    view = needs(Permission.SELF_MANAGE)(lambda: "done")
    planting.add_url_rule("/planted", "planted", view, methods=["POST"])
    planting.extensions["csrf"].exempt(view)
    browser = Browsers(planting).of(swept.cast.support)

    assert browser.client.post("/planted", data={"name": "x"}).status_code == 200
