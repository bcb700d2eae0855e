"""A session runs out while somebody types: sign in over the page, or on the page that carries the form; nothing is lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from portal.core import clock
from tests.journeys.conftest import Site
from tests.journeys.test_passkeys import authenticator
from tests.world.cast import PASSWORD, code_now

NAME = "打到一半的客户有限公司"


def test_dialog_over_the_page_keeps_what_was_typed(site: Site, visit: Any) -> None:
    visitor = visit(site.cast.operator)
    page = visitor.page
    page.goto("/center/customers/new")
    page.fill("input[name=name]", NAME)
    page.select_option("select[name=industry_code]", "1401001")
    run_out(site.folder, site.cast.operator.username)

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-session-ended][open]")
    page.fill("#session-password", "wrong")
    page.fill("#session-code", "000000")
    page.click("[data-session-ended] button[type=submit]")
    page.wait_for_selector("text=用户名或密码不对")
    page.fill("#session-password", PASSWORD)
    page.fill("#session-code", code_now(1))
    page.click("[data-session-ended] button[type=submit]")
    page.wait_for_selector("[data-session-ended]:not([open])", state="attached")

    assert page.input_value("input[name=name]") == NAME
    page.click("main form button.btn-primary")
    page.wait_for_url("**/new?customer=*")
    forget_expected(visitor)


def test_passkey_goes_on_in_the_dialog_and_on_the_page_of_a_late_form(site: Site, visit: Any) -> None:
    visitor = visit(site.cast.reviewer)
    page = visitor.page
    authenticator(page)
    page.goto("/account/passkeys/new")
    page.fill("input[name=name]", "办公室电脑")
    page.fill("input[name=current]", PASSWORD)
    page.click("button:has-text('登记')")
    page.wait_for_selector("text=通行密钥已登记")
    run_out(site.folder, site.cast.reviewer.username)

    page.fill("input[name=current]", "wrong")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-session-ended][open]")
    page.click("[data-session-passkey]")
    page.wait_for_selector("[data-session-ended]:not([open])", state="attached")
    assert page.input_value("input[name=current]") == "wrong"

    run_out(site.folder, site.cast.reviewer.username)
    page.fill("input[name=password]", "another good long password")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("text=请重新登录")
    page.click("button:has-text('用通行密钥登录并继续')")
    page.wait_for_selector("text=现在的密码不对")

    assert page.url.endswith("/account/password")
    forget_expected(visitor)


def test_form_sent_too_late_goes_on_after_the_sign_in(site: Site, visit: Any) -> None:
    visitor = visit(site.cast.support)
    page = visitor.page
    page.goto("/account")
    run_out(site.folder, site.cast.support.username)

    page.fill("input[name=current]", "wrong")
    page.fill("input[name=password]", "another good long password")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("text=请重新登录")
    page.fill("input[name=username]", site.cast.support.username)
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=code]", code_now(1))
    page.click("main button[type=submit]")

    page.wait_for_selector("text=现在的密码不对")
    assert page.url.endswith("/account/password")
    forget_expected(visitor)


def run_out(folder: Path, username: str) -> None:
    """Let the person's sessions rest for an hour."""
    engine = create_engine(f"sqlite:///{folder / 'portal.db'}")
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE session_activity SET seen_at = :at WHERE session_id IN (SELECT s.id FROM user_sessions s"
                " JOIN users u ON u.id = s.user_id WHERE u.username = :username)"
            ),
            {"at": (clock.now() - timedelta(hours=1)).replace(tzinfo=None), "username": username},
        )
    engine.dispose()


def forget_expected(visitor: Any) -> None:
    """The browser notes every refused request; these were meant."""
    visitor.complaints[:] = [each for each in visitor.complaints if "401" not in each and "422" not in each]
