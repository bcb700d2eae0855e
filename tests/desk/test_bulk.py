"""Small submissions approved together: only what was shown whole, each on its own, and through the module's door."""

import re
from typing import Any

import pytest
from flask import Flask

from portal.accounts.commands.levels import set_tenant_level
from portal.content.states import RevisionState
from portal.core.database import tenant_session
from portal.desk import bulk
from portal.releases.queries import current_release
from portal.review.commands import withdraw_submission
from portal.review.queries import get_submission
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries
from tests.world.reviewing import HandedIn, acting, approve, hand_in, put_on_air

PAGE = "/center/review/bulk"


def target(house: House) -> str:
    return f"/center/review/{house.tenant.enterprise_id}/bulk"


def sent(*chosen: HandedIn, decision: str = "approve", **more: Any) -> dict[str, Any]:
    seen = [f"{one.id}:{value}" for one in chosen for value in one.seen]
    return {"decision": decision, "chosen": [one.id for one in chosen], "seen": seen, **more}


def states(*handed_in: HandedIn) -> list[set[RevisionState]]:
    found = []
    for one in handed_in:
        with tenant_session(one.house.tenant.id) as session:
            found.append({item.state for item in get_submission(session, one.id).items})
    return found


def releases(house: House) -> int:
    with tenant_session(house.tenant.id) as session:
        found = current_release(session)
        return found.number if found else 0


def test_page_shows_both_sides_of_every_small_one(app: Flask, cast: Cast) -> None:
    small, other = hand_in(cast.yunqi, "泳池八点"), hand_in(cast.jiangzhou, "停水", "停电")
    large = hand_in(cast.yunqi, "一", "二", "三", "四")

    page = Browser(app, cast.reviewer).get(PAGE).text

    assert re.findall(r'data-submission="([^"]+)"', page) == [small.id, other.id]
    assert ["<ins>泳池八点</ins>" in page, "<ins>停电</ins>" in page, large.id in page] == [True, True, False]


def test_page_asks_as_often_for_two_enterprises_as_for_one(app: Flask, cast: Cast) -> None:
    hand_in(cast.yunqi, "泳池八点")
    browser = Browser(app, cast.reviewer)
    browser.get(PAGE)
    with counted_queries() as of_one:
        browser.get(PAGE)
    hand_in(cast.jiangzhou, "停水", "停电")

    with counted_queries() as of_two:
        page = browser.get(PAGE).text

    assert (page.count("data-submission="), len(of_two)) == (2, len(of_one))
    assert len(of_two) <= 12


def test_approved_together_in_one_release(app: Flask, cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "早餐")
    one, two = hand_in(cast.yunqi, "一"), hand_in(cast.yunqi, "二")

    answer = Browser(app, cast.reviewer).post(target(cast.yunqi), sent(one, two, decision="publish"))

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert (states(one, two), releases(cast.yunqi)) == ([{RevisionState.PUBLISHED}] * 2, 2)


def test_approving_alone_publishes_nothing(app: Flask, cast: Cast) -> None:
    one = hand_in(cast.yunqi, "一")

    Browser(app, cast.reviewer).post(target(cast.yunqi), sent(one))

    assert (states(one), releases(cast.yunqi)) == ([{RevisionState.APPROVED}], 0)


def test_what_somebody_else_decided_keeps_none_of_the_rest(app: Flask, cast: Cast) -> None:
    taken, gone, mine = hand_in(cast.yunqi, "一"), hand_in(cast.yunqi, "二"), hand_in(cast.yunqi, "三")
    approve(cast, taken)
    editor = acting(cast.yunqi.editor)
    in_tenant(cast.yunqi.tenant, lambda ctx: withdraw_submission(ctx, gone.id), editor)
    browser = Browser(app, cast.second_reviewer)
    form = {**sent(taken, gone, mine), "csrf_token": browser.form_token}

    answer = browser.client.post(target(cast.yunqi), data=form, headers={"Accept": "application/json"})

    assert [(one["approved"], one["says"]) for one in answer.json["outcomes"]] == [
        (False, "Reviewer 已经决定过这一份。"),
        (False, "已经撤回或被新的送审替代。"),
        (True, "已通过。"),
    ]
    assert states(mine) == [{RevisionState.APPROVED}]


def test_pages_without_scripts_say_it_too(app: Flask, cast: Cast) -> None:
    taken, mine = hand_in(cast.yunqi, "甲"), hand_in(cast.yunqi, "乙")
    approve(cast, taken)
    browser = Browser(app, cast.second_reviewer)
    browser.post(target(cast.yunqi), sent(taken, mine))

    page = browser.get(PAGE).text

    assert ("已通过 1 份送审" in page, "「甲」没有通过：Reviewer 已经决定过这一份。" in page) == (True, True)


def refused(app: Flask, cast: Cast, handed_in: HandedIn, form: dict[str, Any]) -> str:
    browser = Browser(app, cast.reviewer)
    data = {**form, "csrf_token": browser.form_token}
    answer = browser.client.post(target(handed_in.house), data=data, headers={"Accept": "application/json"})
    assert answer.json is not None
    assert states(handed_in) == [{RevisionState.SUBMITTED}]
    return str(answer.json["outcomes"][0]["says"])


def test_change_that_was_not_shown_is_not_approved(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二")
    form = sent(handed_in)

    assert "变过" in refused(app, cast, handed_in, {**form, "seen": form["seen"][:1]})


def test_another_hash_than_shown_is_not_approved(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    seen = [f"{handed_in.id}:{handed_in.saved[0].revision_id}:{'0' * 64}"]

    assert "变过" in refused(app, cast, handed_in, {**sent(handed_in), "seen": seen})


def test_large_submission_is_not_approved_whatever_the_form_says(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二", "三", "四")

    assert "不是小改动" in refused(app, cast, handed_in, sent(handed_in))


def test_nothing_chosen_is_refused(app: Flask, cast: Cast) -> None:
    answer = Browser(app, cast.reviewer).post(target(cast.yunqi), {"decision": "approve"})

    assert answer.status_code == 303
    assert "没有选中要审核的内容" in Browser(app, cast.reviewer).get(PAGE).text or answer.location == PAGE


def test_submission_of_another_tenant_is_not_found(app: Flask, cast: Cast) -> None:
    other = hand_in(cast.jiangzhou, "一")

    answer = Browser(app, cast.reviewer).post(target(cast.yunqi), sent(other))

    assert (answer.status_code, states(other)) == (404, [{RevisionState.SUBMITTED}])


def test_operator_reads_and_decides_nothing(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    browser = Browser(app, cast.operator)

    page, answer = browser.get(PAGE), browser.post(target(cast.yunqi), sent(handed_in))

    assert (page.status_code, 'name="decision"' in page.text, answer.status_code) == (200, False, 403)


def test_empty_page_leads_back_to_the_desk(app: Flask, cast: Cast) -> None:
    page = Browser(app, cast.reviewer).get(PAGE)

    assert (page.status_code, "没有能一起审的小改动" in page.text) == (200, True)


def test_enterprise_that_asks_for_more_proof_keeps_its_content_from_the_page(app: Flask, cast: Cast) -> None:
    closed, shown = hand_in(cast.yunqi, "机密的一句"), hand_in(cast.jiangzhou, "停水")
    in_tenant(cast.yunqi.tenant, lambda ctx: set_tenant_level(ctx, 3), acting(cast.yunqi.admin))

    page = Browser(app, cast.reviewer).get(PAGE).text

    assert ("机密的一句" in page, closed.id in page, shown.id in page) == (False, False, True)
    assert "另有 1 份小改动" in page


def test_no_more_are_approved_at_once_than_the_page_shows(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 1)
    one, two = hand_in(cast.yunqi, "一"), hand_in(cast.yunqi, "二")

    Browser(app, cast.reviewer).post(target(cast.yunqi), sent(one, two))

    assert states(one, two) == [{RevisionState.APPROVED}, {RevisionState.SUBMITTED}]
