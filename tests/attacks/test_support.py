"""The center inside an enterprise: in a support session that is on record, for half an hour, opened by somebody who has just been proven."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.access.models import SupportSession
from portal.accounts import sessions as account_sessions
from portal.accounts.models import UserSession
from portal.administration.commands import support
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.database import tenant_session
from tests.administration.test_support import LOOKED_AT, events, looks, opened, path, the_session
from tests.attacks.log import newest, recorded
from tests.world.browser import Browser
from tests.world.cast import Cast

SHUT = [403] * len(LOOKED_AT)
OVER: dict[str, Callable[[Flask, Cast, Browser], object]] = {
    "ended by hand": lambda app, cast, browser: browser.post(path(cast.yunqi, f"/{the_session(cast.yunqi).id}/end")),
    "ended by the enterprise": lambda app, cast, _: Browser(app, cast.yunqi.admin).post(
        path(cast.yunqi, f"/{the_session(cast.yunqi).id}/end")
    ),
}


@pytest.mark.parametrize("how", OVER)
def test_nothing_is_open_after_its_end(app: Flask, cast: Cast, how: str) -> None:
    browser = opened(app, cast, cast.yunqi)
    assert looks(browser, cast.yunqi) == [200] * len(LOOKED_AT)

    OVER[how](app, cast, browser)

    before = newest()
    assert looks(browser, cast.yunqi) == SHUT
    assert recorded("denied", since=before) == ["access.denied"] * len(LOOKED_AT)


def after_its_time(app: Flask, cast: Cast) -> list[int]:
    """Somebody who works on all the time, when half an hour is over; nothing has ended the session yet."""
    with time_machine.travel(clock.now(), tick=False) as traveller:
        browser = opened(app, cast, cast.yunqi)
        for _ in range(3):
            traveller.shift(timedelta(minutes=10, seconds=1))
            browser.post("/session/stay")
        return looks(browser, cast.yunqi)


def test_nothing_is_open_after_its_time(app: Flask, cast: Cast) -> None:
    assert after_its_time(app, cast) == SHUT


def test_session_without_an_end_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: it lasts as long as whoever opened it."""
    monkeypatch.setattr(support, "LASTS", timedelta(hours=12))

    assert after_its_time(app, cast) == [200] * len(LOOKED_AT)


def test_session_that_outlives_its_end_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: whether it has ended is asked by nobody."""
    browser = opened(app, cast, cast.yunqi)
    monkeypatch.setattr(account_sessions, "_newest_support", _newest_of_all)
    account_sessions._finding.cache_clear()  # noqa: SLF001 - the statement is made once
    try:
        OVER["ended by the enterprise"](app, cast, browser)

        assert looks(browser, cast.yunqi) == [200] * len(LOOKED_AT)
    finally:
        account_sessions._finding.cache_clear()  # noqa: SLF001


def _newest_of_all(_now: object) -> Any:
    each = aliased(SupportSession)
    wanted = select(each.id).where(each.session_id == UserSession.id)
    return wanted.order_by(each.id.desc()).limit(1).scalar_subquery()


def open_late(app: Flask, cast: Cast) -> int:
    """Somebody who proved who it is a quarter of an hour ago, and has worked since."""
    with time_machine.travel(clock.now(), tick=False) as traveller:
        browser = Browser(app, cast.support)
        for _ in range(2):
            traveller.shift(timedelta(minutes=8))
            browser.post("/session/stay")
        return browser.post(path(cast.yunqi, "/new"), {"reason": "画面不更新"}).status_code


def test_none_is_opened_on_an_old_proof(app: Flask, cast: Cast) -> None:
    assert (open_late(app, cast), events()) == (403, [])
    assert looks(Browser(app, cast.support), cast.yunqi) == SHUT


def test_old_proof_that_is_good_enough_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: being signed in is proof enough, at the door and at the command."""
    monkeypatch.setattr(support, "FRESH", timedelta(hours=12))
    monkeypatch.setattr("portal.web.pipeline.check_door", lambda *_: None)

    assert open_late(app, cast) == 303


def test_what_is_looked_at_is_on_record_for_the_enterprise(app: Flask, cast: Cast) -> None:
    """Opened and ended, by whom and why: in the enterprise's own log."""
    browser = opened(app, cast, cast.yunqi)
    OVER["ended by hand"](app, cast, browser)

    assert events() == [("support.opened", "画面不更新"), ("support.ended", "by_staff")]
    page = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/audit").text
    assert "画面不更新" in page
    with tenant_session(cast.yunqi.tenant.id) as session:
        of_tenant = select(AuditRecord.event).where(AuditRecord.event.startswith("support."))
        assert session.scalars(of_tenant.order_by(AuditRecord.seq)).all() == ["support.opened", "support.ended"]


def test_session_that_nobody_records_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: it is opened without a record; then it is not opened at all."""
    monkeypatch.setattr(support, "record", lambda *_, **__: None)

    answer = Browser(app, cast.support).post(path(cast.yunqi, "/new"), {"reason": "画面不更新"})

    assert answer.status_code == 500
    with tenant_session(cast.yunqi.tenant.id) as session:
        assert session.scalars(select(SupportSession)).all() == []
