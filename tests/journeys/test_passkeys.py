"""A passkey in a real browser, with the virtual authenticator that Chromium has for tests: enrolled, then used."""

from typing import Any

from playwright.sync_api import Page

from tests.journeys.conftest import Site
from tests.world.cast import PASSWORD


def test_passkey_is_enrolled_and_signs_in(site: Site, visit: Any) -> None:
    page = visit(site.cast.reviewer).page
    devices = authenticator(page)
    page.goto("/account/passkeys/new")
    page.fill("input[name=name]", "办公室电脑")
    page.fill("input[name=current]", PASSWORD)
    page.click("button:has-text('登记')")
    page.wait_for_selector("text=通行密钥已登记")
    assert len(devices()) == 1

    page.context.clear_cookies()
    page.goto("/sign-in")
    page.click("button:has-text('用通行密钥登录')")
    page.wait_for_selector("nav.rail")

    assert page.url.endswith("/center")


def authenticator(page: Page) -> Any:
    """Give the browser an authenticator that verifies its person without asking."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    return lambda: session.send("WebAuthn.getCredentials", made)["credentials"]
