"""Comments on the objects of a submission: who writes, who is told, what is kept."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.access.acl import ROOT, Acl, Effect, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.content.commands import Entered, create_draft
from portal.content.kinds import Kind
from portal.core.database import tenant_session
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.review import commenting
from portal.review.commenting import comment
from portal.review.comments import LONGEST, Comment, threads_of
from portal.review.queries import get_submission
from portal.review.submitting import Chosen, submit_for_review
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, Person
from tests.world.reviewing import HandedIn, acting, approve, hand_in, publish

pytestmark = pytest.mark.usefixtures("app")
MARKUP = "<script>alert(1)</script>"


def write(handed_in: HandedIn, person: Person, text: str, number: int = 0) -> str:
    revision = handed_in.saved[number].revision_id
    return in_tenant(handed_in.house.tenant, lambda ctx: comment(ctx, handed_in.id, revision, text), acting(person))


def threads(handed_in: HandedIn) -> list[tuple[Comment, ...]]:
    with tenant_session(handed_in.house.tenant.id) as session:
        found = threads_of(session, get_submission(session, handed_in.id))
    return [found[one.revision_id] for one in handed_in.saved]


def notices(app: Flask, person: Person, words: str) -> int:
    return Browser(app, person).get("/notices").text.count(words)


def test_both_sides_talk_about_one_object(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二")

    write(handed_in, cast.reviewer, "日期是哪天？")
    write(handed_in, cast.yunqi.editor, "下周一。")

    first, second = threads(handed_in)
    assert [(one.text, one.role, one.by_member) for one in first] == [
        ("日期是哪天？", "center_reviewer", False),
        ("下周一。", "tenant_editor", True),
    ]
    assert second == ()


def test_each_side_is_told_once_for_a_submission(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一", "二")

    for number, text in ((0, "一问"), (1, "再问")):
        write(handed_in, cast.reviewer, text, number)
        write(handed_in, cast.yunqi.editor, f"答{text}", number)

    assert notices(app, cast.yunqi.editor, "审核员在送审") == 1
    assert notices(app, cast.reviewer, "里写了意见") == 1


def test_comment_is_recorded_with_the_hash_it_is_about(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    write(handed_in, cast.reviewer, "日期？")

    with tenant_session(cast.yunqi.tenant.id) as session:
        rows = session.query(AuditRecord).filter(AuditRecord.event == Event.COMMENTED.value).all()
    assert len(rows) == 1


def test_comments_stay_when_all_is_decided(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    write(handed_in, cast.reviewer, "很好")
    approve(cast, handed_in)
    publish(cast, handed_in)

    pages = [Browser(app, cast.yunqi.editor).get(handed_in.page), Browser(app, cast.reviewer).get(handed_in.desk)]

    assert ["很好" in page.text for page in pages] == [True, True]


@pytest.mark.parametrize("text", ["", "   ", "字" * (LONGEST + 1)])
def test_comment_needs_words_and_not_too_many(cast: Cast, text: str) -> None:
    with pytest.raises(Invalid):
        write(hand_in(cast.yunqi, "一"), cast.reviewer, text)


def test_submission_takes_no_more_than_so_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commenting, "MOST", 1)
    handed_in = hand_in(cast.yunqi, "一")
    write(handed_in, cast.reviewer, "一")

    with pytest.raises(Refused):
        write(handed_in, cast.reviewer, "二")


@pytest.mark.parametrize("who", ["support", "auditor", "app_admin"])
def test_others_write_none(cast: Cast, who: str) -> None:
    with pytest.raises(Forbidden):
        write(hand_in(cast.yunqi, "一"), getattr(cast, who), "一")


def test_group_editor_writes_about_the_own_subtree_alone(app: Flask, cast: Cast) -> None:
    house = cast.yunqi
    whole = hand_in(house, "给所有人的")
    entered = Entered({"text": "本店"}, targets=(house.shop,))
    saved = in_tenant(house.tenant, lambda ctx: create_draft(ctx, Kind.MARQUEE, entered), acting(house.editor))
    chosen = [Chosen(saved.object_id, saved.sha256)]
    own = in_tenant(house.tenant, lambda ctx: submit_for_review(ctx, chosen, title=""), acting(house.editor))
    browser = Browser(app, house.group_editor)

    answers = [
        browser.post(f"{one.page}/comments", {"revision": one.saved[0].revision_id, "text": "一"})
        for one in (whole, HandedIn(house, own, (saved,)))
    ]

    assert [answer.status_code for answer in answers] == [403, 303]


def test_list_keeps_a_reviewer_from_writing(cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    denial = NewEntry(ROOT, "review:comment", Effect.DENY, Subject("role", Role.CENTER_REVIEWER))
    in_tenant(cast.yunqi.tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, denial), acting(cast.yunqi.admin))

    with pytest.raises(Forbidden):
        write(handed_in, cast.reviewer, "一")


def test_submission_of_another_tenant_is_not_there(cast: Cast) -> None:
    mine, other = hand_in(cast.yunqi, "一"), hand_in(cast.jiangzhou, "二")
    act: Callable[..., str] = lambda ctx: comment(ctx, other.id, other.saved[0].revision_id, "一")  # noqa: E731
    mixed: Callable[..., str] = lambda ctx: comment(ctx, mine.id, other.saved[0].revision_id, "一")  # noqa: E731

    for one in (act, mixed):
        with pytest.raises(NotFound):
            in_tenant(cast.yunqi.tenant, one, acting(cast.reviewer))


def test_text_is_text_on_both_pages(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    write(handed_in, cast.yunqi.editor, MARKUP)

    pages = [Browser(app, cast.yunqi.editor).get(handed_in.page), Browser(app, cast.reviewer).get(handed_in.desk)]

    assert [(MARKUP in page.text, "&lt;script&gt;alert(1)" in page.text) for page in pages] == [(False, True)] * 2


@pytest.mark.parametrize("side", ["desk", "page"])
def test_form_of_each_page_leads_back_to_the_thread(app: Flask, cast: Cast, side: str) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    person = cast.reviewer if side == "desk" else cast.yunqi.editor
    page, revision = getattr(handed_in, side), handed_in.saved[0].revision_id

    answer = Browser(app, person).post(f"{page}/comments", {"revision": revision, "text": "日期？"})

    assert (answer.status_code, answer.location) == (303, f"{page}#c-{revision}")
    assert [one.text for one in threads(handed_in)[0]] == ["日期？"]


def test_script_gets_the_thread_alone_and_keeps_what_was_refused(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    browser, revision = Browser(app, cast.reviewer), handed_in.saved[0].revision_id
    form = {"csrf_token": browser.form_token, "revision": revision}
    long = "字" * (LONGEST + 1)

    said = browser.client.post(
        f"{handed_in.desk}/comments", data={**form, "text": "日期？"}, headers={"HX-Request": "true"}
    )
    refused = browser.client.post(
        f"{handed_in.desk}/comments", data={**form, "text": long}, headers={"HX-Request": "true"}
    )

    assert ("<html" in said.text, "日期？" in said.text) == (False, True)
    assert (long in refused.text, "意见最多 500 个字" in refused.text) == (True, True)
    assert [one.text for one in threads(handed_in)[0]] == ["日期？"]
