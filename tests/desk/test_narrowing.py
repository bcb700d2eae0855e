"""The queue and its counts hold nothing that an access list keeps from the reviewer."""

import re

import pytest
from flask import Flask

from portal.access.acl import ROOT, Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.content.models import ContentObject
from portal.core import unit_of_work
from portal.core.database import system_session, tenant_session
from portal.desk.queries import backlog
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House, Person
from tests.world.reviewing import HandedIn, acting, hand_in

REVIEWERS = Subject("role", Role.CENTER_REVIEWER)


def say(house: House, effect: Effect, permission: str, place: Place = ROOT, subject: Subject = REVIEWERS) -> None:
    entry = NewEntry(place, permission, effect, subject)
    in_tenant(house.tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, entry), acting(house.admin))


def make_sensitive(handed_in: HandedIn) -> None:
    with tenant_session(handed_in.house.tenant.id, writes=True) as session:
        session.get_one(
            ContentObject, (handed_in.house.tenant.id, handed_in.saved[0].object_id)
        ).classification = "sensitive"
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


def counts(app: Flask, person: Person) -> tuple[int, int, str]:
    """What the desk's backlog, the menu's badge and the first page say."""
    with system_session(reason="test") as system:
        held = backlog(system, acting(person)).count
    page = Browser(app, person).get("/center").text
    badge = re.search(r'审核台</span>\s*<span class="n">(\d+)', page)
    title = re.search(r"(\d+) 件送审等您审核|没有等审核的送审", page)
    assert title is not None
    return held, int(badge.group(1)) if badge else 0, title.group(1) or "0"


@pytest.mark.parametrize("permission", ["review:decide", "review:compare", "content:view"])
def test_denied_reviewer_is_shown_nothing_of_that_enterprise(app: Flask, cast: Cast, permission: str) -> None:
    hidden, shown = hand_in(cast.yunqi, "看不见的"), hand_in(cast.jiangzhou, "看得见的")
    say(cast.yunqi, Effect.DENY, permission)

    page = Browser(app, cast.reviewer).get(shown.desk).text

    assert (hidden.id in page, "看不见的" in page) == (False, False)
    assert counts(app, cast.reviewer) == (1, 1, "1")
    assert Browser(app, cast.reviewer).get("/center/review").location == shown.desk


def test_list_that_admits_others_alone_keeps_the_reviewer_out(app: Flask, cast: Cast) -> None:
    hand_in(cast.yunqi, "一")
    say(cast.yunqi, Effect.ALLOW, "review:decide", subject=Subject("user", cast.yunqi.editor.id))

    assert counts(app, cast.reviewer) == (0, 0, "0")


def test_operator_whom_no_entry_names_still_sees_it(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    say(cast.yunqi, Effect.DENY, "review:decide")

    assert Browser(app, cast.operator).get("/center/review").location == handed_in.desk


def test_submission_counts_what_of_it_may_be_seen(app: Flask, cast: Cast) -> None:
    mixed, whole = hand_in(cast.yunqi, "密", "不密"), hand_in(cast.yunqi, "全密")
    make_sensitive(mixed)
    make_sensitive(whole)
    say(cast.yunqi, Effect.DENY, "content:view", Place("class", "sensitive"))

    page = Browser(app, cast.reviewer).get(mixed.desk)

    assert page.status_code == 200
    assert (whole.id in page.text, "跑马灯 1 处" in page.text) == (False, True)
    assert ("<ins>不密</ins>" in page.text, "<ins>密</ins>" in page.text) == (True, False)
    assert counts(app, cast.reviewer) == (1, 1, "1")


def test_list_of_one_enterprise_does_not_touch_another(app: Flask, cast: Cast) -> None:
    hand_in(cast.yunqi, "一")
    say(cast.jiangzhou, Effect.DENY, "review:decide")

    assert counts(app, cast.reviewer) == (1, 1, "1")


def test_notices_to_all_reviewers_name_nothing_where_a_list_may_keep_it_from_them(app: Flask, cast: Cast) -> None:
    say(cast.yunqi, Effect.DENY, "content:view")
    first = hand_in(cast.yunqi, "涨薪一事")
    Browser(app, cast.yunqi.editor).post(
        f"{cast.yunqi.path}/submissions/{first.id}/comments",
        {"revision": first.seen[0].partition(":")[0], "text": "请看"},
    )
    hand_in(cast.jiangzhou, "停水")

    page = Browser(app, cast.second_reviewer).get("/notices").text

    assert ("涨薪一事" in page, "限制查看的内容" in page, "停水" in page) == (False, True, True)
