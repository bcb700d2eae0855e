"""Pages of what is on air: the timeline, one release, two compared; publishing, rolling back, taking down."""

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.core import clock
from portal.core import database as databases
from portal.core.database import tenant_session
from portal.releases import publisher
from portal.releases.queries import current_release, manifest_of
from portal.releases.site import configure as configure_site
from portal.releases.site import site
from portal.review.models import Submission
from portal.review.submitting import Chosen, submit_for_review
from tests.conftest import put_in_place
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House
from tests.world.content import a_frame
from tests.world.counting import counted_queries
from tests.world.reviewing import HandedIn, acting, approve, hand_in, publish, put_on_air

LIST_QUERIES = 12
NOBODY = "00000000-0000-7000-8000-000000000000"


def number_on_air(house: House) -> int:
    with tenant_session(house.tenant.id) as session:
        found = current_release(session)
        return 0 if found is None else found.number


def objects_on_air(house: House) -> list[str]:
    with tenant_session(house.tenant.id) as session:
        return list(manifest_of(current_release(session)))


def set_time(handed_in: HandedIn) -> Any:
    with tenant_session(handed_in.house.tenant.id) as session:
        return session.query(Submission).one().publish_at


def ready(cast: Cast, *texts: str) -> HandedIn:
    handed_in = hand_in(cast.yunqi, *texts)
    approve(cast, handed_in)
    return handed_in


def put_frame_on_air(cast: Cast) -> None:
    frame = a_frame(cast.yunqi.tenant, who=acting(cast.yunqi.editor))
    chosen = [Chosen(frame.object_id, frame.sha256)]
    submission = in_tenant(
        cast.yunqi.tenant, lambda ctx: submit_for_review(ctx, chosen, title="开机图"), acting(cast.yunqi.editor)
    )
    handed_in = HandedIn(cast.yunqi, submission, (frame,))
    approve(cast, handed_in)
    publish(cast, handed_in)


READS = ["", "1", "compare/1/2", "1/2/screens", "1/tv", "1/tv/document"]
WRITES = ["1/roll-back", "next", "1/roll-back/screens", "1/roll-back/tv/before", "1/roll-back/tv/after/document"]


@pytest.fixture(scope="module")
def two_template(cast_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cast's database and public folder after two releases of the first house, made once."""
    source, cast = cast_template
    folder = tmp_path_factory.mktemp("two")
    shutil.copyfile(source, folder / "portal.db")
    made = databases.Database(f"sqlite:///{folder / 'portal.db'}")
    databases.use(made)
    configure_site(folder / "pub")
    put_on_air(cast, cast.yunqi, "早餐七点")
    put_on_air(cast, cast.yunqi, "泳池八点")
    publisher.rest()
    made.dispose()
    return folder


@pytest.fixture
def two(two_template: Path, app: Flask, cast: Cast, sqlite: databases.Database, tmp_path: Path) -> str:
    """A tenant with two releases; where its releases begin."""
    put_in_place(two_template / "portal.db", sqlite)
    shutil.copytree(two_template / "pub", tmp_path / "pub", dirs_exist_ok=True)
    return f"{cast.yunqi.path}/releases/"


@pytest.mark.parametrize("path", READS)
def test_tenant_center_and_province_may_read(app: Flask, cast: Cast, two: str, path: str) -> None:
    people = (cast.yunqi.editor, cast.operator, cast.support, cast.yunqi.province)

    assert [Browser(app, person).get(two + path).status_code for person in people] == [200] * 4


@pytest.mark.parametrize("path", READS + WRITES)
def test_stranger_finds_nothing(app: Flask, cast: Cast, two: str, path: str) -> None:
    assert Browser(app, cast.stranger).get(two + path).status_code == 404


@pytest.mark.parametrize("path", WRITES)
def test_acts_are_the_centers(app: Flask, cast: Cast, two: str, path: str) -> None:
    people = (cast.operator, cast.yunqi.admin, cast.support)

    assert [Browser(app, person).get(two + path).status_code for person in people] == [200, 403, 403]


@pytest.mark.parametrize("path", READS[1:])
def test_reading_pages_take_no_post(app: Flask, cast: Cast, two: str, path: str) -> None:
    assert Browser(app, cast.operator).post(two + path).status_code == 405


@pytest.mark.parametrize("path", ["", "next", "1/roll-back", f"next/{NOBODY}/time", f"take-down/{NOBODY}"])
def test_acts_take_no_put(app: Flask, cast: Cast, two: str, path: str) -> None:
    browser = Browser(app, cast.operator)

    assert browser.client.put(two + path, data={"csrf_token": browser.form_token}).status_code == 405


@pytest.mark.parametrize(
    "path", ["99", "compare/1/99", "99/roll-back", "99/tv", "99/tv/document", f"take-down/{NOBODY}"]
)
def test_what_does_not_exist_is_not_found(app: Flask, cast: Cast, two: str, path: str) -> None:
    assert Browser(app, cast.operator).get(two + path).status_code == 404


def test_timeline_says_so_before_the_first_release(app: Flask, cast: Cast) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/releases/").text

    assert "还没有发布过" in page


@pytest.mark.parametrize(("who", "led"), [("editor", True), ("province", False)])
def test_timeline_before_the_first_release_leads_only_to_what_one_may_see(
    app: Flask, cast: Cast, who: str, led: bool
) -> None:
    browser = Browser(app, getattr(cast.yunqi, who))
    submissions = f"{cast.yunqi.path}/submissions/"

    page = browser.get(f"{cast.yunqi.path}/releases/").text

    assert f'<a class="btn btn-primary" href="{submissions}"' in page if led else submissions not in page
    assert browser.get(submissions).status_code == (200 if led else 403)


def test_planned_release_is_no_link_for_whoever_may_not_see_submissions(app: Flask, cast: Cast) -> None:
    handed_in = ready(cast, "一")
    at = (clock.now() + timedelta(days=3)).astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    Browser(app, cast.operator).post(f"{cast.yunqi.path}/releases/next/{handed_in.id}/time", {"publish_at": at})

    pages = [Browser(app, who).get(f"{cast.yunqi.path}/releases/").text for who in (cast.operator, cast.yunqi.province)]

    assert [handed_in.page in page for page in pages] == [True, False]


@pytest.mark.parametrize("path", ["compare/1/3", "1/3/screens?look=2"])
def test_province_sees_the_pictures_of_releases_where_boxes_do(app: Flask, cast: Cast, two: str, path: str) -> None:
    put_frame_on_air(cast)

    page = Browser(app, cast.yunqi.province).get(two + path).text

    sources = [found for found in re.findall(r'<img[^>]*src="([^"]*)"', page) if not found.startswith("/static/")]
    assert sources != []
    assert [site().holds(source) for source in sources] == [True] * len(sources)


def test_picture_that_boxes_no_longer_hold_is_said_to_the_province(app: Flask, cast: Cast, two: str) -> None:
    put_frame_on_air(cast)
    shutil.rmtree(site().root / "assets")

    pages = [Browser(app, who).get(f"{two}compare/1/3").text for who in (cast.yunqi.province, cast.yunqi.editor)]

    assert ["图片没有发布过" in page for page in pages] == [True, False]
    assert ["/media/file/" in page for page in pages] == [False, True]


def test_timeline_offers_acts_to_the_center_only(app: Flask, cast: Cast, two: str) -> None:
    pages = [Browser(app, person).get(two).text for person in (cast.operator, cast.yunqi.editor)]

    assert ["回滚到此" in page for page in pages] == [True, False]


def test_timeline_needs_as_many_queries_for_three_as_for_one(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)
    counts = []
    for texts in (["一"], ["二", "三"]):
        for text in texts:
            put_on_air(cast, cast.yunqi, text)
        with counted_queries() as queries:
            browser.get(f"{cast.yunqi.path}/releases/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= LIST_QUERIES


def test_release_that_could_not_be_written_says_why(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_air(cast, cast.yunqi, "一")
    handed_in = ready(cast, "二")
    folder = site().root / "channels"
    shutil.move(folder, folder.with_name("away"))
    folder.write_text("no folder")

    Browser(app, cast.operator).post(f"{cast.yunqi.path}/releases/next/{handed_in.id}")
    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/releases/").text
    folder.unlink()
    shutil.move(folder.with_name("away"), folder)
    publisher.finish_unfinished()
    later = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/releases/").text

    assert ("没有写完" in page, "发布中" in page) == (True, True)
    assert ("没有写完" in later, "正在播出" in later) == (False, True)


def test_comparison_names_what_came(app: Flask, cast: Cast, two: str) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{two}compare/1/2").text

    assert "<ins>泳池八点</ins>" in page
    assert "早餐七点" not in page


def test_comparison_the_other_way_round_names_what_went(app: Flask, cast: Cast, two: str) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{two}compare/2/1").text

    assert "<del>泳池八点</del>" in page


@pytest.mark.parametrize(
    ("query", "location"), [("pick=2&pick=1", "compare/1/2"), ("pick=1", ""), ("", ""), ("pick=x&pick=2", "")]
)
def test_two_ticked_releases_lead_to_their_comparison(
    app: Flask, cast: Cast, two: str, query: str, location: str
) -> None:
    answer = Browser(app, cast.yunqi.editor).get(f"{two}compare?{query}")

    assert (answer.status_code, answer.location) == (302, two + location)


def test_everything_approved_is_chosen_by_default(app: Flask, cast: Cast) -> None:
    ready(cast, "一", "二")

    page = Browser(app, cast.operator).get(f"{cast.yunqi.path}/releases/next").text

    assert [" checked" in box for box in re.findall(r'<input[^>]*name="chosen"[^>]*>', page)] == [True, True]


def test_chosen_revisions_go_on_air_and_no_others(app: Flask, cast: Cast) -> None:
    handed_in = ready(cast, "一", "二")
    first = handed_in.saved[0]

    answer = Browser(app, cast.operator).post(
        f"{cast.yunqi.path}/releases/next", {"chosen": first.revision_id, "title": "只发一条"}
    )

    assert answer.status_code == 303
    assert objects_on_air(cast.yunqi) == [first.object_id]


@pytest.mark.parametrize(("chosen", "status"), [([], 422), ([NOBODY], 404), (["nonsense"], 404)])
def test_publishing_what_is_not_there_is_refused(app: Flask, cast: Cast, chosen: list[str], status: int) -> None:
    ready(cast, "一")

    answer = Browser(app, cast.operator).post(f"{cast.yunqi.path}/releases/next", {"chosen": chosen})

    assert answer.status_code == status
    assert number_on_air(cast.yunqi) == 0


def test_content_that_is_not_approved_cannot_be_published(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    answer = Browser(app, cast.operator).post(
        f"{cast.yunqi.path}/releases/next", {"chosen": handed_in.saved[0].revision_id}
    )

    assert (answer.status_code, "不再是已通过的状态" in answer.text) == (409, True)


def test_whole_submission_is_published_at_once(app: Flask, cast: Cast) -> None:
    handed_in = ready(cast, "一", "二")

    answer = Browser(app, cast.operator).post(f"{cast.yunqi.path}/releases/next/{handed_in.id}")

    assert answer.status_code == 303
    assert len(objects_on_air(cast.yunqi)) == 2


def test_time_is_set_and_cleared(app: Flask, cast: Cast) -> None:
    handed_in = ready(cast, "一")
    at = (clock.now() + timedelta(days=3)).astimezone(clock.SHANGHAI).replace(second=0, microsecond=0)
    address = f"{cast.yunqi.path}/releases/next/{handed_in.id}/time"
    browser = Browser(app, cast.operator)

    browser.post(address, {"publish_at": at.strftime("%Y-%m-%dT%H:%M")})
    set_to = set_time(handed_in)
    shown = browser.get(address).text
    browser.post(address, {"publish_at": ""})

    assert (set_to, set_time(handed_in)) == (at, None)
    assert at.strftime("%Y-%m-%dT%H:%M") in shown


@pytest.mark.parametrize(("typed", "sentence"), [("2001-01-01T08:00", "要晚于现在"), ("明天", "请写成日期和时间")])
def test_bad_time_is_said_at_the_field(app: Flask, cast: Cast, typed: str, sentence: str) -> None:
    handed_in = ready(cast, "一")

    answer = Browser(app, cast.operator).post(
        f"{cast.yunqi.path}/releases/next/{handed_in.id}/time", {"publish_at": typed}
    )

    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_roll_back_says_what_it_will_do_and_does_it(app: Flask, cast: Cast, two: str) -> None:
    browser = Browser(app, cast.operator)

    told = browser.get(f"{two}1/roll-back").text
    answer = browser.post(f"{two}1/roll-back", {"reason": "写错了"})

    assert ("会变回去 1 处" in told, "4 个分组" in told) == (True, True)
    assert (answer.status_code, number_on_air(cast.yunqi), len(objects_on_air(cast.yunqi))) == (303, 3, 1)


def test_roll_back_without_a_reason_does_nothing(app: Flask, cast: Cast, two: str) -> None:
    answer = Browser(app, cast.operator).post(f"{two}1/roll-back", {"reason": " "})

    assert (answer.status_code, "请写明原因" in answer.text) == (422, True)
    assert number_on_air(cast.yunqi) == 2


def test_roll_back_to_what_is_on_air_is_refused(app: Flask, cast: Cast, two: str) -> None:
    answer = Browser(app, cast.operator).post(f"{two}2/roll-back", {"reason": "试试"})

    assert (answer.status_code, number_on_air(cast.yunqi)) == (409, 2)


def test_roll_back_shows_the_tv_before_and_after(app: Flask, cast: Cast, two: str) -> None:
    page = Browser(app, cast.operator).get(f"{two}1/roll-back/screens").text

    before, after = re.split(r'class="tv after"', page)
    assert ("泳池八点" in before, "泳池八点" in after) == (True, False)


def test_taking_down_and_letting_back(app: Flask, cast: Cast, two: str) -> None:
    first, _second = objects_on_air(cast.yunqi)
    browser = Browser(app, cast.operator)

    down = browser.post(f"{two}take-down/{first}", {"reason": "夸大"})
    listed = Browser(app, cast.yunqi.editor).get(two).text
    lifted = browser.post(f"{two}take-down/{first}/lift", {"reason": "已改正"})

    assert (down.status_code, lifted.status_code) == (303, 303)
    assert ("夸大" in listed, first in objects_on_air(cast.yunqi)) == (True, False)
    assert "夸大" not in Browser(app, cast.yunqi.editor).get(two).text


def test_titles_that_nobody_typed_are_told_in_the_readers_language(app: Flask, cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "早餐七点")
    put_on_air(cast, cast.yunqi, "泳池八点", "健身九点")
    timeline = f"{cast.yunqi.path}/releases/"
    operator, reader = Browser(app, cast.operator), Browser(app, cast.yunqi.editor)
    operator.post(f"{timeline}1/roll-back", {"reason": "写错了"})
    operator.post(f"{timeline}take-down/{objects_on_air(cast.yunqi)[0]}", {"reason": "夸大"})

    chinese = titles(reader.get(timeline).text)
    reader.post("/preferences", {"lang": "en"})
    english = titles(reader.get(timeline).text)

    assert chinese == ["下架：早餐七点", "回滚到版本 1", "泳池八点 等 2 项", "早餐七点"]
    assert english == ["Taken down: 早餐七点", "Roll back to release 1", "泳池八点 and others, 2 in total", "早餐七点"]


def titles(page: str) -> list[str]:
    return re.findall(r'<div class="row-l"><a href="[^"]*/releases/\d+">([^<]*)</a>', page)


@pytest.mark.parametrize("act", ["", "/lift"])
def test_taking_down_needs_a_reason(app: Flask, cast: Cast, two: str, act: str) -> None:
    first, _second = objects_on_air(cast.yunqi)
    browser = Browser(app, cast.operator)
    if act:
        browser.post(f"{two}take-down/{first}", {"reason": "夸大"})

    answer = browser.post(f"{two}take-down/{first}{act}", {"reason": ""})

    assert (answer.status_code, "请写明原因" in answer.text) == (422, True)


def test_object_of_another_tenant_cannot_be_taken_down(app: Flask, cast: Cast, two: str) -> None:
    put_on_air(cast, cast.jiangzhou, "流感疫苗")
    (foreign,) = objects_on_air(cast.jiangzhou)

    answer = Browser(app, cast.operator).post(f"{two}take-down/{foreign}", {"reason": "试试"})

    assert answer.status_code == 404
    assert objects_on_air(cast.jiangzhou) == [foreign]


@pytest.mark.parametrize(("who", "status"), [("operator", 200), ("reviewer", 200), ("support", 403), ("stranger", 403)])
def test_plan_is_for_those_who_publish(app: Flask, cast: Cast, who: str, status: int) -> None:
    assert Browser(app, getattr(cast, who)).get("/center/releases").status_code == status


def test_plan_takes_no_put(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.operator)

    assert browser.client.put("/center/releases", data={"csrf_token": browser.form_token}).status_code == 405


def test_plan_shows_every_tenants_approved_content(app: Flask, cast: Cast) -> None:
    empty = Browser(app, cast.operator).get("/center/releases").text
    for house, text in ((cast.yunqi, "一"), (cast.jiangzhou, "二")):
        approve(cast, hand_in(house, text))

    page = Browser(app, cast.operator).get("/center/releases").text

    assert ("没有要发布的内容" in empty, "待发布 2" in page) == (True, True)


def test_plan_leaves_out_the_columns_that_its_reader_does_not_want(app: Flask, cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "播出")
    approve(cast, hand_in(cast.jiangzhou, "待发布"))
    browser = Browser(app, cast.operator)
    before = browser.get("/center/releases").text

    browser.post("/preferences/columns/plan", {"column": ["items", "maker", "at"], "shown": ["at"]})
    after = browser.get("/center/releases").text

    assert ("显示的列" in before, "table no-" in before) == (True, False)
    assert [after.count(f'class="table {left_out}"') for left_out in ("no-3", "no-4")] == [1, 1]


def test_plan_needs_as_many_queries_for_three_as_for_one(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.operator)
    counts = []
    for texts in (["一"], ["二", "三"]):
        for text in texts:
            ready(cast, text)
        with counted_queries() as queries:
            browser.get("/center/releases")
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= LIST_QUERIES


def test_plan_leads_from_what_went_on_air_last_to_the_one_before(app: Flask, cast: Cast, two: str) -> None:
    put_on_air(cast, cast.jiangzhou, "只有一版")

    page = Browser(app, cast.operator).get("/center/releases").text

    assert (f'href="{two}1/roll-back"' in page, f'href="{two}compare/1/2"' in page) == (True, True)
    assert f"{cast.jiangzhou.path}/releases/0/roll-back" not in page
    assert page.count("roll-back") == 1
