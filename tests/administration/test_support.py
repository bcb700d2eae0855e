"""Support sessions: what they open, for how long, who sees and ends them; on both databases where rows matter."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.access.models import SupportSession
from portal.administration.commands.support import LASTS
from portal.administration.jobs import end_what_ran_out
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.database import system_session, tenant_session
from portal.core.ids import new_id
from portal.notify.models import Notice
from tests.world.browser import Browser
from tests.world.cast import Cast, House

LOOKED_AT = ("/content/logo/", "/content/marquee/", "/media", "/members", "/submissions")


def path(house: House, more: str = "") -> str:
    return f"{house.path}/support{more}"


def looks(browser: Browser, house: House) -> list[int]:
    return [browser.get(house.path + each, follow_redirects=True).status_code for each in LOOKED_AT]


def opened(app: Flask, cast: Cast, house: House) -> Browser:
    browser = Browser(app, cast.support)
    assert browser.post(path(house, "/new"), {"reason": "画面不更新"}).status_code == 303
    return browser


def the_session(house: House) -> SupportSession:
    with tenant_session(house.tenant.id) as session:
        return session.scalars(select(SupportSession)).one()


def events() -> list[tuple[str, object]]:
    with system_session(reason="a test reads the log") as session:
        rows = session.scalars(select(AuditRecord).order_by(AuditRecord.seq)).all()
    return [(row.event, row.details["reason"]) for row in rows if row.event.startswith("support.")]


def test_support_sees_nothing_inside_without_a_session_and_reads_with_one(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    assert looks(Browser(app, cast.support), house) == [403] * len(LOOKED_AT)

    browser = opened(app, cast, house)

    assert looks(browser, house) == [200] * len(LOOKED_AT)
    assert events() == [("support.opened", "画面不更新")]


def test_session_opens_one_tenant_and_changes_nothing_in_it(cast: Cast, app: Flask) -> None:
    house, other = cast.yunqi, cast.jiangzhou
    browser = opened(app, cast, house)

    assert looks(browser, other) == [403] * len(LOOKED_AT)
    acts = [
        browser.post(f"{house.path}/content/marquee/new", {"text": "x"}),
        browser.post(f"{house.path}/members/new", {"username": "mine", "role": "tenant_admin"}),
        browser.post(f"{house.path}/access/entries", {}),
        browser.post(f"{house.path}/groups/new", {"name": "x"}),
    ]
    assert [answer.status_code for answer in acts] == [403] * len(acts)


def test_another_browser_of_the_same_person_has_no_session(cast: Cast, app: Flask) -> None:
    opened(app, cast, cast.yunqi)

    assert looks(Browser(app, cast.support), cast.yunqi) == [403] * len(LOOKED_AT)


def test_it_ends_by_itself(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    browser = opened(app, cast, house)
    over = clock.now() + LASTS + timedelta(seconds=1)

    with time_machine.travel(over, tick=False):
        fresh = Browser(app, cast.support)
        assert looks(fresh, house)[0] == 403
        assert browser.get(f"{house.path}/content/logo/").status_code in {302, 401, 403}
        assert end_what_ran_out() == 1
        assert end_what_ran_out() == 0

    assert (the_session(house).end_reason, events()[-1]) == ("expired", ("support.ended", "expired"))


def test_tenants_administrator_sees_it_is_told_and_ends_it(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    browser = opened(app, cast, house)
    admin = Browser(app, house.admin)

    page = admin.get(path(house)).text
    with tenant_session(house.tenant.id) as session:
        notice = session.scalars(select(Notice).where(Notice.key.startswith("support:"))).one()
    ended = admin.post(path(house, f"/{the_session(house).id}/end"))

    assert "画面不更新" in page
    assert (notice.role, notice.link) == ("tenant_admin", path(house))
    assert (ended.status_code, looks(browser, house)) == (303, [403] * len(LOOKED_AT))
    assert the_session(house).end_reason == "by_tenant"


def test_staff_member_sees_a_banner_and_ends_the_own_by_hand(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    browser = opened(app, cast, house)
    support = the_session(house).id
    assert f"/support/{support}/end" in browser.get("/center").text

    assert browser.post(path(house, f"/{support}/end")).status_code == 303

    assert (the_session(house).end_reason, f"/support/{support}/end" in browser.get("/center").text) == (
        "by_staff",
        False,
    )


def test_colleague_cannot_end_it_and_stranger_does_not_find_it(cast: Cast, app: Flask) -> None:
    house = cast.yunqi
    opened(app, cast, house)
    support = the_session(house).id
    operator = Browser(app, cast.operator)
    operator.post(path(house, "/new"), {"reason": "另一件事"})

    answers = [
        operator.post(path(house, f"/{support}/end")).status_code,
        Browser(app, cast.reviewer).post(path(house, f"/{support}/end")).status_code,
        Browser(app, cast.jiangzhou.admin).post(path(house, f"/{support}/end")).status_code,
        Browser(app, cast.jiangzhou.admin).post(path(cast.jiangzhou, f"/{support}/end")).status_code,
        Browser(app, house.admin).post(path(house, f"/{new_id()}/end")).status_code,
    ]

    assert answers == [404, 403, 404, 404, 404]
    with tenant_session(house.tenant.id) as session:
        assert {row.end_reason for row in session.scalars(select(SupportSession))} == {None}


def test_second_session_waits_for_the_first_to_end(cast: Cast, app: Flask) -> None:
    browser = opened(app, cast, cast.yunqi)

    answer = browser.post(path(cast.jiangzhou, "/new"), {"reason": "也看看"})

    assert answer.status_code == 409
    assert looks(browser, cast.jiangzhou) == [403] * len(LOOKED_AT)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 301])
def test_reason_is_needed(cast: Cast, app: Flask, reason: str) -> None:
    answer = Browser(app, cast.support).post(path(cast.yunqi, "/new"), {"reason": reason})

    assert (answer.status_code, events()) == (422, [])


def test_door_asks_who_it_is_before_a_session_opens(cast: Cast, app: Flask) -> None:
    browser = Browser(app, cast.support, vouched=False)

    answer = browser.post(path(cast.yunqi, "/new"), {"reason": "画面不更新"})

    assert (answer.status_code, events()) == (403, [])


def test_only_support_and_operations_open_one(cast: Cast, app: Flask) -> None:
    people = [cast.reviewer, cast.app_admin, cast.yunqi.province, cast.yunqi.admin, cast.security_admin]

    answers = [Browser(app, one).post(path(cast.yunqi, "/new"), {"reason": "x"}).status_code for one in people]

    assert answers == [403, 403, 403, 403, 404]


def test_operator_manages_groups_only_in_a_support_session(cast: Cast, app: Flask) -> None:
    house, browser = cast.yunqi, Browser(app, cast.operator)
    before = browser.get(f"{house.path}/groups/new").status_code

    browser.post(path(house, "/new"), {"reason": "替客户建分组"})

    assert (before, browser.get(f"{house.path}/groups/new").status_code) == (403, 200)
