"""The zone: two levels of columns, items of three kinds, order, many files at once."""

import re
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.content.kinds import Kind
from portal.media.ffmpeg import find_ffmpeg
from tests.media import videos
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.content import (
    Full,
    a_column,
    an_item,
    field_errors,
    hidden_fields,
    payloads,
    take_back,
    upload,
    value_of,
)

TEXT = {"kind": "text", "title": "健康讲堂", "html": "<p>早睡早起</p>", "seconds": "15"}


def columns(full: Full) -> list[tuple[str, str | None]]:
    names = {full.ids["first"]: "酒店服务"}
    found = payloads(full.house.tenant, Kind.COLUMN)
    return [(one["title"], names.get(one["parent"], one["parent"])) for one in found]


def titles_in_order(full: Full, kind: Kind) -> list[str]:
    found = payloads(full.house.tenant, kind)
    return [one["title"] for one in sorted(found, key=lambda one: one["order"])]


def form_of(full: Full, **more: str) -> dict[str, str]:
    return {**TEXT, "column": full.ids["second"], **more}


# the tree


def test_page_opens_at_the_first_column_with_items(full: Full, app: Flask) -> None:
    page = Browser(app, full.house.editor).get(full.at("zone/")).text

    assert re.search(r'<a class="cut" href="[^"]*"\s+aria-current="page" title="客房服务"', page) is not None
    assert "入住须知" in page


def test_zone_of_a_new_tenant_says_what_to_do(app: Flask, cast: Cast) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/content/zone/").text

    assert ("电视上还没有专区" in page, "新建一级栏目" in page) == (True, True)


def test_columns_of_both_levels_are_created_at_the_end(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    first = browser.post(full.at("zone/columns/new"), {"title": "餐饮", "parent": ""})
    second = browser.post(full.at("zone/columns/new"), {"title": "会议宴会", "parent": full.ids["first"]})

    assert (first.status_code, second.status_code) == (303, 303)
    assert columns(full) == [("酒店服务", None), ("客房服务", "酒店服务"), ("餐饮", None), ("会议宴会", "酒店服务")]
    assert [one["order"] for one in payloads(full.house.tenant, Kind.COLUMN)] == [10, 10, 20, 20]


def test_third_level_is_refused(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("zone/columns/new"), {"title": "三级", "parent": full.ids["second"]})

    assert answer.status_code == 422
    assert field_errors(answer.text) == {"parent": "栏目只有两级，不能再往下建。"}
    assert value_of(answer.text, "title") == "三级"


def test_column_with_columns_cannot_become_one_of_the_second_level(full: Full, app: Flask) -> None:
    other = a_column(full.house.tenant, "餐饮", order=20)
    fields = {"title": "酒店服务", "parent": other.object_id, "version": full.version("first"), "order": "10"}

    answer = Browser(app, full.house.editor).post(full.at("zone/columns/{first}"), fields)

    assert answer.status_code == 422
    assert "栏目只有两级" in answer.text


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("", "请填写此项。"),
        ("十三个字的栏目名称太长了啊啊啊", "最多 12 个字符。"),
        ("a\u202eb", "含有不能显示的控制字符或换行，请删去。"),
    ],
)
def test_title_is_judged_at_its_field(full: Full, app: Flask, title: str, sentence: str) -> None:
    answer = Browser(app, full.house.editor).post(full.at("zone/columns/new"), {"title": title})

    assert (answer.status_code, field_errors(answer.text)) == (422, {"title": sentence})


def test_column_is_renamed_and_keeps_its_place(full: Full, app: Flask) -> None:
    fields = {"title": "客房", "parent": full.ids["first"], "version": full.version("second"), "order": "10"}

    answer = Browser(app, full.house.editor).post(full.at("zone/columns/{second}"), fields)

    assert (answer.status_code, answer.location) == (303, full.at("zone/{second}"))
    assert full.payload("second")["title"] == "客房"


def test_columns_are_put_in_order(full: Full, app: Flask) -> None:
    other = a_column(full.house.tenant, "餐饮", order=20)
    browser = Browser(app, full.house.editor)
    ids = [full.ids["first"], other.object_id]

    browser.client.post(
        full.at("zone/columns/order"),
        data=MultiDict([("csrf_token", browser.form_token), *(("order", one) for one in reversed(ids))]),
    )

    assert [title for title in titles_in_order(full, Kind.COLUMN) if title != "客房服务"] == ["餐饮", "酒店服务"]


@pytest.mark.parametrize(
    ("button", "moved", "expected"),
    [
        ("move_up", 1, ["二", "一"]),
        ("move_down", 0, ["二", "一"]),
        ("move_up", 0, ["一", "二"]),
        ("move_down", 1, ["一", "二"]),
    ],
)
def test_buttons_move_without_scripts(
    full: Full, app: Flask, cast: Cast, button: str, moved: int, expected: list[str]
) -> None:
    tenant = cast.jiangzhou.tenant
    ids = [a_column(tenant, title, order=10 * n).object_id for n, title in enumerate(("一", "二"), start=1)]
    browser = Browser(app, cast.jiangzhou.editor)

    browser.client.post(
        f"{cast.jiangzhou.path}/content/zone/columns/order",
        data=MultiDict(
            [("csrf_token", browser.form_token), ("order", ids[0]), ("order", ids[1]), (button, ids[moved])]
        ),
    )

    found = payloads(tenant, Kind.COLUMN)
    assert [one["title"] for one in sorted(found, key=lambda one: one["order"])] == expected


def test_order_over_two_places_is_refused(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    both = [("order", full.ids["first"]), ("order", full.ids["second"])]

    answer = browser.client.post(
        full.at("zone/columns/order"), data=MultiDict([("csrf_token", browser.form_token), *both])
    )

    assert answer.status_code == 404


def test_column_with_something_in_it_cannot_be_deleted(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("zone/columns/{second}/delete"), {"version": full.version("second")})

    assert (answer.status_code, "「入住须知」还在用它，请先改掉那一处。" in answer.text) == (409, True)
    assert len(columns(full)) == 2


def test_empty_column_is_deleted(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    browser.post(full.at("zone/items/{item}/delete"), {"version": full.version("item")})

    answer = browser.post(full.at("zone/columns/{second}/delete"), {"version": full.version("second")})

    assert answer.status_code == 303
    assert columns(full) == [("酒店服务", None)]


# items


def test_text_item_is_saved_at_the_end(full: Full, app: Flask) -> None:
    answer = Browser(app, full.house.editor).post(full.at("zone/items/new"), form_of(full))

    assert (answer.status_code, answer.location) == (303, full.at("zone/{second}"))
    assert titles_in_order(full, Kind.ITEM) == ["入住须知", "健康讲堂"]


def test_html_is_cleaned_and_said_so(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    dirty = '<p class="c-red evil" onclick="x()">好<script>alert(1)</script></p><img src=x onerror=y><h1>题</h1>'

    answer = browser.post(full.at("zone/items/new"), form_of(full, html=dirty))

    assert answer.status_code == 303
    assert payloads(full.house.tenant, Kind.ITEM)[1]["html"] == '<p class="c-red">好</p>\n题'
    assert "电视不能显示的格式已去掉" in browser.get(answer.location or "").text


def test_html_without_text_is_refused(full: Full, app: Flask) -> None:
    for empty in ("", "<p><br></p>", "<script>alert(1)</script>"):
        answer = Browser(app, full.house.editor).post(full.at("zone/items/new"), form_of(full, html=empty))
        assert (answer.status_code, field_errors(answer.text)) == (422, {"html": "请填写图文的正文。"}), empty


def test_html_that_is_too_long_is_refused_and_kept(full: Full, app: Flask) -> None:
    long = "<p>" + "字" * 20_000 + "</p>"

    answer = Browser(app, full.house.editor).post(full.at("zone/items/new"), form_of(full, html=long))

    assert answer.status_code == 422
    assert field_errors(answer.text) == {"html": "正文太长，连格式最多 20000 个字符。请拆成几条。"}
    assert value_of(answer.text, "html") == long


def test_image_item_needs_a_picture_and_seconds(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    without = browser.post(full.at("zone/items/new"), form_of(full, kind="image"))
    endless = browser.post(
        full.at("zone/items/new"), {**form_of(full, kind="image", seconds=""), "asset_upload": upload()}
    )
    absurd = browser.post(
        full.at("zone/items/new"), {**form_of(full, kind="image", seconds="十秒"), "asset_upload": upload()}
    )
    short = browser.post(
        full.at("zone/items/new"), {**form_of(full, kind="image", seconds="1"), "asset_upload": upload()}
    )
    right = browser.post(
        full.at("zone/items/new"), {**form_of(full, kind="image", seconds="１２"), "asset_upload": upload()}
    )

    assert [one.status_code for one in (without, endless, absurd, short, right)] == [422, 422, 422, 422, 303]
    assert field_errors(without.text) == {"asset_upload": "请选择图片。"}
    assert field_errors(endless.text) == {"seconds": "请填写展示时长。"}
    assert (field_errors(absurd.text), field_errors(short.text)) == (
        {"seconds": "请填写整数。"},
        {"seconds": "不能小于 3。"},
    )
    assert value_of(absurd.text, "seconds") == "十秒"
    assert payloads(full.house.tenant, Kind.ITEM)[1]["seconds"] == 12


def test_item_goes_into_the_second_level_only(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    first = browser.post(full.at("zone/items/new"), form_of(full, column=full.ids["first"]))
    nowhere = browser.post(full.at("zone/items/new"), form_of(full, column=""))

    assert field_errors(first.text) == {"column": "内容要放在二级栏目里。"}
    assert field_errors(nowhere.text) == {"column": "请填写此项。"}


def test_item_moves_to_another_column(full: Full, app: Flask) -> None:
    other = a_column(full.house.tenant, "会议宴会", full.ids["first"])
    fields = form_of(full, column=other.object_id, version=full.version("item"), order="10")

    answer = Browser(app, full.house.editor).post(full.at("zone/items/{item}"), fields)

    assert (answer.status_code, answer.location) == (303, full.at(f"zone/{other.object_id}"))
    assert full.payload("item")["column"] == other.object_id


def test_until_before_from_is_refused_and_kept(full: Full, app: Flask) -> None:
    window = {"windows-0-from_": "2026-12-31", "windows-0-until": "2026-12-01", "windows-0-start": "25:00"}

    answer = Browser(app, full.house.editor).post(full.at("zone/items/new"), {**form_of(full), **window})

    assert answer.status_code == 422
    assert ("结束日期不能早于开始日期。" in answer.text, "请填写时间，例如 08:30。" in answer.text) == (True, True)
    assert value_of(answer.text, "windows-0-until") == "2026-12-01"


def test_window_is_added_and_removed_without_scripts(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    one = browser.post(full.at("zone/items/new"), form_of(full, add_window="windows"))
    none = browser.post(full.at("zone/items/new"), {**form_of(full, remove_window="0"), "windows-0-start": "08:00"})

    assert (one.status_code, none.status_code) == (200, 200)
    assert ('name="windows-0-start"' in one.text, 'name="windows-0-start"' in none.text) == (True, False)
    assert value_of(one.text, "title") == "健康讲堂"


def test_two_tabs_of_one_item_are_shown_side_by_side(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    read = full.version("item")
    browser.post(full.at("zone/items/{item}"), form_of(full, title="别人的", version=read, order="10"))

    clash = browser.post(full.at("zone/items/{item}"), form_of(full, title="我的", version=read, order="10"))
    again = browser.post(full.at("zone/items/{item}"), hidden_fields(clash.text))

    assert clash.status_code == 409
    assert ("<ins>别人</ins>的" in clash.text, "<ins>我</ins>的" in clash.text) == (True, True)
    assert (again.status_code, full.payload("item")["title"]) == (303, "我的")


def test_items_are_put_in_order(full: Full, app: Flask) -> None:
    other = an_item(full.house.tenant, full.ids["second"], "第二条", 20)
    browser = Browser(app, full.house.editor)

    browser.client.post(
        full.at("zone/items/order"),
        data=MultiDict([("csrf_token", browser.form_token), ("order", other.object_id), ("order", full.ids["item"])]),
    )

    assert titles_in_order(full, Kind.ITEM) == ["第二条", "入住须知"]


def test_group_editor_adds_to_a_shared_column_and_cannot_touch_it(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.group_editor)

    added = browser.post(full.at("zone/items/new"), form_of(full, targets=full.house.shop))
    page = browser.get(full.at("zone/{second}")).text
    renamed = browser.post(
        full.at("zone/columns/{second}"),
        {"title": "改名", "parent": full.ids["first"], "version": full.version("second"), "targets": full.house.shop},
    )
    deleted = browser.post(full.at("zone/columns/{second}/delete"), {"version": full.version("second")})

    assert (added.status_code, renamed.status_code, deleted.status_code) == (303, 403, 403)
    assert full.at("zone/columns/{second}/delete") not in page
    assert titles_in_order(full, Kind.COLUMN) == ["酒店服务", "客房服务"]


# many files at once


def test_many_files_become_items_and_each_bad_one_is_named(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    files = [upload(name="湖畔.png"), upload(b"just text", "假的.png"), upload(name="大堂.png")]

    answer = browser.client.post(
        full.at("zone/{second}/upload"),
        data={"csrf_token": browser.form_token, "files": files},
    )
    page = browser.get(answer.location or "").text

    assert titles_in_order(full, Kind.ITEM) == ["入住须知", "湖畔", "大堂"]
    assert ("2 个条目已存为草稿。" in page, "假的.png：" in page) == (True, True)


def test_upload_without_files_says_so(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("zone/{second}/upload"))

    assert "请先选择图片或视频。" in browser.get(answer.location or "").text


def test_upload_to_a_column_of_the_first_level_changes_nothing(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.client.post(
        full.at("zone/{first}/upload"), data={"csrf_token": browser.form_token, "files": [upload()]}
    )

    assert (answer.status_code, "内容要放在二级栏目里。" in answer.text) == (422, True)
    assert titles_in_order(full, Kind.ITEM) == ["入住须知"]


@pytest.mark.skipif(find_ffmpeg() is None, reason="needs ffmpeg")
def test_video_becomes_an_item_that_plays_to_its_end(full: Full, app: Flask, tmp_path: Path) -> None:
    browser = Browser(app, full.house.editor)
    film = videos.make(tmp_path / "film.mp4", *videos.H264, "-c:a", "aac").read_bytes()

    answer = browser.post(
        full.at("zone/items/new"),
        {**form_of(full, kind="video", seconds=""), "video_upload": upload(film, "宣传片.mp4")},
    )

    assert answer.status_code == 303
    saved = payloads(full.house.tenant, Kind.ITEM)[1]
    assert (saved["kind"], saved["seconds"]) == ("video", None)
    assert '<span class="play">' in browser.get(answer.location or "").text


def test_text_file_that_says_it_is_a_video_is_refused(full: Full, app: Flask) -> None:
    fields = {**form_of(full, kind="video"), "video_upload": upload(b"#EXTM3U\nhttp://a/b.ts", "film.mp4")}

    answer = Browser(app, full.house.editor).post(full.at("zone/items/new"), fields)

    assert (answer.status_code, list(field_errors(answer.text))) == (422, ["video_upload"])


def nest(full: Full, browser: Browser, parent: str, **more: str) -> TestResponse:
    fields = {"column": full.ids["second"], "version": full.version("second"), "parent": parent}
    return browser.post(full.at("zone/columns/nest"), {**fields, **more})


def test_column_goes_below_another_and_back(full: Full, app: Flask) -> None:
    browser, other = Browser(app, full.house.editor), str(a_column(full.house.tenant, "周边").object_id)
    a_column(full.house.tenant, "交通", other, order=30)

    answer = nest(full, browser, other, here=full.ids["second"])
    moved = full.payload("second")
    undone = take_back(browser, browser.get(answer.location or "").text)

    assert (answer.status_code, moved["parent"], moved["order"] > 30) == (303, other, True)
    assert (undone.status_code, full.payload("second")["parent"]) == (303, full.ids["first"])


@pytest.mark.parametrize(("parent", "status"), [("second", 422), ("item", 404), ("marquee", 404)])
def test_column_goes_only_below_one_of_the_first_level(full: Full, app: Flask, parent: str, status: int) -> None:
    browser = Browser(app, full.house.editor)
    other = str(a_column(full.house.tenant, "交通", full.ids["first"]).object_id)
    wanted = other if parent == "second" else full.ids[parent]

    answer = nest(full, browser, wanted)

    assert (answer.status_code, full.payload("second")["parent"]) == (status, full.ids["first"])


def test_column_of_an_old_page_stays(full: Full, app: Flask) -> None:
    other = str(a_column(full.house.tenant, "周边").object_id)

    answer = nest(full, Browser(app, full.house.editor), other, version="0")

    assert (answer.status_code, full.payload("second")["parent"]) == (409, full.ids["first"])
