"""Uploads in pieces over the web: begun, broken off, continued, taken in; nobody else's; bounded; thrown away when they rest."""

import io
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.core import clock
from portal.core.database import tenant_session
from portal.media import queries as media
from portal.media import workshop
from portal.media.conversion.jobs import work_off
from portal.media.limits import SOURCES, UPLOADS
from portal.media.models import Conversion, MediaAsset, UnfinishedUpload
from portal.media.uploading.commands import _locked
from portal.media.uploading.jobs import forget_resting
from portal.media.uploading.queries import part_of
from tests.world.browser import Browser
from tests.world.building import picture
from tests.world.cast import Cast, House

PICTURE = picture((7, 8, 9))


def begin(browser: Browser, house: House, data: bytes, name: str = "大堂.png", **more: Any) -> Any:
    fields = {"name": name, "bytes": str(len(data)), "stamp": "1700000000000", "purpose": "item", **more}
    return browser.post(f"{house.path}/media/uploads", fields)


def send(browser: Browser, upload: dict[str, Any], data: bytes, offset: int, end: int | None = None) -> Any:
    piece = (io.BytesIO(data[offset:end]), "piece")
    return browser.post(upload["piece"], {"offset": str(offset), "piece": piece}, content_type="multipart/form-data")


def rows(house: House, model: type[Any]) -> list[Any]:
    with tenant_session(house.tenant.id) as session:
        return list(session.scalars(select(model)))


def used(house: House) -> int:
    with tenant_session(house.tenant.id) as session:
        return media.quota(session).used


def parts() -> list[str]:
    return sorted(path.name for path in workshop.path_of("uploads").glob("*"))


def test_pieces_become_one_file(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    upload = begin(browser, house, PICTURE).json

    first = send(browser, upload, PICTURE, 0, 1000)
    second = send(browser, upload, PICTURE, 1000)
    done = browser.post(upload["finish"])

    (asset,) = rows(house, MediaAsset)
    assert [first.json["offset"], second.json["offset"]] == [1000, len(PICTURE)]
    file = {"sha256": asset.sha256, "kind": "image", "name": "大堂.png", "still": asset.sha256}
    assert done.json == {"state": "ready", "href": f"{house.path}/media/{asset.id}", "file": file}
    assert (asset.name, asset.purpose) == ("大堂.png", "item")
    assert (rows(house, UnfinishedUpload), parts()) == ([], [])


def test_the_same_file_goes_on_where_it_broke_off(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    upload = begin(browser, house, PICTURE).json
    send(browser, upload, PICTURE, 0, 1234)

    again = begin(Browser(app, cast.yunqi.editor), house, PICTURE)
    other = begin(browser, house, PICTURE, stamp="1")
    page = browser.get(f"{house.path}/media/upload").text
    listed = browser.get(f"{house.path}/media/uploads").json["uploads"]

    assert (again.status_code, again.json["id"], again.json["offset"]) == (201, upload["id"], 1234)
    assert other.json["offset"] == 0
    assert [one["offset"] for one in listed] == [1234, 0]
    assert 'data-offset="1234"' in page


def test_a_piece_has_to_begin_where_the_upload_stands(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    upload = begin(browser, house, PICTURE).json
    send(browser, upload, PICTURE, 0, 1000)

    twice = send(browser, upload, PICTURE, 0, 1000)
    ahead = send(browser, upload, PICTURE, 2000)
    early = browser.post(upload["finish"])

    assert [(one.status_code, one.json["offset"]) for one in (twice, ahead, early)] == [(409, 1000)] * 3
    assert part_of(upload["id"]).read_bytes() == PICTURE[:1000]


def test_two_at_once_do_not_mix(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    upload = begin(browser, house, PICTURE).json

    with _locked(part_of(upload["id"])):
        answer = send(browser, upload, PICTURE, 0)

    assert answer.status_code == 409
    assert part_of(upload["id"]).read_bytes() == b""


def test_no_more_arrives_than_was_said(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    upload = begin(browser, house, PICTURE[:100]).json

    answer = send(browser, upload, PICTURE, 0)

    assert answer.status_code == 422
    assert part_of(upload["id"]).stat().st_size == 100


def test_a_bad_file_is_refused_with_the_same_words_and_forgotten(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    data = b"<svg onload=alert(1)>"
    upload = begin(browser, house, data).json
    send(browser, upload, data, 0)

    answer = browser.post(upload["finish"])

    assert (answer.status_code, answer.json["message"]) == (
        422,
        "不接受 SVG 矢量图，它可以夹带脚本。请导出为 PNG 再上传。",
    )
    assert (rows(house, UnfinishedUpload), rows(house, MediaAsset), parts()) == ([], [], [])


def test_a_video_for_the_converter_waits(cast: Cast, app: Flask, film: Path) -> None:
    browser, house, data = Browser(app, cast.yunqi.editor), cast.yunqi, film.read_bytes()
    upload = begin(browser, house, data, "大堂.webm").json
    send(browser, upload, data, 0)

    answer = browser.post(upload["finish"])

    [waiting] = rows(house, Conversion)
    follow = f"{house.path}/media/conversions/{waiting.id}"
    assert answer.json == {"state": "waiting", "href": f"{house.path}/media", "follow": follow}
    assert waiting.name == "大堂.webm"
    assert browser.get(follow).json == {"stage": "waiting", "percent": None, "reason": None, "file": None}


def test_a_conversion_is_followed_until_its_video_can_be_chosen(cast: Cast, app: Flask, film: Path) -> None:
    browser, house, data = Browser(app, cast.yunqi.editor), cast.yunqi, film.read_bytes()
    upload = begin(browser, house, data, "大堂.webm").json
    send(browser, upload, data, 0)
    follow = browser.post(upload["finish"]).json["follow"]

    work_off()

    [made] = rows(house, MediaAsset)
    file = {"sha256": made.sha256, "kind": "video", "name": "大堂.webm", "still": made.poster["sha256"]}
    assert browser.get(follow).json == {"stage": "ready", "percent": None, "reason": None, "file": file}
    assert Browser(app, cast.jiangzhou.editor).get(follow).status_code == 404


def test_what_is_said_to_be_nothing_or_too_much_is_not_begun(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi

    answers = [begin(browser, house, PICTURE, bytes=said) for said in ("0", "-1", "x", str(SOURCES.bytes + 1))]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert rows(house, UnfinishedUpload) == []


def test_quota_is_reserved_and_freed(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    monkeypatch.setattr(media, "TENANT_BYTES", 3_000_000)
    large = begin(browser, house, b"", bytes="2000000")

    refused = begin(browser, house, b"", bytes="2000001", name="b.mp4")
    reserved = used(house)
    dropped = browser.post(large.json["drop"])

    assert (large.status_code, refused.status_code, reserved) == (201, 422, 2_000_000)
    assert "素材空间不够" in refused.json["message"]
    assert (dropped.status_code, used(house), parts()) == (204, 0, [])


def test_a_file_as_large_as_what_is_left_is_taken(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    whole = browser.post(f"{house.path}/media/upload", {"files": (io.BytesIO(PICTURE), "a.png"), "purpose": "item"})
    taken = used(house)
    monkeypatch.setattr(media, "TENANT_BYTES", taken * 2 + 100)
    data = picture((9, 9, 9))
    upload = begin(browser, house, data + bytes(taken - len(data))).json
    send(browser, upload, data + bytes(taken - len(data)), 0)

    answer = browser.post(upload["finish"])

    assert (whole.status_code, answer.status_code) == (303, 200)


def test_a_person_s_open_uploads_are_bounded(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    monkeypatch.setattr("portal.media.uploading.commands.UPLOADS", type(UPLOADS)(open_per_person=1))
    begin(browser, house, PICTURE)

    answer = begin(browser, house, PICTURE, name="b.png")

    assert answer.status_code == 422


def test_somebody_else_s_upload_does_not_exist(cast: Cast, app: Flask) -> None:
    """A colleague of the same enterprise, somebody of another one, and somebody who may not upload at all."""
    owner, house = Browser(app, cast.yunqi.editor), cast.yunqi
    upload = begin(owner, house, PICTURE).json
    send(owner, upload, PICTURE, 0, 1000)

    for person, status in ((house.admin, 404), (cast.jiangzhou.editor, 404), (cast.reviewer, 403)):
        other = Browser(app, person)
        answers = [send(other, upload, PICTURE, 1000), other.post(upload["finish"]), other.post(upload["drop"])]
        assert [answer.status_code for answer in answers] == [status] * 3, person.username
    assert Browser(app, house.admin).get(f"{house.path}/media/uploads").json == {"uploads": []}
    assert part_of(upload["id"]).read_bytes() == PICTURE[:1000]


def test_a_piece_without_the_form_s_token_is_refused(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    upload = begin(browser, house, PICTURE).json

    bare = browser.client.post(upload["piece"], data={"offset": "0", "piece": (io.BytesIO(PICTURE), "piece")})
    by_header = browser.client.post(
        upload["piece"],
        data={"offset": "0", "piece": (io.BytesIO(PICTURE), "piece")},
        headers={"X-CSRFToken": browser.form_token},
    )

    assert (bare.status_code, by_header.status_code) == (400, 200)


def test_what_rests_for_two_days_is_forgotten(cast: Cast, app: Flask) -> None:
    browser, house = Browser(app, cast.yunqi.editor), cast.yunqi
    old, young = begin(browser, house, PICTURE).json, begin(browser, house, PICTURE, name="b.png").json
    for one in (old, young):
        send(browser, one, PICTURE, 0, 10)
    later = clock.now() + timedelta(hours=UPLOADS.rest_hours + 1)
    os.utime(part_of(young["id"]), (later.timestamp(), later.timestamp()))
    orphan = workshop.place("uploads") / "01900000-0000-7000-8000-000000000000.part"
    orphan.write_bytes(b"no row speaks for it")
    os.utime(orphan, (time.time() - 7200, time.time() - 7200))

    with time_machine.travel(later):
        count = forget_resting()

    assert count == 1
    assert [row.id for row in rows(house, UnfinishedUpload)] == [young["id"]]
    assert parts() == [f"{young['id']}.part"]
