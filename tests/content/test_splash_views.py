"""The filmstrip before the desktop: two frames of fifteen seconds."""

import re

import pytest
from flask import Flask

from portal.content.kinds import Kind
from tests.world.browser import Browser
from tests.world.content import Full, a_frame, field_errors, payloads, upload, value_of


def test_strip_shows_both_places_and_the_seconds(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    one = browser.get(full.at("splash/")).text
    a_frame(full.house.tenant, 2)
    two = browser.get(full.at("splash/")).text

    assert ("现在共 15 秒" in one, "放第 2 帧" in one) == (True, True)
    assert ("现在共 30 秒" in two, "放第 2 帧" in two) == (True, False)


def test_frame_is_saved(full: Full, app: Flask) -> None:
    answer = Browser(app, full.house.editor).post(full.at("splash/new"), {"position": "2", "image_upload": upload()})

    assert answer.status_code == 303
    assert [one["position"] for one in payloads(full.house.tenant, Kind.FRAME)] == [1, 2]


@pytest.mark.parametrize("position", ["3", "0", "x"])
def test_third_frame_is_refused(full: Full, app: Flask, position: str) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("splash/new"), {"position": position, "image_upload": upload()})

    assert answer.status_code == 422
    assert field_errors(answer.text) == {"position": "开机前导页最多 2 帧，每帧 15 秒。"}
    assert browser.get(full.at("splash/new?position=3")).status_code == 404


def test_taken_frame_is_refused_and_the_picture_kept(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("splash/new"), {"position": "1", "image_upload": upload()})

    assert field_errors(answer.text) == {"position": "同一分组的这一帧已经有图片。"}
    assert re.fullmatch("[0-9a-f]{64}", value_of(answer.text, "image") or "")


def test_frames_change_places(full: Full, app: Flask) -> None:
    a_frame(full.house.tenant, 2)
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("splash/{frame}/move"), {"version": full.version("frame"), "to": "2"})

    assert answer.status_code == 303
    assert [one["position"] for one in payloads(full.house.tenant, Kind.FRAME)] == [2, 1]


def test_moving_beyond_the_last_is_refused(full: Full, app: Flask) -> None:
    answer = Browser(app, full.house.editor).post(
        full.at("splash/{frame}/move"), {"version": full.version("frame"), "to": "3"}
    )

    assert (answer.status_code, "开机前导页最多 2 帧" in answer.text) == (422, True)


def test_empty_strip_says_what_boxes_do(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    browser.post(full.at("splash/{frame}/delete"), {"version": full.version("frame")})

    assert "没有前导页时，开机直接到桌面。" in browser.get(full.at("splash/")).text
