"""The marquee's pages, on which also what all editors share is tried: tabs, approvals, handing in, windows."""

import pytest
from flask import Flask

from portal.content.kinds import Kind
from portal.content.queries import revisions_of
from portal.core.database import tenant_session
from portal.core.ids import ObjectId
from portal.releases.commands.publishing import publish_revisions
from portal.review.commands import Decision, Verdict, decide
from portal.review.submitting import Chosen, submit_for_review
from tests.world.browser import Browser
from tests.world.building import actor, in_tenant
from tests.world.cast import Cast
from tests.world.content import Full, draft, field_errors, hidden_fields, payloads, summary, value_of, view_of

GOOD = {"text": "热水检修", "colour": "#ffffff", "speed": "normal", "edge": "bottom", "priority": "0"}


def texts(full: Full) -> list[str]:
    return [one["text"] for one in payloads(full.house.tenant, Kind.MARQUEE)]


def states(full: Full) -> list[str]:
    with tenant_session(full.house.tenant.id) as session:
        return [one.state for one in reversed(revisions_of(session, ObjectId(full.ids["marquee"])))]


def approve(full: Full, cast: Cast) -> None:
    tenant = full.house.tenant
    editor = actor(full.house.editor.role, full.house.editor.id, tenant)
    reviewer = actor(cast.reviewer.role, cast.reviewer.id)
    newest = view_of(tenant, full.ids["marquee"]).newest
    chosen = [Chosen(ObjectId(full.ids["marquee"]), newest.sha256)]
    submission = in_tenant(tenant, lambda ctx: submit_for_review(ctx, chosen, title="送审"), editor)
    decision = Decision(newest.id, newest.sha256, Verdict.APPROVE)
    in_tenant(tenant, lambda ctx: decide(ctx, submission, [decision]), reviewer)


def test_message_is_saved_and_listed(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.post(
        full.at("marquee/new"), {**GOOD, "text": "流感疫苗\r\n开始接种", "urgent": "y", "priority": "9"}
    )

    assert answer.status_code == 303
    assert texts(full) == ["热水检修", "流感疫苗 开始接种"]
    page = browser.get(answer.location or "").text
    assert page.index("流感疫苗") < page.index("热水检修")


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"text": ""}, {"text": "请填写此项。"}),
        ({"text": "字" * 201}, {"text": "最多 200 个字符。"}),
        ({"colour": "red"}, {"colour": "格式不对。"}),
        ({"priority": "10"}, {"priority": "不能大于 9。"}),
        ({"priority": "many"}, {"priority": "不能小于 0。"}),
        ({"speed": "warp"}, {"speed": "不是可选的值。"}),
    ],
)
def test_wrong_fields_are_named(full: Full, app: Flask, fields: dict[str, str], errors: dict[str, str]) -> None:
    answer = Browser(app, full.house.editor).post(full.at("marquee/new"), {**GOOD, **fields})

    assert (answer.status_code, field_errors(answer.text)) == (422, errors)
    assert texts(full) == ["热水检修"]


def test_html_in_a_message_is_text(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    browser.post(full.at("marquee/new"), {**GOOD, "text": "<script>alert(1)</script>"})

    assert "<script>alert(1)</script>" not in browser.get(full.at("marquee/")).text
    assert texts(full)[1] == "<script>alert(1)</script>"


def test_two_tabs_neither_is_lost(full: Full, app: Flask) -> None:
    browser, other = Browser(app, full.house.editor), Browser(app, full.house.admin)
    read = full.version("marquee")
    other.post(full.at("marquee/{marquee}"), {**GOOD, "text": "管理员的", "version": read})

    clash = browser.post(full.at("marquee/{marquee}"), {**GOOD, "text": "编辑的", "version": read, "urgent": "y"})
    kept = texts(full)
    fields = hidden_fields(clash.text)
    mine = browser.post(full.at("marquee/{marquee}"), fields)

    assert clash.status_code == 409
    assert ("<ins>管理员</ins>的" in clash.text, "<ins>编辑</ins>的" in clash.text) == (True, True)
    assert kept == ["管理员的"]
    assert (mine.status_code, texts(full), full.payload("marquee")["urgent"]) == (303, ["编辑的"], True)


def test_wrong_and_outdated_at_once_shows_the_conflict(full: Full, app: Flask) -> None:
    clash = Browser(app, full.house.editor).post(full.at("marquee/{marquee}"), {**GOOD, "text": "", "version": "0"})

    assert clash.status_code == 409


def test_approval_is_asked_for_and_nothing_typed_is_lost(full: Full, app: Flask, cast: Cast) -> None:
    approve(full, cast)
    browser = Browser(app, full.house.editor)
    typed = {**GOOD, "text": "改过", "version": full.version("marquee"), "windows-0-start": "08:00"}

    asked = browser.post(full.at("marquee/{marquee}"), typed)
    before = states(full)
    fields = hidden_fields(asked.text)
    done = browser.post(full.at("marquee/{marquee}"), fields)

    assert (asked.status_code, before) == (409, ["approved"])
    assert fields["void_approval"] == "1"
    assert (done.status_code, states(full)) == (303, ["voided", "draft"])
    [window] = view_of(full.house.tenant, full.ids["marquee"]).envelope.windows
    assert (texts(full), window.start) == (["改过"], 480)


def test_deleting_asks_for_the_approval_too(full: Full, app: Flask, cast: Cast) -> None:
    approve(full, cast)
    browser = Browser(app, full.house.editor)

    asked = browser.post(full.at("marquee/{marquee}/delete"), {"version": full.version("marquee")})
    done = browser.post(full.at("marquee/{marquee}/delete"), hidden_fields(asked.text))

    assert (asked.status_code, done.status_code) == (409, 303)
    assert states(full) == ["voided", "draft"]


def test_saving_and_handing_in_is_one_step(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    fields = {**GOOD, "text": "改过", "version": full.version("marquee"), "submit_now": "1"}
    answer = browser.post(full.at("marquee/{marquee}"), fields)

    assert (answer.status_code, states(full)) == (303, ["submitted"])
    assert "已提交审核。" in browser.get(answer.location or "").text


def test_handing_in_something_wrong_saves_nothing(full: Full, app: Flask) -> None:
    fields = {**GOOD, "text": "", "version": full.version("marquee"), "submit_now": "1"}

    answer = Browser(app, full.house.editor).post(full.at("marquee/{marquee}"), fields)

    assert (answer.status_code, states(full), texts(full)) == (422, ["draft"], ["热水检修"])


def test_discarding_twice_says_so(full: Full, app: Flask, cast: Cast) -> None:
    approve(full, cast)
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("marquee/{marquee}/discard"), {"version": full.version("marquee")})

    assert (answer.status_code, "这项内容没有草稿。" in answer.text) == (409, True)


def test_group_of_another_tenant_is_no_target(full: Full, app: Flask, cast: Cast) -> None:
    answer = Browser(app, full.house.editor).post(
        full.at("marquee/new"), {**GOOD, "text": "别家", "targets": cast.jiangzhou.root}
    )

    assert (answer.status_code, summary(answer.text)) == (422, ["给谁看：投放的分组已不存在，请重新选择。"])


def test_group_editor_begins_with_the_own_group(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.group_editor)

    page = browser.get(full.at("marquee/new")).text
    elsewhere = browser.post(full.at("marquee/new"), {**GOOD, "targets": full.house.elsewhere})
    own = browser.post(full.at("marquee/new"), {**GOOD, "text": "城东", "targets": full.house.shop})

    assert f'value="{full.house.region}" checked' in page
    assert (elsewhere.status_code, own.status_code) == (403, 303)
    assert texts(full) == ["热水检修", "城东"]


def test_list_shows_what_is_on_air_beside_the_draft(full: Full, app: Flask, cast: Cast) -> None:
    approve(full, cast)
    pending = view_of(full.house.tenant, full.ids["marquee"]).newest
    operator = actor(cast.operator.role, cast.operator.id)
    in_tenant(full.house.tenant, lambda ctx: publish_revisions(ctx, [pending.id]), operator)
    browser = Browser(app, full.house.editor)

    browser.post(full.at("marquee/{marquee}"), {**GOOD, "text": "新的", "version": full.version("marquee")})

    page = browser.get(full.at("marquee/")).text
    assert ("屏幕上仍是旧的" in page, states(full)) == (True, ["published", "draft"])


def test_empty_list_leads_to_the_first(app: Flask, cast: Cast) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/content/marquee/").text

    assert ("桌面上没有滚动消息" in page, f"{cast.yunqi.path}/content/marquee/new" in page) == (True, True)


def test_form_remembers_the_version_it_was_read_at(full: Full, app: Flask) -> None:
    draft(full.house.tenant, Kind.MARQUEE, {"text": "另一条"})

    page = Browser(app, full.house.editor).get(full.at("marquee/{marquee}")).text

    assert value_of(page, "version") == full.version("marquee")
