"""The preview's pages: who may see drafts, what its document says, and under which policy the player runs in a frame."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.core.database import tenant_session
from portal.core.ids import new_id
from portal.media.states import Purpose
from portal.tv.policy import player_policy
from tests.world import content
from tests.world.browser import Browser
from tests.world.cast import Cast, House


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


# what an editor's form holds, before it is saved

TYPED = {"text": "还没保存", "colour": "#ffffff", "speed": "normal", "edge": "bottom", "priority": "0"}


def look(app: Flask, house: House, kind: str = "marquee", **fields: Any) -> TestResponse:
    """This function will ask for the television with what somebody types in an editor."""
    browser = Browser(app, house.editor)
    return browser.post(f"{house.path}/preview/look/{kind}", {**TYPED, "object_id": new_id(), **fields})


def messages(answer: TestResponse) -> list[str]:
    return [one["text"] for one in answer.get_json()["marquee"]]


def test_what_is_typed_is_drawn_and_not_saved(app: Flask, cast: Cast, filled: dict[str, Any]) -> None:
    house = cast.yunqi

    instead = look(app, house, object_id=filled["marquee"])
    beside = look(app, house)
    kept = Browser(app, house.editor).get(f"{house.path}/preview/document")

    assert (messages(instead), sorted(messages(beside)), messages(kept)) == (
        ["还没保存"],
        ["热水检修", "还没保存"],
        ["热水检修"],
    )


@pytest.mark.parametrize("fields", [{"text": ""}, {"priority": "10"}, {"windows-0-start": "25:00"}])
def test_what_could_not_be_saved_is_not_drawn(
    app: Flask, cast: Cast, filled: dict[str, Any], fields: dict[str, str]
) -> None:
    assert look(app, cast.yunqi, **fields).status_code == 204


def test_file_of_another_house_is_not_drawn(app: Flask, cast: Cast, filled: dict[str, Any]) -> None:
    foreign = content.small_picture(cast.jiangzhou.tenant, Purpose.LOGO, (1, 2, 3))

    answer = look(app, cast.yunqi, "logo", image=foreign)

    assert (answer.status_code, answer.data) == (204, b"")


def test_group_sees_what_is_typed_for_it_alone(app: Flask, cast: Cast, filled: dict[str, Any]) -> None:
    house = cast.yunqi
    path = f"{house.path}/preview/look/marquee"
    typed = {**TYPED, "object_id": new_id(), "targets": house.shop}
    browser = Browser(app, house.editor)

    drawn = {group: messages(browser.post(f"{path}?group={group}", typed)) for group in (house.shop, house.elsewhere)}

    assert (len(drawn[house.shop]), len(drawn[house.elsewhere])) == (2, 1)


@pytest.mark.parametrize(("kind", "object_id"), [("nothing", None), ("marquee", "x"), ("marquee", "")])
def test_only_editors_forms_are_drawn(app: Flask, cast: Cast, kind: str, object_id: str | None) -> None:
    assert look(app, cast.yunqi, kind, object_id=new_id() if object_id is None else object_id).status_code == 404


def test_looking_waits_for_no_writer(app: Flask, cast: Cast, filled: dict[str, Any]) -> None:
    browser = Browser(app, cast.yunqi.editor)
    with tenant_session(cast.yunqi.tenant.id, writes=True) as busy:
        busy.connection()

        answer = browser.post(f"{cast.yunqi.path}/preview/look/marquee", {**TYPED, "object_id": new_id()})

    assert answer.status_code == 200
