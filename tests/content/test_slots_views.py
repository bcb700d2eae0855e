"""The ten slots: the desktop as the editor, what a slot may open, moving, variants of groups."""

import re
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.content.kinds import Kind
from portal.content.queries import ObjectView, objects
from portal.content.slots.places import purpose_of
from portal.core.database import tenant_session
from portal.core.ids import ObjectId
from portal.media.limits import UPLOADS
from portal.media.queries import find_media
from portal.media.states import Purpose
from portal.review.submitting import Chosen, submit_for_review
from tests.world.browser import Browser
from tests.world.building import in_tenant, picture
from tests.world.cast import Cast
from tests.world.content import (
    Full,
    a_slot,
    an_item,
    field_errors,
    payloads,
    small_picture,
    summary,
    take_back,
    upload,
    value_of,
    view_of,
)
from tests.world.reviewing import acting

URL = {"action": "url", "url": "https://example.com/menu"}


def positions(full: Full) -> dict[str, int]:
    return {one["title"]: one["position"] for one in payloads(full.house.tenant, Kind.SLOT)}


def purpose(full: Full, sha256: str) -> str | None:
    with tenant_session(full.house.tenant.id) as session:
        found = find_media(session, sha256)
    return found.purpose if found else None


@pytest.mark.parametrize(
    ("position", "expected"),
    [(1, "slot_large"), (2, "slot_middle"), (5, "slot_middle"), (6, "slot_small"), (10, "slot_small")],
)
def test_each_position_has_its_size(position: int, expected: str) -> None:
    assert purpose_of(position) == expected


def test_board_shows_ten_places_as_links(full: Full, app: Flask) -> None:
    page = Browser(app, full.house.editor).get(full.at("slots/")).text

    tiles = re.findall(r'<a class="over-tile p(\d+)[^"]*"\s+href="([^"]+)"', page)
    assert [int(number) for number, _ in tiles] == list(range(1, 11))
    assert tiles[0][1] == full.at("slots/{slot}")
    assert tiles[9][1] == full.at("slots/new?position=10")
    assert page.count("空位 · 运营商推荐") == 9


def test_slot_is_saved_with_its_picture_made_fit(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    form = {"position": "7", "title": "客房送餐", "subtitle": "二十四小时", "image_upload": upload(), **URL}

    answer = browser.post(full.at("slots/new"), form)

    assert answer.status_code == 303
    saved = payloads(full.house.tenant, Kind.SLOT)[1]
    assert (saved["position"], saved["action"]) == (7, {"open": "url", "url": "https://example.com/menu"})
    assert purpose(full, saved["image"]) == "slot_small"


def test_every_field_says_what_is_wrong_and_keeps_what_was_typed(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    form = {
        "position": "3",
        "title": "九个字的标题太长了呀",
        "subtitle": "字" * 17,
        "action": "url",
        "url": "http://a.cn",
    }

    answer = browser.post(full.at("slots/new"), form)

    assert answer.status_code == 422
    assert field_errors(answer.text) == {
        "image_upload": "请填写此项。",
        "title": "最多 8 个字符。",
        "subtitle": "最多 16 个字符。",
        "url": "网页地址要以 https:// 开头。",
    }
    assert (value_of(answer.text, "title"), value_of(answer.text, "url")) == ("九个字的标题太长了呀", "http://a.cn")


@pytest.mark.parametrize("position", ["11", "0", "-1", "ten", "", "9" * 30])
def test_position_that_does_not_exist_is_refused(full: Full, app: Flask, position: str) -> None:
    browser = Browser(app, full.house.editor)
    form = {"position": position, "title": "第十一个", "image_upload": upload(), **URL}

    answer = browser.post(full.at("slots/new"), form)

    assert answer.status_code == 422
    assert field_errors(answer.text) == {"position": "桌面首页只有 10 个推荐位。"}
    assert len(positions(full)) == 1


def test_taken_position_is_refused(full: Full, app: Flask) -> None:
    form = {"position": "1", "title": "又一个", "image_upload": upload(), **URL}

    answer = Browser(app, full.house.editor).post(full.at("slots/new"), form)

    assert answer.status_code == 422
    assert field_errors(answer.text) == {"position": "同一分组的这个位置已经有内容。"}


def test_only_actions_that_exist_are_offered(full: Full, app: Flask) -> None:
    page = Browser(app, full.house.editor).get(full.at("slots/{slot}")).text

    offered = re.findall(r'<input[^>]*name="action"[^>]*value="(\w+)"', page)
    assert offered == ["column", "item", "video", "url"]
    assert f'<option value="{full.ids["second"]}">酒店服务 › 客房服务</option>' in page
    assert f'<option value="{full.ids["item"]}">入住须知</option>' in page


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({}, "action", "请选择打开什么。"),
        ({"action": "column"}, "column", "请填写此项。"),
        ({"action": "column", "column": "made up"}, "column", "格式不对。"),
        (
            {"action": "item", "item": "01a20000-0000-7000-8000-000000000000"},
            "action",
            "要打开的内容不存在、已隐藏或已删除。",
        ),
        ({"action": "video"}, "video_upload", "请填写此项。"),
        ({"action": "live", "live": "https://example.com/a.m3u8"}, "action", "当前套餐不能打开这类内容。"),
        (
            {"action": "live", "live": "ftp://example.com"},
            "live",
            "直播地址要以 https://、udp://、rtp:// 或 rtsp:// 开头。",
        ),
        ({"action": "teleport"}, "action", "不是可选的值。"),
    ],
)
def test_action_that_leads_nowhere_is_refused(
    full: Full, app: Flask, fields: dict[str, str], field: str, sentence: str
) -> None:
    image = full.payload("slot")["image"]
    form = {"position": "4", "title": "打开", "image": image, **fields}

    answer = Browser(app, full.house.editor).post(full.at("slots/new"), form)

    assert answer.status_code == 422
    assert field_errors(answer.text) == {field: sentence}


def test_item_of_another_tenant_cannot_be_opened(full: Full, app: Flask, cast: Cast) -> None:
    from tests.world.content import a_column

    other = cast.jiangzhou.tenant
    theirs = an_item(other, a_column(other, "二级", a_column(other)))
    form = {"position": "4", "title": "打开", "image": full.payload("slot")["image"], "action": "item"}

    answer = Browser(app, full.house.editor).post(full.at("slots/new"), {**form, "item": theirs.object_id})

    assert field_errors(answer.text) == {"action": "要打开的内容不存在、已隐藏或已删除。"}


def test_picture_of_another_tenant_cannot_be_shown(full: Full, app: Flask, cast: Cast) -> None:
    theirs = small_picture(cast.jiangzhou.tenant, Purpose.SLOT_MIDDLE, (1, 2, 3))
    form = {"position": "4", "title": "打开", "image": theirs, **URL}

    answer = Browser(app, full.house.editor).post(full.at("slots/new"), form)

    assert field_errors(answer.text) == {"image_upload": "图片或视频不在媒体库里，请重新选择。"}


def test_moving_swaps_two_and_makes_their_pictures_fit(full: Full, app: Flask) -> None:
    a_slot(full.house.tenant, 6, "叫车")

    answer = Browser(app, full.house.editor).post(
        full.at("slots/{slot}/move"), {"version": full.version("slot"), "to": "6"}
    )

    assert answer.status_code == 303
    assert positions(full) == {"湖畔早餐": 6, "叫车": 1}
    images = [one["image"] for one in payloads(full.house.tenant, Kind.SLOT)]
    assert [purpose(full, image) for image in images] == ["slot_small", "slot_large"]


def test_place_is_chosen_from_a_list_without_scripts(full: Full, app: Flask) -> None:
    fields = {"version": full.version("slot"), "to": "chosen", "place": "9"}

    Browser(app, full.house.editor).post(full.at("slots/{slot}/move"), fields)

    assert positions(full) == {"湖畔早餐": 9}


@pytest.mark.parametrize("to", ["11", "0", "x", ""])
def test_moving_out_of_the_desktop_is_refused(full: Full, app: Flask, to: str) -> None:
    fields = {"version": full.version("slot"), "to": to}

    answer = Browser(app, full.house.editor).post(full.at("slots/{slot}/move"), fields)

    assert (answer.status_code, "桌面首页只有 10 个推荐位。" in answer.text) == (422, True)
    assert positions(full) == {"湖畔早餐": 1}


def test_moving_what_somebody_saved_meanwhile_is_refused(full: Full, app: Flask) -> None:
    answer = Browser(app, full.house.editor).post(full.at("slots/{slot}/move"), {"version": "0", "to": "2"})

    assert (answer.status_code, "这份内容刚被别人改过。" in answer.text) == (409, True)
    assert positions(full) == {"湖畔早餐": 1}


def test_group_has_its_own_slot_and_sees_it(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    group = full.house.region

    form = browser.get(full.at(f"slots/new?position=1&group={group}")).text
    browser.post(
        full.at(f"slots/new?position=1&group={group}"),
        {"position": "1", "title": "城东专享", "image_upload": upload(), "targets": group, **URL},
    )

    assert re.search(rf'value="{group}" checked', form) is not None
    assert "城东专享" in browser.get(full.at(f"slots/?group={full.house.shop}")).text
    assert "城东专享" not in browser.get(full.at("slots/")).text
    listed = browser.get(full.at("slots/{slot}")).text
    assert "这个位置各分组的内容" in listed


def test_emptied_place_shows_the_operators_own(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    browser.post(full.at("slots/{slot}/delete"), {"version": full.version("slot")})

    assert browser.get(full.at("slots/")).text.count("空位 · 运营商推荐") == 10


def test_group_editor_moves_only_the_own(full: Full, app: Flask) -> None:
    own = a_slot(full.house.tenant, 4, "城东", targets=(full.house.region,))
    browser = Browser(app, full.house.group_editor)

    shared = browser.post(full.at("slots/{slot}/move"), {"version": full.version("slot"), "to": "2"})
    version = str(view_of(full.house.tenant, own.object_id).object.version)
    mine = browser.post(full.at(f"slots/{own.object_id}/move"), {"version": version, "to": "5"})

    assert (shared.status_code, mine.status_code) == (403, 303)
    assert positions(full) == {"湖畔早餐": 1, "城东": 5}


def test_group_editor_who_forgets_the_group_is_told_at_the_field(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.group_editor)
    form = {"position": "4", "title": "城东", "image_upload": upload(), **URL}

    answer = browser.post(full.at("slots/new"), form)

    assert answer.status_code == 422
    assert summary(answer.text) == ["给谁看：请选择您管理的分组。"]
    assert value_of(answer.text, "title") == "城东"


# several pictures at once


def drop(browser: Browser, address: str, position: int, *names: str) -> TestResponse:
    """This function will drop pictures, each of its own colour, on a place."""
    files = [(BytesIO(picture((40 * index, 90, 100), (480, 320))), name) for index, name in enumerate(names, start=1)]
    return browser.post(address, {"position": str(position), "files": files})


def test_pictures_dropped_together_stand_beside_each_other(full: Full, app: Flask) -> None:
    before = full.payload("slot")

    answer = drop(
        Browser(app, full.house.editor), full.at("slots/arrive"), 1, "一.png", "望湖厅的早餐真好吃.png", "三.png"
    )

    assert answer.status_code == 303
    assert positions(full) == {"湖畔早餐": 1, "望湖厅的早餐真好": 2, "三": 3}
    assert {**full.payload("slot"), "image": ""} == {**before, "image": ""}
    assert full.payload("slot")["image"] != before["image"]
    new = payloads(full.house.tenant, Kind.SLOT)[1:]
    assert [one["action"] for one in new] == [{"open": "column", "column": full.ids["first"]}] * 2
    assert [purpose(full, one["image"]) for one in new] == ["slot_middle", "slot_middle"]


def test_pictures_that_came_before_the_form_are_made_fit_for_their_places(full: Full, app: Flask, cast: Cast) -> None:
    """A page sends them in pieces and then says which; one of another tenant is none."""
    first, second = (small_picture(full.house.tenant, Purpose.SLOT_LARGE, (n, 90, 100)) for n in (40, 80))
    foreign = small_picture(cast.jiangzhou.tenant, Purpose.SLOT_LARGE, (1, 2, 3))

    answer = Browser(app, full.house.editor).post(
        full.at("slots/arrive"), {"position": "2", "asset": [first, foreign, second]}
    )

    assert answer.status_code == 303
    made = payloads(full.house.tenant, Kind.SLOT)
    assert sorted(one["position"] for one in made) == [1, 2, 3]
    assert [purpose(full, one["image"]) for one in made[1:]] == ["slot_middle", "slot_middle"]


def test_no_more_pictures_are_looked_for_than_may_be_dropped_at_once(full: Full, app: Flask) -> None:
    known = small_picture(full.house.tenant, Purpose.SLOT_LARGE, (40, 90, 100))
    browser = Browser(app, full.house.editor)
    made_up = [f"{number:064x}" for number in range(UPLOADS.files_at_once)]

    answer = browser.post(full.at("slots/arrive"), {"position": "2", "asset": [*made_up, known]})

    assert "请先选择图片。" in browser.get(answer.location or "").text
    assert positions(full) == {"湖畔早餐": 1}


def test_what_is_no_picture_or_has_no_place_is_named_and_the_rest_kept(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    files = [(BytesIO(b"no picture"), "坏.png"), upload(name="九.png"), upload(name="十.png"), upload(name="多.png")]

    answer = browser.post(full.at("slots/arrive"), {"position": "9", "files": files})
    page = browser.get(answer.location or "").text

    assert (answer.status_code, positions(full)) == (303, {"湖畔早餐": 1, "九": 9, "十": 10})
    assert ("坏.png：" in page, "多.png：桌面首页只有 10 个推荐位。" in page) == (True, True)


def test_empty_place_needs_something_to_open(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    for name in ("item", "second", "first"):
        kind = "items" if name == "item" else "columns"
        assert (
            browser.post(full.at(f"zone/{kind}/{{{name}}}/delete"), {"version": full.version(name)}).status_code == 303
        )

    answer = drop(browser, full.at("slots/arrive"), 2, "二.png")

    assert "还没有栏目可以打开" in browser.get(answer.location or "").text
    assert positions(full) == {"湖畔早餐": 1}


def test_group_editor_fills_places_of_the_own_group(full: Full, app: Flask) -> None:
    drop(Browser(app, full.house.group_editor), full.at("slots/arrive"), 1, "城东.png")

    found = {one.envelope.title: one.envelope.targets for one in _views(full)}
    assert found == {"湖畔早餐": (), "城东": (full.house.region,)}


@pytest.mark.parametrize("position", ["0", "11"])
def test_place_that_does_not_exist_takes_nothing(full: Full, app: Flask, position: str) -> None:
    answer = Browser(app, full.house.editor).post(full.at("slots/arrive"), {"position": position, "files": [upload()]})

    assert (answer.status_code, positions(full)) == (404, {"湖畔早餐": 1})


def test_move_is_taken_back_by_its_button(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    answer = browser.post(full.at("slots/{slot}/move"), {"version": full.version("slot"), "to": "4"})

    undone = take_back(browser, browser.get(answer.location or "").text)

    assert (undone.status_code, positions(full)) == (303, {"湖畔早餐": 1})


def _views(full: Full) -> list[ObjectView]:
    with tenant_session(full.house.tenant.id) as session:
        return list(objects(session, [Kind.SLOT]).values())


# the part of a picture


def cut(browser: Browser, full: Full, **typed: str) -> TestResponse:
    image = full.payload("slot")["image"]
    fields = {"sha256": image, "purpose": "slot_small", "left": "0.1", "top": "0", "width": "0.5"}
    return browser.post(full.at("crop"), {**fields, **typed})


def test_part_of_a_picture_is_a_picture_of_the_library(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    answer = cut(browser, full)
    made = answer.get_json()["sha256"]

    again = cut(browser, full, sha256=made, left="0.5").get_json()["sha256"]

    assert (answer.status_code, purpose(full, made), purpose(full, again)) == (200, "slot_small", "slot_small")
    with browser.get(f"{full.house.path}/media/original/{made}") as original:
        assert (original.status_code, original.mimetype) == (200, "image/jpeg")


@pytest.mark.parametrize("typed", [{"sha256": "a" * 64}, {"sha256": ""}, {"purpose": "nothing"}])
def test_part_of_nothing_is_not_found(full: Full, app: Flask, typed: dict[str, str]) -> None:
    assert cut(Browser(app, full.house.editor), full, **typed).status_code == 404


def test_picture_of_another_house_is_neither_cut_nor_shown(full: Full, app: Flask, cast: Cast) -> None:
    foreign = small_picture(cast.jiangzhou.tenant, Purpose.FRAME, (1, 2, 3))
    browser = Browser(app, full.house.editor)

    assert cut(browser, full, sha256=foreign).status_code == 404
    assert browser.get(f"{full.house.path}/media/original/{foreign}").status_code == 404


def test_draft_that_is_saved_by_itself_can_be_dropped_on_the_same_page(full: Full, app: Flask) -> None:
    browser, address = Browser(app, full.house.editor), full.at("slots/{slot}")
    waiting = '<form method="post" action="' + address + '/discard" data-module="submit-once" data-with-draft hidden>'
    with_draft = browser.get(address).text
    newest = view_of(full.house.tenant, full.ids["slot"]).newest
    chosen = [Chosen(ObjectId(newest.object_id), newest.sha256)]
    in_tenant(full.house.tenant, lambda ctx: submit_for_review(ctx, chosen, title=""), acting(full.house.editor))

    without = browser.get(address).text

    assert (address + "/discard" in with_draft, waiting in with_draft, waiting in without) == (True, False, True)
