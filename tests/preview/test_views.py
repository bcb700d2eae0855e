"""The preview's pages: who may see drafts, what its document says, and under which policy the player runs in a frame."""

from typing import Any

import pytest
from flask import Flask

from portal.tv.policy import player_policy
from tests.world import content
from tests.world.browser import Browser
from tests.world.cast import Cast


@pytest.fixture
def filled(app: Flask, cast: Cast) -> dict[str, Any]:
    """The hotel with content of every kind."""
    return dict(content.fill(cast.yunqi).ids)


def test_document_is_the_drafts_with_addresses_of_the_console(app: Flask, cast: Cast, filled: dict[str, Any]) -> None:
    house = cast.yunqi

    answer = Browser(app, house.editor).get(f"{house.path}/preview/document")
    drawn = answer.get_json()

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert {asset["url"] for asset in drawn["assets"]} == {
        f"{house.path}/media/file/{asset['sha256']}" for asset in drawn["assets"]
    }
    assert drawn["schema"] == "zone/1"
    assert len(drawn["assets"]) > 0


def test_unchanged_drafts_are_not_sent_again(app: Flask, cast: Cast, filled: dict[str, Any]) -> None:
    browser, path = Browser(app, cast.yunqi.editor), f"{cast.yunqi.path}/preview/document"
    tag = browser.get(path).headers["ETag"]

    assert browser.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_every_file_of_the_document_is_there(app: Flask, cast: Cast, filled: dict[str, Any]) -> None:
    browser = Browser(app, cast.yunqi.editor)
    statuses = set()
    for asset in browser.get(f"{cast.yunqi.path}/preview/document").get_json()["assets"]:
        with browser.get(asset["url"]) as answer:
            statuses.add(answer.status_code)

    assert statuses == {200}


@pytest.mark.parametrize("page", ["", "player", "document"])
def test_drafts_are_the_tenants_own(page: str, app: Flask, cast: Cast) -> None:
    statuses = {
        person.username: Browser(app, person).get(f"{cast.yunqi.path}/preview/{page}").status_code
        for person in (cast.yunqi.editor, cast.jiangzhou.editor, cast.system_admin)
    }

    assert list(statuses.values()) == [200, 404, 404]


@pytest.mark.parametrize("page", ["", "player", "document"])
def test_nothing_is_posted_there(page: str, app: Flask, cast: Cast) -> None:
    assert Browser(app, cast.yunqi.editor).post(f"{cast.yunqi.path}/preview/{page}").status_code == 405


@pytest.mark.parametrize("group", ["none", "01990000-0000-7000-8000-000000000001"])
def test_group_that_is_not_there_is_no_such_page(group: str, app: Flask, cast: Cast) -> None:
    answer = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/preview/document?group={group}")

    assert answer.status_code == 404


def test_player_may_be_framed_by_the_portal_alone(app: Flask, cast: Cast) -> None:
    answer = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/preview/player")

    assert answer.headers["Content-Security-Policy"] == player_policy((), framed_by="'self'")
