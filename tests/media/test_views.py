"""The library's pages and the files: many at once, each on its own; nobody else's, inert, in ranges."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.database import tenant_session
from portal.core.ids import new_id
from portal.media.models import MediaAsset
from portal.media.states import Purpose
from tests.world.browser import Browser
from tests.world.building import add_picture, picture
from tests.world.cast import Cast, House
from tests.world.counting import counted_queries


def assets(house: House) -> list[MediaAsset]:
    with tenant_session(house.tenant.id) as session:
        return list(session.scalars(select(MediaAsset).order_by(MediaAsset.id)))


def asset(house: House, colour: tuple[int, int, int] = (20, 90, 100), purpose: Purpose = Purpose.ITEM) -> MediaAsset:
    sha256 = add_picture(house.tenant, purpose, colour)
    return next(row for row in assets(house) if row.sha256 == sha256)


def names(page: str) -> list[str]:
    return re.findall(r'<b class="cut" title="(.*?)"', page)


def library(house: House, act: str = "") -> str:
    return f"{house.path}/media" + (f"/{act}" if act else "")


def upload(browser: Browser, house: House, *files: tuple[bytes, str], **more: str) -> Any:
    data = {"files": [(io.BytesIO(data), name) for data, name in files], "purpose": "item", **more}
    return browser.post(library(house, "upload"), data, content_type="multipart/form-data")


class TestUpload:
    def test_many_files_are_taken_at_once(self, cast: Cast, app: Flask) -> None:
        browser, house = Browser(app, cast.yunqi.editor), cast.yunqi

        answer = upload(browser, house, (picture((1, 2, 3)), "早餐.png"), (picture((9, 2, 3)), "../../温泉.png"))

        assert (answer.status_code, answer.location) == (303, library(house))
        assert [row.name for row in assets(house)] == ["早餐.png", "温泉.png"]
        assert "已加入 2 个文件。" in browser.get(library(house)).text

    def test_bad_file_spoils_none_of_the_others(self, cast: Cast, app: Flask) -> None:
        browser, house = Browser(app, cast.yunqi.editor), cast.yunqi

        answer = upload(
            browser, house, (picture((1, 2, 3)), "好.png"), (b"<svg onload=alert(1)>", "坏.png"), (b"", "空.png")
        )

        assert answer.status_code == 422
        assert [row.name for row in assets(house)] == ["好.png"]
        assert "2 个文件没有收，1 个已加入" in answer.text
        assert re.findall(r"<li><b>(.*?)</b>：(.*?)</li>", answer.text) == [
            ("坏.png", "不接受 SVG 矢量图，它可以夹带脚本。请导出为 PNG 再上传。"),
            ("空.png", "这个文件是空的。请重新选择图片。"),
        ]

    def test_video_is_known_by_its_content(self, cast: Cast, app: Flask, clip: Path) -> None:
        answer = upload(Browser(app, cast.yunqi.editor), cast.yunqi, (clip.read_bytes(), "短片.jpg"))

        row = assets(cast.yunqi)[0]
        assert answer.status_code == 303
        assert (row.kind, row.type, row.purpose) == ("video", "video/mp4", None)

    def test_purpose_decides_about_the_shape(self, cast: Cast, app: Flask) -> None:
        upload(Browser(app, cast.yunqi.editor), cast.yunqi, (picture(), "图.png"), purpose="slot_small")

        row = assets(cast.yunqi)[0]
        assert (row.purpose, row.width, row.height) == ("slot_small", 326, 190)

    def test_name_of_a_stranger_is_data(self, cast: Cast, app: Flask) -> None:
        browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
        upload(browser, house, (picture(), '"><script>alert(1)</script>.png'))

        page = browser.get(library(house)).text

        assert "<script>alert" not in page

    @pytest.mark.parametrize("count", [0, 51])
    def test_number_of_files_is_bounded(self, cast: Cast, app: Flask, count: int) -> None:
        answer = upload(Browser(app, cast.yunqi.editor), cast.yunqi, *[(b"x", f"{n}.png") for n in range(count)])

        assert answer.status_code == 422
        assert "请选择 1 到 50 个文件。" in answer.text

    def test_who_may_upload(self, cast: Cast, app: Flask) -> None:
        path = library(cast.yunqi, "upload")

        for person, status in (
            (cast.yunqi.group_editor, 200),
            (cast.reviewer, 403),
            (cast.yunqi.province, 403),
            (cast.jiangzhou.editor, 404),
        ):
            browser = Browser(app, person)
            assert browser.get(path).status_code == status, person.username
            if status != 200:
                assert upload(browser, cast.yunqi, (picture(), "图.png")).status_code == status, person.username
        assert assets(cast.yunqi) == []


class TestLibrary:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", 2),
            ("kind=image", 2),
            ("kind=video", 0),
            ("purpose=logo", 1),
            ("purpose=nonsense&kind=nonsense", 2),
            ("q=tu", 2),
            ("q=没有", 0),
            ("view=list", 2),
            ("bin=1", 0),
        ],
    )
    def test_filters_stand_in_the_address(self, cast: Cast, app: Flask, query: str, expected: int) -> None:
        asset(cast.yunqi)
        asset(cast.yunqi, (1, 2, 3), Purpose.LOGO)
        asset(cast.jiangzhou)

        answer = Browser(app, cast.yunqi.editor).get(f"{library(cast.yunqi)}?{query}")

        assert answer.status_code == 200
        assert len(set(re.findall(rf'href="{library(cast.yunqi)}/([0-9a-f-]{{36}})"', answer.text))) == expected

    def test_deleted_file_comes_back_from_the_bin(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.editor)
        row = asset(house)

        deleted = browser.post(library(house, f"{row.id}/delete"))
        shelf, trash = names(browser.get(library(house)).text), names(browser.get(library(house) + "?bin=1").text)
        restored = browser.post(library(house, f"{row.id}/restore"))

        assert (deleted.status_code, restored.status_code) == (303, 303)
        assert (shelf, trash) == ([], ["图.png"])
        assert names(browser.get(library(house)).text) == ["图.png"]

    def test_file_in_use_stays_and_the_page_says_where(self, cast: Cast, app: Flask) -> None:
        house, browser = cast.yunqi, Browser(app, cast.yunqi.editor)
        row = asset(house, purpose=Purpose.LOGO)
        browser.post(f"{house.path}/content/logo/new", {"image": row.sha256})

        answer = browser.post(library(house, f"{row.id}/delete"))

        assert answer.status_code == 409
        assert "还有 1 处在用这个文件" in answer.text
        assert re.findall(r'<b>(.*?)</b> <span class="meta">(.*?)</span>', answer.text) == [("定制logo", "草稿")]
        assert "用在 1 处" in browser.get(library(house)).text

    def test_who_may_look_and_who_may_delete(self, cast: Cast, app: Flask) -> None:
        row = asset(cast.yunqi)
        expected = [
            (cast.yunqi.editor, 200, 303),
            (cast.yunqi.group_editor, 200, 403),
            (cast.reviewer, 200, 403),
            (cast.support, 403, 403),
            (cast.yunqi.province, 403, 403),
            (cast.jiangzhou.admin, 404, 404),
        ]

        for person, look, act in expected:
            browser = Browser(app, person)
            found = [
                browser.get(library(cast.yunqi)).status_code,
                browser.get(library(cast.yunqi, row.id)).status_code,
                browser.post(library(cast.yunqi, f"{row.id}/restore")).status_code,
            ]
            assert found == [look, look, act], person.username

    def test_file_of_a_neighbour_is_not_found(self, cast: Cast, app: Flask) -> None:
        browser, strange = Browser(app, cast.yunqi.admin), asset(cast.jiangzhou)

        answers = [
            browser.get(library(cast.yunqi, strange.id)),
            browser.post(library(cast.yunqi, f"{strange.id}/delete")),
            browser.post(library(cast.yunqi, f"{strange.id}/restore")),
            browser.get(library(cast.yunqi, new_id())),
        ]

        assert [answer.status_code for answer in answers] == [404] * 4

    def test_wrong_methods_are_refused(self, cast: Cast, app: Flask) -> None:
        browser, row = Browser(app, cast.yunqi.admin), asset(cast.yunqi)

        answers = [
            browser.client.put(library(cast.yunqi)),
            browser.post(library(cast.yunqi, row.id)),
            browser.get(library(cast.yunqi, f"{row.id}/delete")),
            browser.get(library(cast.yunqi, f"{row.id}/restore")),
            browser.post(library(cast.yunqi, f"file/{row.sha256}")),
        ]

        assert [answer.status_code for answer in answers] == [405] * 5

    def test_library_takes_as_many_queries_for_three_as_for_one(self, cast: Cast, app: Flask) -> None:
        browser, counts = Browser(app, cast.yunqi.editor), []
        for colours in ([(1, 1, 1)], [(2, 2, 2), (3, 3, 3)]):
            for colour in colours:
                asset(cast.yunqi, colour)
            with counted_queries() as found:
                browser.get(library(cast.yunqi))
            counts.append(len(found))

        assert counts[0] == counts[1] <= 13


def fetch(browser: Browser, path: str, **more: Any) -> Any:
    """A file is read to its end and closed, as a server does."""
    return browser.get(path, buffered=True, **more)


class TestFile:
    def test_file_is_private_and_inert(self, cast: Cast, app: Flask) -> None:
        row = asset(cast.yunqi)

        answer = fetch(Browser(app, cast.yunqi.editor), library(cast.yunqi, f"file/{row.sha256}"))

        headers = answer.headers
        assert (answer.status_code, len(answer.data), answer.mimetype) == (200, row.bytes, row.type)
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, max-age=600, immutable"
        assert headers["ETag"] == f'"{row.sha256}"'
        assert headers["Vary"] == "Cookie"

    def test_smaller_renditions_are_sent_too(self, cast: Cast, app: Flask) -> None:
        row = asset(cast.yunqi)
        small = min(row.variants, key=lambda each: each["width"])

        answer = fetch(Browser(app, cast.yunqi.editor), library(cast.yunqi, f"file/{small['sha256']}"))

        assert (answer.status_code, len(answer.data)) == (200, small["bytes"])
        assert small["sha256"] != row.sha256

    def test_original_is_not_sent(self, cast: Cast, app: Flask) -> None:
        row = asset(cast.yunqi, purpose=Purpose.SLOT_SMALL)
        assert row.original_sha256 is not None

        answer = fetch(Browser(app, cast.yunqi.editor), library(cast.yunqi, f"file/{row.original_sha256}"))

        assert answer.status_code == 404

    def test_poster_of_a_video_is_sent(self, cast: Cast, app: Flask, clip: Path) -> None:
        browser = Browser(app, cast.yunqi.editor)
        upload(browser, cast.yunqi, (clip.read_bytes(), "短片.mp4"))
        poster = assets(cast.yunqi)[0].poster
        assert poster is not None

        answer = fetch(browser, library(cast.yunqi, f"file/{poster['sha256']}"))

        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")

    def test_part_of_a_file_is_sent(self, cast: Cast, app: Flask) -> None:
        row, browser = asset(cast.yunqi), Browser(app, cast.yunqi.editor)
        path = library(cast.yunqi, f"file/{row.sha256}")
        whole = fetch(browser, path).data

        part = fetch(browser, path, headers={"Range": "bytes=10-19"})
        beyond = fetch(browser, path, headers={"Range": f"bytes={row.bytes}-"})

        assert (part.status_code, part.data) == (206, whole[10:20])
        assert part.headers["Content-Range"] == f"bytes 10-19/{row.bytes}"
        assert beyond.status_code == 416

    def test_what_the_browser_has_is_not_sent_again_but_access_is_asked_first(self, cast: Cast, app: Flask) -> None:
        row = asset(cast.yunqi)
        path, known = library(cast.yunqi, f"file/{row.sha256}"), {"If-None-Match": f'"{row.sha256}"'}

        own = fetch(Browser(app, cast.yunqi.editor), path, headers=known)
        stranger = fetch(Browser(app, cast.jiangzhou.editor), path, headers=known)

        assert (own.status_code, own.data, stranger.status_code) == (304, b"", 404)

    def test_hash_of_a_neighbour_answers_like_a_made_up_one(self, cast: Cast, app: Flask) -> None:
        strange, browser = asset(cast.jiangzhou), Browser(app, cast.yunqi.admin)

        answers = [
            fetch(browser, library(cast.yunqi, f"file/{sha256}"))
            for sha256 in (strange.sha256, strange.variants[-1]["sha256"], "0" * 64, "%" * 64, "_" * 64)
        ]

        assert [answer.status_code for answer in answers] == [404] * 5
        assert len({len(answer.data) for answer in answers}) == 1

    def test_who_may_see_drafts_may_see_their_files(self, cast: Cast, app: Flask) -> None:
        row = asset(cast.yunqi)
        path = library(cast.yunqi, f"file/{row.sha256}")

        for person, status in (
            (cast.yunqi.group_editor, 200),
            (cast.reviewer, 200),
            (cast.operator, 200),
            (cast.support, 403),
            (cast.yunqi.province, 403),
            (cast.jiangzhou.province, 404),
            (cast.auditor, 404),
        ):
            assert fetch(Browser(app, person), path).status_code == status, person.username
        assert app.test_client().get(path).status_code == 302
