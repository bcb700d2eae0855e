"""Releases for the real player: two in step, both sides of a roll-back; what each draws, and who may fetch it."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from tests.world.browser import Browser
from tests.world.building import root_of
from tests.world.cast import Cast
from tests.world.reviewing import approve, hand_in, publish, put_on_air

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def two(cast: Cast) -> str:
    """Two releases of the first house, the second of which says more."""
    put_on_air(cast, cast.yunqi, "早餐七点")
    put_on_air(cast, cast.yunqi, "泳池八点")
    return f"{cast.yunqi.path}/releases/"


def texts(document: Any) -> list[str]:
    return [message["text"] for message in document["marquee"]]


def players(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'data-player="([^"]*)"', page)]


def test_comparison_holds_the_player_of_each_release(app: Flask, cast: Cast, two: str) -> None:
    browser = Browser(app, cast.yunqi.province)

    page = browser.get(f"{two}1/2/screens").text
    shown = [browser.get(address.replace("/tv?", "/tv/document?")).json for address in players(page)]

    assert [one.split("?")[0] for one in players(page)] == [f"{two}1/tv", f"{two}2/tv"]
    assert [texts(one) for one in shown] == [["早餐七点"], ["早餐七点", "泳池八点"]]


def test_roll_back_holds_the_player_on_what_is_on_air_and_on_what_would_be(app: Flask, cast: Cast, two: str) -> None:
    browser = Browser(app, cast.operator)

    page = browser.get(f"{two}1/roll-back/screens").text
    addresses = [address.replace("?", "/document?") for address in players(page)]

    assert [texts(browser.get(one).json) for one in addresses] == [["早餐七点", "泳池八点"], ["早餐七点"]]


def test_each_change_is_gone_to_by_its_number(app: Flask, cast: Cast, two: str) -> None:
    page = Browser(app, cast.operator).get(f"{two}1/2/screens?look=1").text

    assert re.findall(r'data-number="(\d+)" data-at="([^"]*)"', page) == [("1", "")]
    assert f'href="{two}compare/1/2?look=1"' in page


def test_groups_that_see_something_else_can_be_chosen(app: Flask, cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "早餐七点")
    shop, root = cast.yunqi.shop, root_of(cast.yunqi.tenant)
    handed_in = hand_in(cast.yunqi, "泳池八点", targets=(shop,))
    approve(cast, handed_in)
    publish(cast, handed_in)
    path, browser = f"{cast.yunqi.path}/releases/1/2/screens", Browser(app, cast.operator)

    shown = {group: players(browser.get(f"{path}?group={group}").text)[1] for group in (shop, root)}

    documents = {group: browser.get(one.replace("/tv?", "/tv/document?")).json for group, one in shown.items()}
    assert {group: texts(one) for group, one in documents.items()} == {
        shop: ["早餐七点", "泳池八点"],
        root: ["早餐七点"],
    }
    assert f"compare/1/2?group={shop}" in browser.get(path).text


def test_document_is_not_sent_twice(app: Flask, cast: Cast, two: str) -> None:
    browser = Browser(app, cast.operator)
    etag = browser.get(f"{two}1/tv/document").headers["ETag"]

    assert browser.client.get(f"{two}1/tv/document", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("path", ["1/tv", "1/roll-back/tv/after"])
def test_player_may_stand_in_the_portals_own_frame_alone(app: Flask, cast: Cast, two: str, path: str) -> None:
    policy = Browser(app, cast.operator).get(two + path).headers["Content-Security-Policy"]

    assert ("frame-ancestors 'self'" in policy, "'unsafe-inline'" in policy) == (True, False)


@pytest.mark.parametrize("what", ["", "/document"])
def test_who_sees_releases_sees_them_on_the_television(app: Flask, cast: Cast, two: str, what: str) -> None:
    house, other = cast.yunqi, cast.jiangzhou
    people = (house.editor, house.province, cast.operator, other.admin, cast.app_admin)

    released = [Browser(app, person).get(f"{two}1/tv{what}").status_code for person in people]
    rolled = [Browser(app, person).get(f"{two}1/roll-back/tv/after{what}").status_code for person in people]

    assert released == [200, 200, 200, 404, 403]
    assert rolled == [403, 403, 200, 404, 403]


@pytest.mark.parametrize("path", ["7/tv", "7/tv/document", "7/roll-back/tv/after", "7/roll-back/tv/before/document"])
def test_release_that_is_not_there_is_not_found(app: Flask, cast: Cast, two: str, path: str) -> None:
    assert Browser(app, cast.operator).get(two + path).status_code == 404


@pytest.mark.parametrize("path", ["1/tv/document?group=x", f"1/roll-back/tv/after/document?group={UNKNOWN}"])
def test_group_that_is_not_there_is_not_found(app: Flask, cast: Cast, two: str, path: str) -> None:
    assert Browser(app, cast.operator).get(two + path).status_code == 404
