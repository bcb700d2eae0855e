"""The logo's pages: upload, from the library, on dark and light, per group."""

import html
import re

from flask import Flask

from portal.content.kinds import Kind
from portal.media.states import Purpose
from tests.world.browser import Browser
from tests.world.building import picture
from tests.world.cast import Cast
from tests.world.content import (
    Full,
    a_logo,
    field_errors,
    hidden_fields,
    huge_png,
    payloads,
    small_picture,
    summary,
    upload,
    value_of,
    view_of,
)


def test_uploaded_picture_becomes_the_draft(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)

    answer = browser.post(f"{cast.yunqi.path}/content/logo/new", {"image_upload": upload()})

    assert (answer.status_code, answer.location) == (303, f"{cast.yunqi.path}/content/logo/")
    assert len(payloads(cast.yunqi.tenant, Kind.LOGO)) == 1
    page = browser.get(answer.location or "").text
    assert (page.count("theme=dark"), page.count("theme=light")) == (1, 1)
    assert "草稿已保存。" in page


def test_picture_of_the_library_is_made_fit(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)
    frame = small_picture(cast.yunqi.tenant, Purpose.FRAME)

    answer = browser.post(f"{cast.yunqi.path}/content/logo/new", {"image": frame})

    assert answer.status_code == 303
    [saved] = payloads(cast.yunqi.tenant, Kind.LOGO)
    assert saved["image"] != frame


def test_nothing_chosen_is_said_at_the_field(app: Flask, cast: Cast) -> None:
    answer = Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/content/logo/new", {"image": ""})

    assert answer.status_code == 422
    assert field_errors(answer.text) == {"image_upload": "请填写此项。"}


def test_file_that_is_no_picture_is_refused_at_the_field(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)
    address = f"{cast.yunqi.path}/content/logo/new"

    for data in (b"just some text", huge_png(), picture(size=(64, 64))[:60], b""):
        answer = browser.post(address, {"image_upload": upload(data)})
        assert (answer.status_code, list(field_errors(answer.text))) == (422, ["image_upload"]), data[:20]

    assert payloads(cast.yunqi.tenant, Kind.LOGO) == []


def test_picture_is_kept_where_something_else_is_wrong(app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.yunqi.editor)
    address = f"{cast.yunqi.path}/content/logo/new"

    wrong = browser.post(address, {"image_upload": upload(), "targets": "no such group"})
    kept = value_of(wrong.text, "image")
    right = browser.post(address, {"image": kept})

    assert wrong.status_code == 422
    assert right.status_code == 303
    assert [one["image"] for one in payloads(cast.yunqi.tenant, Kind.LOGO)] == [kept]


def test_second_logo_for_the_same_group_is_refused(full: Full, app: Flask) -> None:
    answer = Browser(app, full.house.editor).post(full.at("logo/new"), {"image_upload": upload()})

    assert answer.status_code == 422
    assert summary(answer.text) == ["给谁看：同一分组已经有一个logo。"]


def test_group_may_have_its_own(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    browser.post(full.at("logo/new"), {"image_upload": upload(), "targets": full.house.region})

    page = browser.get(full.at(f"logo/?group={full.house.shop}")).text
    own = payloads(full.house.tenant, Kind.LOGO)[1]["image"]
    sets = [html.unescape(src) for src in re.findall(r'<iframe src="([^"]+)"', page)]
    drawn = browser.get(f"{full.house.path}/preview/document?group={full.house.shop}").get_json()
    assert [f"group={full.house.shop}" in src for src in sets] == [True, True]
    assert ["theme=dark" in sets[0], "theme=light" in sets[1]] == [True, True]
    assert drawn["desktop"]["logo"] == own


def test_two_tabs_are_shown_side_by_side_and_one_is_chosen(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    read = full.version("logo")
    mine, theirs = picture((9, 9, 9), (320, 180)), picture((200, 9, 9), (320, 180))
    browser.post(full.at("logo/{logo}"), {"version": read, "image_upload": upload(theirs)})

    clash = browser.post(full.at("logo/{logo}"), {"version": read, "image_upload": upload(mine)})
    fields = hidden_fields(clash.text)
    again = browser.post(full.at("logo/{logo}"), fields)

    assert clash.status_code == 409
    assert clash.text.count('class="value-picture"') == 2
    assert (again.status_code, full.payload("logo")["image"]) == (303, fields["image"])


def test_deleted_logo_comes_back_from_the_bin(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    browser.post(full.at("logo/{logo}/delete"), {"version": full.version("logo")})
    gone = view_of(full.house.tenant, full.ids["logo"]).is_living
    browser.post(full.at("{logo}/restore"), {"version": full.version("logo")})

    assert (gone, view_of(full.house.tenant, full.ids["logo"]).is_living) == (False, True)


def test_group_editor_sees_the_shared_logo_and_cannot_save_it(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.group_editor)
    a_logo(full.house.tenant, targets=(full.house.region,))

    page = browser.get(full.at("logo/{logo}")).text
    fields = {"version": full.version("logo"), "targets": full.house.region, "image": full.payload("logo")["image"]}
    answer = browser.post(full.at("logo/{logo}"), fields)

    assert 'name="submit_now"' not in page
    assert answer.status_code == 403
