"""The review desk: the queue, the comparison, the decision, and what is said when somebody else was faster."""

import re
from typing import Any

import pytest
from flask import Flask

from portal.core.database import tenant_session
from portal.releases import site
from portal.releases.queries import current_release
from portal.review.commands import Decision, Verdict, decide, withdraw_submission
from portal.review.queries import get_submission
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries
from tests.world.reviewing import HandedIn, acting, approve, hand_in, put_on_air


def states_of(handed_in: HandedIn) -> list[str]:
    with tenant_session(handed_in.house.tenant.id) as session:
        return [str(item.state) for item in get_submission(session, handed_in.id).items]


def on_air(house: House) -> int:
    with tenant_session(house.tenant.id) as session:
        found = current_release(session)
        return 0 if found is None else found.number


def sent(handed_in: HandedIn, act: str, **more: Any) -> dict[str, Any]:
    return {"decision": act, "seen": handed_in.seen, **more}


def queued(page: str) -> list[str]:
    return re.findall(r'class="q-item" href="[^"]*/([0-9a-f-]{36})', page)


def test_queue_says_so_where_nothing_waits(app: Flask, cast: Cast) -> None:
    answer = Browser(app, cast.reviewer).get("/center/review")

    assert (answer.status_code, "没有待审的送审" in answer.text) == (200, True)


def test_queue_opens_what_is_next(app: Flask, cast: Cast) -> None:
    first = hand_in(cast.yunqi, "先来的")
    hand_in(cast.jiangzhou, "后到的")

    answer = Browser(app, cast.reviewer).get("/center/review")

    assert (answer.status_code, answer.location) == (302, first.desk)


def test_queue_puts_urgent_ones_first_and_then_the_oldest(app: Flask, cast: Cast) -> None:
    old = hand_in(cast.yunqi, "先来的")
    later = hand_in(cast.jiangzhou, "后到的")
    urgent = hand_in(cast.jiangzhou, "台风", urgent=True)

    page = Browser(app, cast.reviewer).get(old.desk).text

    assert queued(page) == [urgent.id, old.id, later.id]


def test_queue_can_be_narrowed_to_urgent_ones(app: Flask, cast: Cast) -> None:
    here = hand_in(cast.yunqi, "先来的")
    hand_in(cast.yunqi, "再来的")
    urgent = hand_in(cast.jiangzhou, "台风", urgent=True)

    page = Browser(app, cast.reviewer).get(f"{here.desk}?only=urgent").text

    assert queued(page) == [urgent.id, here.id]


@pytest.mark.parametrize("who", ["editor", "province", "support", "auditor"])
def test_queue_is_for_the_center_only(app: Flask, cast: Cast, who: str) -> None:
    person = getattr(cast.yunqi, who, None) or getattr(cast, who)

    answer = Browser(app, person).get("/center/review")

    assert answer.status_code == 403


@pytest.mark.parametrize(("who", "status"), [("reviewer", 200), ("operator", 200), ("support", 403), ("stranger", 404)])
def test_submission_opens_for_whom_it_may(app: Flask, cast: Cast, who: str, status: int) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")

    answer = Browser(app, getattr(cast, who)).get(handed_in.desk)

    assert answer.status_code == status


def test_member_does_not_reach_the_desk(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")

    answer = Browser(app, cast.yunqi.editor).get(handed_in.desk)

    assert answer.status_code == 403


def test_submission_under_another_tenants_address_is_not_there(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")
    wrong = f"/center/review/{cast.jiangzhou.tenant.enterprise_id}/{handed_in.id}"

    answers = [
        Browser(app, cast.reviewer).get(wrong),
        Browser(app, cast.reviewer).post(wrong, sent(handed_in, "approve")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_desk_takes_no_other_method(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")
    browser = Browser(app, cast.reviewer)

    answer = browser.client.put(handed_in.desk, data={"csrf_token": browser.form_token})

    assert answer.status_code == 405


def test_desk_costs_no_more_queries_for_three_changes(app: Flask, cast: Cast) -> None:
    one, three = hand_in(cast.yunqi, "一"), hand_in(cast.jiangzhou, "二", "三", "四")
    browser = Browser(app, cast.reviewer)
    counts = []
    for handed_in in (one, three):
        with counted_queries() as queries:
            browser.get(handed_in.desk)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_desk_shows_both_sides_with_characters_marked(app: Flask, cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "早餐七点到十点")
    handed_in = hand_in(cast.yunqi, "泳池八点开放")

    page = Browser(app, cast.reviewer).get(handed_in.desk).text

    assert re.search(r'class="tv before".*早餐七点到十点', page, re.DOTALL)
    assert re.search(r'class="tv after".*泳池八点开放', page, re.DOTALL)
    assert "<ins>泳池八点开放</ins>" in page


def test_desk_can_show_only_what_comes(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "泳池八点开放")

    page = Browser(app, cast.reviewer).get(f"{handed_in.desk}?view=after").text

    assert re.findall(r'<figure data-side="(\w+)"( hidden)?>', page) == [("before", " hidden"), ("after", "")]


@pytest.mark.parametrize("query", ["group=nonsense", "view=x&only=y", "group=00000000-0000-7000-8000-000000000000"])
def test_desk_takes_nonsense_in_the_address_as_absent(app: Flask, cast: Cast, query: str) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")

    assert Browser(app, cast.reviewer).get(f"{handed_in.desk}?{query}").status_code == 200


def test_approving_leads_to_the_next_submission(app: Flask, cast: Cast) -> None:
    first, second = hand_in(cast.yunqi, "一"), hand_in(cast.jiangzhou, "二")

    answer = Browser(app, cast.reviewer).post(first.desk, sent(first, "approve"))

    assert (answer.status_code, answer.location) == (303, second.desk)
    assert (states_of(first), on_air(cast.yunqi)) == (["approved"], 0)


def test_last_decision_leads_back_to_the_queue(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    answer = Browser(app, cast.reviewer).post(handed_in.desk, sent(handed_in, "approve"))

    assert answer.location == "/center/review"


def test_approving_one_of_two_stays_with_the_other(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二")

    answer = Browser(app, cast.reviewer).post(handed_in.desk, {"decision": "approve", "seen": handed_in.seen[:1]})

    assert answer.location == handed_in.desk
    assert sorted(states_of(handed_in)) == ["approved", "submitted"]


def test_returning_one_of_two_stays_with_the_other(app: Flask, cast: Cast) -> None:
    house = cast.yunqi
    handed_in = hand_in(house, "热水检修", "消防演习")
    browser, seen = Browser(app, cast.reviewer), sent(handed_in, "return", reason="请写明日期")

    answer = browser.post(handed_in.desk, {**seen, "seen": seen["seen"][:1]})
    page = browser.get(handed_in.desk)

    assert (answer.status_code, answer.location, page.status_code) == (303, handed_in.desk, 200)
    assert sorted(states_of(handed_in)) == ["returned", "submitted"]
    assert page.text.count('name="seen"') == 2  # the other one alone is still to be decided: by itself, and at the foot


def test_publishing_without_room_says_so_and_goes_on_once_there_is_some(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in, browser = hand_in(cast.yunqi, "欢迎"), Browser(app, cast.reviewer)
    with monkeypatch.context() as fuller:
        fuller.setattr(site, "SPARE_BYTES", 1 << 62)
        refused = browser.post(handed_in.desk, sent(handed_in, "publish"))

    again = browser.post(handed_in.desk, sent(handed_in, "publish"))

    headings = re.findall(r"<h1>([^<]*)</h1>", refused.text)
    assert (refused.status_code, headings) == (507, ["存储空间已满"])
    assert "没有发布；机顶盒仍显示原来的内容" in refused.text
    assert (again.status_code, on_air(cast.yunqi)) == (303, 1)


def test_approving_and_publishing_is_one_act(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二")

    answer = Browser(app, cast.reviewer).post(handed_in.desk, sent(handed_in, "publish"))

    assert answer.status_code == 303
    assert (states_of(handed_in), on_air(cast.yunqi)) == (["published", "published"], 1)


def test_returning_tells_the_editor_why(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    Browser(app, cast.reviewer).post(handed_in.desk, sent(handed_in, "return", reason="请写明日期"))

    assert states_of(handed_in) == ["returned"]
    assert "请写明日期" in Browser(app, cast.yunqi.editor).get("/notices").text


def test_return_without_a_reason_is_asked_for_one(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    answer = Browser(app, cast.reviewer).post(handed_in.desk, sent(handed_in, "return", reason="  "))

    assert (answer.status_code, "退回要写明原因" in answer.text) == (422, True)
    assert states_of(handed_in) == ["submitted"]


@pytest.mark.parametrize("change", [{"decision": "explode"}, {"seen": []}, {"decision": ""}])
def test_decision_about_nothing_is_refused(app: Flask, cast: Cast, change: dict[str, Any]) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    answer = Browser(app, cast.reviewer).post(handed_in.desk, {**sent(handed_in, "approve"), **change})

    assert answer.status_code == 422
    assert states_of(handed_in) == ["submitted"]


@pytest.mark.parametrize("seen", ["nonsense", "00000000-0000-7000-8000-000000000000:abc", ":"])
def test_decision_about_a_made_up_revision_finds_nothing(app: Flask, cast: Cast, seen: str) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    answer = Browser(app, cast.reviewer).post(handed_in.desk, {"decision": "approve", "seen": seen})

    assert answer.status_code == 404


def test_decision_about_another_hash_than_handed_in_is_refused(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    seen = f"{handed_in.saved[0].revision_id}:{'0' * 64}"

    answer = Browser(app, cast.reviewer).post(handed_in.desk, {"decision": "approve", "seen": seen})

    assert (answer.status_code, "您的决定没有生效" in answer.text) == (409, True)
    assert states_of(handed_in) == ["submitted"]


def test_second_reviewer_is_told_who_decided(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    Browser(app, cast.reviewer).post(handed_in.desk, sent(handed_in, "return", reason="日期不对"))

    answer = Browser(app, cast.second_reviewer).post(handed_in.desk, sent(handed_in, "publish"))

    assert answer.status_code == 409
    assert ("Reviewer 在" in answer.text, "日期不对" in answer.text) == (True, True)
    assert (states_of(handed_in), on_air(cast.yunqi)) == (["returned"], 0)


def test_decision_about_a_withdrawn_submission_is_told_so(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    editor = acting(cast.yunqi.editor)
    in_tenant(cast.yunqi.tenant, lambda ctx: withdraw_submission(ctx, handed_in.id), editor)

    answer = Browser(app, cast.reviewer).post(handed_in.desk, sent(handed_in, "approve"))

    assert (answer.status_code, "编辑已撤回" in answer.text) == (409, True)


def test_nothing_is_decided_where_one_of_several_was_decided_already(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二")
    one = handed_in.saved[1]
    decision = Decision(one.revision_id, one.sha256, Verdict.APPROVE)
    second = acting(cast.second_reviewer)
    in_tenant(cast.yunqi.tenant, lambda ctx: decide(ctx, handed_in.id, [decision]), second)

    answer = Browser(app, cast.reviewer).post(handed_in.desk, sent(handed_in, "return", reason="都不行"))

    assert answer.status_code == 409
    assert sorted(states_of(handed_in)) == ["approved", "submitted"]


@pytest.mark.parametrize("who", ["operator", "support"])
def test_only_reviewers_decide(app: Flask, cast: Cast, who: str) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    answer = Browser(app, getattr(cast, who)).post(handed_in.desk, sent(handed_in, "approve"))

    assert answer.status_code == 403
    assert states_of(handed_in) == ["submitted"]


def test_operator_is_offered_no_decision(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    page = Browser(app, cast.operator).get(handed_in.desk).text

    assert ('name="decision"' in page, "由审核员决定" in page) == (False, True)


def test_approved_submission_offers_to_publish_it(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    approve(cast, handed_in)

    page = Browser(app, cast.operator).get(handed_in.desk).text

    assert f'action="{cast.yunqi.path}/releases/next/{handed_in.id}"' in page


def test_menu_on_the_desk_is_the_centers(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    page = Browser(app, cast.reviewer).get(handed_in.desk).text

    assert re.search(r'<a href="/center/review"[^>]*aria-current="page"', page)
