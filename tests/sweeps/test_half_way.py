"""Somebody on the way: half signed in, or below the level that is needed. Nothing opens but the rest of the way, and out."""

from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.commands.levels import set_tenant_level
from portal.web.access import needs
from tests.accounts.test_sign_in_views import submit
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, rules
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import PASSWORD

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
