"""Somebody on the way: half signed in, or below the level that is needed. Nothing opens but the rest of the way, and out."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from portal.access.governing import OPEN_BELOW_LEVEL
from portal.access.permissions import Permission
from portal.accounts.commands.levels import set_tenant_level
from portal.accounts.models import UserSession
from portal.core import database as databases
from portal.web.access import needs
from tests.accounts.test_sign_in_views import submit
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, may, rules
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Person

ON_THE_WAY = {
    "levels.raise_level", "passkeys.create", "passkeys.new", "passkeys.options", "sign_in.sign_out", "web.session_status",
}  # fmt: skip


def _opened(app: Flask, swept: Swept, client: FlaskClient, form_token: str) -> set[str]:
    """The endpoints that let a session in: neither refused nor led elsewhere to prove more."""
    opened = set()
    for rule, _mark in rules(app):
        if rule.endpoint == "sign_in.sign_out":  # would end the session before the rest is tried
            continue
        path = address(app, rule, swept.yunqi, swept.cast)
        for method in {"GET", "POST"} & (rule.methods or set()):
            answer = client.get(path) if method == "GET" else client.post(path, data={"csrf_token": form_token})
            led = (answer.location or "").startswith(("/sign-in", "/account/level"))
            if not led and answer.status_code not in {401, 403}:
                opened.add(rule.endpoint)
            answer.close()
    return opened


def test_half_signed_in_session_opens_nothing(swept: Swept, app: Flask) -> None:
    client = app.test_client()
    submit(client, "/sign-in", username=swept.cast.yunqi.admin.username, password=PASSWORD)
    page = client.get("/sign-in/code").text
    form_token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    assert _opened(app, swept, client, form_token) == set()


def test_session_below_the_level_opens_the_way_up_and_out_alone(swept: Swept, app: Flask) -> None:
    browser = Browser(app, swept.cast.yunqi.admin)
    building.in_tenant(swept.yunqi.house.tenant, lambda ctx: set_tenant_level(ctx, 3))
    on_the_way = {rule.endpoint for rule, mark in rules(app) if mark.any_level}

    opened = _opened(app, swept, browser.client, browser.form_token)

    assert (on_the_way, opened - on_the_way) == (ON_THE_WAY, set())


def _content_read(app: Flask, swept: Swept, person: Person, *, level: int = 2) -> set[str]:
    """The pages of an enterprise of level 3 that show content to somebody from outside, with a session of `level`."""
    building.in_tenant(swept.yunqi.house.tenant, lambda ctx: set_tenant_level(ctx, 3))
    browser, opened = Browser(app, person, vouched=False), set()
    with databases.database().engine.begin() as connection:
        mine = update(UserSession.__table__).where(UserSession.__table__.c.user_id == person.id)  # type: ignore[arg-type]
        connection.execute(mine.values(auth_level=level))
    for rule, mark in rules(app, method="GET", in_tenant=True):
        assert mark.permission is not None
        if mark.permission in OPEN_BELOW_LEVEL or not may(
            person, Permission(mark.permission), swept.yunqi.house.tenant, "33"
        ):
            continue
        answer = browser.get(address(app, rule, swept.yunqi, swept.cast), buffered=True)
        if answer.status_code == 200:
            opened.add(rule.endpoint)
    return opened


@pytest.mark.parametrize("who", ["operator", "reviewer", "support", "province"])
def test_outsider_below_the_level_of_an_enterprise_reads_none_of_its_content(
    swept: Swept, app: Flask, who: str
) -> None:
    person = swept.yunqi.house.province if who == "province" else getattr(swept.cast, who)

    assert _content_read(app, swept, person) == set()


def test_outsider_who_has_shown_the_level_reads_content(swept: Swept, app: Flask) -> None:
    read = _content_read(app, swept, swept.cast.operator, level=3)

    assert read >= {"dashboard.tenant", "marquee.index", "preview.document", "releases.timeline", "review.submissions"}


def test_page_of_content_that_asks_no_level_would_be_seen(
    swept: Swept, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the level of an enterprise is asked of its members, and of others at doors alone."""
    monkeypatch.setattr("portal.web.pipeline._check_level", lambda *_: None)

    assert _content_read(app, swept, swept.cast.operator) >= {"marquee.index", "preview.document", "review.submissions"}


def test_outsider_is_led_to_prove_more_and_may_go_back(swept: Swept, app: Flask) -> None:
    building.in_tenant(swept.yunqi.house.tenant, lambda ctx: set_tenant_level(ctx, 3))
    browser = Browser(app, swept.cast.operator, vouched=False)
    path = f"{swept.cast.yunqi.path}/content/marquee/"

    led = browser.get(path)
    page = browser.get(led.location)

    assert (led.status_code, led.location) == (302, f"/account/level?next={path}")
    assert "回到工作台" in page.text
    assert [browser.get(f"{swept.cast.yunqi.path}/{page}").status_code for page in ("orders", "boxes")] == [200, 200]


def test_planted_fault_is_found(swept: Swept, app: Flask) -> None:
    """A view of content that says it is open at any level is seen by the test above."""
    browser = Browsers(app).of(swept.cast.yunqi.editor)
    building.in_tenant(swept.yunqi.house.tenant, lambda ctx: set_tenant_level(ctx, 3))
    view = app.view_functions["logo.index"]
    mark = view.__portal_access__  # type: ignore[attr-defined]
    try:
        needs(mark.permission, feature=mark.feature, any_level=True)(view)

        assert browser.get(f"{swept.cast.yunqi.path}/content/logo/").status_code == 200
    finally:
        needs(mark.permission, feature=mark.feature)(view)
