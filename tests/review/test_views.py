"""The tenant's side: choosing drafts, handing them in, seeing what became of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal.content.commands import Entered, create_draft, save_draft
from portal.content.kinds import Kind
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.context import Context
from portal.core.database import tenant_session
from portal.orders.commands.suspending import suspend
from portal.orders.queries import current_subscription
from portal.orders.states import SuspensionReason
from portal.review.commands import Decision, Verdict, decide
from portal.review.models import Submission
from portal.review.queries import get_submission
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries
from tests.world.reviewing import HandedIn, acting, approve, hand_in, publish, write

LIST_QUERIES = 12


def states_of(handed_in: HandedIn) -> list[str]:
    with tenant_session(handed_in.house.tenant.id) as session:
        return [str(item.state) for item in get_submission(session, handed_in.id).items]


def submissions_in(house: House) -> list[Submission]:
    with tenant_session(house.tenant.id) as session:
        return list(session.query(Submission).order_by(Submission.id))


def give_back(cast: Cast, handed_in: HandedIn, reason: str) -> None:
    decisions = [Decision(one.revision_id, one.sha256, Verdict.RETURN, reason) for one in handed_in.saved]
    in_tenant(handed_in.house.tenant, lambda ctx: decide(ctx, handed_in.id, decisions), acting(cast.reviewer))


def suspend_tenant(house: House) -> None:
    def act(ctx: Context) -> None:
        found = current_subscription(ctx.session, house.tenant.id, clock.now())
        assert found is not None
        suspend(ctx, found.id, SuspensionReason.ARREARS)

    in_tenant(house.tenant, act)


def ticked(page: str) -> list[bool]:
    boxes = re.findall(r'<input[^>]*name="chosen"[^>]*>', page)
    return [" checked" in box for box in boxes]


@pytest.mark.parametrize("path", ["/submissions/", "/submissions/new", "page"])
def test_page_opens_for_an_editor_and_for_no_stranger(app: Flask, cast: Cast, path: str) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")
    address = handed_in.page if path == "page" else f"{cast.yunqi.path}{path}"

    answers = [Browser(app, person).get(address).status_code for person in (cast.yunqi.editor, cast.stranger)]

    assert answers == [200, 404]


@pytest.mark.parametrize("path", ["/submissions/", "/submissions/new", "page"])
def test_page_refuses_the_province(app: Flask, cast: Cast, path: str) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")
    address = handed_in.page if path == "page" else f"{cast.yunqi.path}{path}"

    answer = Browser(app, cast.yunqi.province).get(address)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [("put", "/submissions/"), ("delete", "/submissions/new"), ("get", "/submissions/new/discard"), ("post", "page")],
)
def test_wrong_method_is_refused(app: Flask, cast: Cast, method: str, path: str) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")
    address = handed_in.page if path == "page" else f"{cast.yunqi.path}{path}"
    browser = Browser(app, cast.yunqi.editor)

    sent = {"data": {"csrf_token": browser.form_token}} if method != "get" else {}
    answer = getattr(browser.client, method)(address, **sent)

    assert answer.status_code == 405


def test_submission_of_another_tenant_is_not_there(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.jiangzhou, "流感疫苗")

    answer = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/submissions/{handed_in.id}")

    assert answer.status_code == 404


def test_list_says_so_where_nothing_was_handed_in(app: Flask, cast: Cast) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/submissions/").text

    assert "还没有送过审" in page


def test_list_needs_as_many_queries_for_three_as_for_one(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)
    counts = []
    for texts in (["一"], ["二", "三"]):
        for text in texts:
            hand_in(cast.yunqi, text)
        with counted_queries() as queries:
            browser.get(f"{cast.yunqi.path}/submissions/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= LIST_QUERIES


def test_list_keeps_only_what_is_asked_for(app: Flask, cast: Cast) -> None:
    give_back(cast, hand_in(cast.yunqi, "退回的一条"), "日期不对")
    hand_in(cast.yunqi, "等着的一条")

    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/submissions/?state=returned").text

    assert ("退回的一条" in page, "等着的一条" in page) == (True, False)


def test_filters_say_how_many_hold_something_in_a_state(app: Flask, cast: Cast) -> None:
    give_back(cast, hand_in(cast.yunqi, "退回的一条"), "日期不对")
    for text in ("等着的一条", "等着的两条"):
        hand_in(cast.yunqi, text)
    hand_in(cast.jiangzhou, "别家的一条")

    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/submissions/").text

    assert re.findall(r">(待审核|有退回|已通过，待发布|已发布|已撤回) (\d+)<", page) == [
        ("待审核", "2"), ("有退回", "1"), ("已通过，待发布", "0"), ("已发布", "0"), ("已撤回", "0"),
    ]  # fmt: skip


@pytest.mark.parametrize("query", ["state=nonsense", "page=-4&size=7", "q=%25", "sort=password"])
def test_list_takes_nonsense_in_the_address_as_absent(app: Flask, cast: Cast, query: str) -> None:
    answer = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/submissions/?{query}")

    assert answer.status_code == 200


def test_every_draft_is_chosen_by_default(app: Flask, cast: Cast) -> None:
    write(cast.yunqi, "一", "二", "三")

    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/submissions/new").text

    assert ticked(page) == [True, True, True]


@pytest.mark.parametrize(("kind", "expected"), [("marquee", [True]), ("slot", [False])])
def test_kind_in_the_address_preselects(app: Flask, cast: Cast, kind: str, expected: list[bool]) -> None:
    write(cast.yunqi, "一")

    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/submissions/new?kind={kind}").text

    assert ticked(page) == expected


def test_chosen_drafts_are_handed_in_and_no_others(app: Flask, cast: Cast) -> None:
    first, second = write(cast.yunqi, "一", "二")
    browser = Browser(app, cast.yunqi.editor)

    sent = {"chosen": [f"{first.object_id}:{first.sha256}"], "title": "冬季", "note": "请尽快"}
    answer = browser.post(f"{cast.yunqi.path}/submissions/new", sent)

    (made,) = submissions_in(cast.yunqi)
    assert (answer.status_code, answer.location) == (303, f"{cast.yunqi.path}/submissions/{made.id}")
    assert (made.title, made.note, made.urgent) == ("冬季", "请尽快", False)
    assert states_of(HandedIn(cast.yunqi, made.id, ())) == ["submitted"]
    assert ticked(browser.get(f"{cast.yunqi.path}/submissions/new").text) == [True]
    assert second.sha256 in browser.get(f"{cast.yunqi.path}/submissions/new").text


def test_set_time_is_read_in_china_standard_time(app: Flask, cast: Cast) -> None:
    (saved,) = write(cast.yunqi, "一")
    at = (clock.now() + timedelta(days=2)).astimezone(clock.SHANGHAI).replace(second=0, microsecond=0)
    sent = {"chosen": f"{saved.object_id}:{saved.sha256}", "publish_at": at.strftime("%Y-%m-%dT%H:%M")}

    Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/submissions/new", sent)

    assert [made.publish_at for made in submissions_in(cast.yunqi)] == [at]


def test_draft_that_changed_meanwhile_is_shown_anew(app: Flask, cast: Cast) -> None:
    (saved,) = write(cast.yunqi, "旧的一句")
    newer = in_tenant(
        cast.yunqi.tenant,
        lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, saved.version, Entered({"text": "新的一句"})),
        acting(cast.yunqi.admin),
    )

    sent = {"chosen": f"{saved.object_id}:{saved.sha256}", "note": "写了很久的说明"}
    answer = Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/submissions/new", sent)

    assert answer.status_code == 409
    assert "刚被改过" in answer.text
    assert newer.sha256 in answer.text
    assert "写了很久的说明" in answer.text
    assert submissions_in(cast.yunqi) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"chosen": []}, "没有可提交的修改"),
        ({"title": "长" * 61}, "标题最多 60 个字"),
        ({"note": "长" * 501}, "说明最多 500 个字"),
        ({"publish_at": "2001-01-01T08:00"}, "要晚于现在"),
        ({"publish_at": "明天早上"}, "请写成日期和时间"),
    ],
)
def test_bad_input_is_said_and_nothing_is_handed_in(
    app: Flask, cast: Cast, change: dict[str, Any], sentence: str
) -> None:
    (saved,) = write(cast.yunqi, "一")
    sent = {"chosen": f"{saved.object_id}:{saved.sha256}", **change}

    answer = Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/submissions/new", sent)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert submissions_in(cast.yunqi) == []


def test_urgent_is_for_one_marquee_only(app: Flask, cast: Cast) -> None:
    saved = write(cast.yunqi, "一", "二")
    sent = {"chosen": [f"{one.object_id}:{one.sha256}" for one in saved], "urgent": "y"}

    answer = Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/submissions/new", sent)

    assert answer.status_code == 422
    assert "加急只用于单独一条跑马灯" in answer.text


@pytest.mark.parametrize("value", ["nonsense", "::", "00000000-0000-7000-8000-000000000000:abc"])
def test_made_up_draft_is_refused_without_a_fault(app: Flask, cast: Cast, value: str) -> None:
    write(cast.yunqi, "一")

    answer = Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/submissions/new", {"chosen": value})

    assert answer.status_code in {404, 409, 422}
    assert submissions_in(cast.yunqi) == []


def test_draft_of_another_tenant_cannot_be_handed_in(app: Flask, cast: Cast) -> None:
    (saved,) = write(cast.jiangzhou, "流感疫苗")
    sent = {"chosen": f"{saved.object_id}:{saved.sha256}"}

    answer = Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/submissions/new", sent)

    assert answer.status_code == 404
    assert submissions_in(cast.jiangzhou) == []


def test_group_editor_sees_only_drafts_of_the_own_subtree(app: Flask, cast: Cast) -> None:
    write(cast.yunqi, "给所有人的")
    own = Entered({"text": "给本店的"}, targets=(cast.yunqi.shop,))
    in_tenant(cast.yunqi.tenant, lambda ctx: create_draft(ctx, Kind.MARQUEE, own), acting(cast.yunqi.editor))

    page = Browser(app, cast.yunqi.group_editor).get(f"{cast.yunqi.path}/submissions/new").text

    assert ("给本店的" in page, "给所有人的" in page) == (True, False)


def test_drafts_are_discarded_in_the_versions_that_were_shown(app: Flask, cast: Cast) -> None:
    first, second = write(cast.yunqi, "一", "二")
    sent = {"version": [f"{one.object_id}:{one.version}" for one in (first, second)]}
    browser = Browser(app, cast.yunqi.editor)

    answer = browser.post(f"{cast.yunqi.path}/submissions/new/discard", sent)

    assert answer.status_code == 303
    assert "没有待提交的修改" in browser.get(f"{cast.yunqi.path}/submissions/new").text


def test_draft_saved_meanwhile_is_not_discarded(app: Flask, cast: Cast) -> None:
    (saved,) = write(cast.yunqi, "一")
    browser = Browser(app, cast.yunqi.editor)

    answer = browser.post(
        f"{cast.yunqi.path}/submissions/new/discard", {"version": f"{saved.object_id}:{saved.version + 1}"}
    )

    assert answer.status_code == 409
    assert ticked(browser.get(f"{cast.yunqi.path}/submissions/new").text) == [True]


def test_saving_with_submit_hands_the_draft_in(app: Flask, cast: Cast) -> None:
    sent = {
        "text": "今晚检修",
        "colour": "#ffffff",
        "speed": "normal",
        "edge": "bottom",
        "priority": "5",
        "submit_now": "1",
    }

    answer = Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/content/marquee/new", sent)

    assert answer.status_code == 303
    assert [(made.title, made.urgent) for made in submissions_in(cast.yunqi)] == [("今晚检修", False)]


def test_urgent_marquee_saved_with_submit_goes_ahead(app: Flask, cast: Cast) -> None:
    sent = {"text": "台风", "colour": "#ffffff", "speed": "normal", "edge": "top", "priority": "9", "urgent": "y"}

    Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/content/marquee/new", {**sent, "submit_now": "1"})

    assert [made.urgent for made in submissions_in(cast.yunqi)] == [True]


def test_reason_of_a_return_stands_on_the_page(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "热水检修")
    give_back(cast, handed_in, "请写明日期")

    page = Browser(app, cast.yunqi.editor).get(handed_in.page).text

    assert "请写明日期" in page


def test_withdrawing_gives_the_content_back_as_drafts(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二")
    browser = Browser(app, cast.yunqi.editor)

    answer = browser.post(f"{handed_in.page}/withdraw")

    assert answer.status_code == 303
    assert states_of(handed_in) == [RevisionState.WITHDRAWN, RevisionState.WITHDRAWN]
    assert ticked(browser.get(f"{cast.yunqi.path}/submissions/new").text) == [True, True]


def test_what_is_on_air_cannot_be_withdrawn(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    approve(cast, handed_in)
    publish(cast, handed_in)

    answer = Browser(app, cast.yunqi.editor).post(f"{handed_in.page}/withdraw")

    assert answer.status_code == 409
    assert states_of(handed_in) == ["published"]


def test_reviewer_cannot_withdraw_for_the_tenant(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    answer = Browser(app, cast.reviewer).post(f"{handed_in.page}/withdraw")

    assert answer.status_code == 403
    assert states_of(handed_in) == ["submitted"]


def test_submission_waits_while_the_package_lacks_its_feature(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    suspend_tenant(cast.yunqi)

    page = Browser(app, cast.yunqi.editor).get(handed_in.page).text

    assert "暂停" in page
