"""Both sides of a submission for the real player: what it draws, and who may fetch it."""

from typing import Any

import pytest
from flask import Flask

from portal.access.acl import ROOT, Acl, Effect, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast
from tests.world.reviewing import HandedIn, acting, approve, hand_in, publish, put_on_air

SIDES = ("before", "after")


def television(handed_in: HandedIn, side: str, what: str = "/document") -> str:
    return f"{handed_in.desk}/tv/{side}{what}"


def texts(document: dict[str, Any]) -> list[str]:
    return [message["text"] for message in document["marquee"]]


def test_sides_are_what_boxes_show_and_what_they_would(app: Flask, cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "早餐七点")
    handed_in = hand_in(cast.yunqi, "泳池八点")
    browser = Browser(app, cast.reviewer)

    shown = [browser.get(television(handed_in, side)).json for side in SIDES]

    assert [texts(document) for document in shown if document] == [["早餐七点"], ["早餐七点", "泳池八点"]]


def test_sides_of_a_published_submission_are_as_it_was(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "泳池八点")
    approve(cast, handed_in)
    publish(cast, handed_in)
    browser = Browser(app, cast.reviewer)

    shown = [browser.get(television(handed_in, side)).json for side in SIDES]

    assert [texts(document) for document in shown if document] == [[], ["泳池八点"]]


def test_document_is_not_sent_twice(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    browser = Browser(app, cast.reviewer)
    etag = browser.get(television(handed_in, "after")).headers["ETag"]

    again = browser.client.get(television(handed_in, "after"), headers={"If-None-Match": etag})

    assert again.status_code == 304


def test_player_may_stand_in_the_portals_own_frame_alone(app: Flask, cast: Cast) -> None:
    answer = Browser(app, cast.reviewer).get(television(hand_in(cast.yunqi, "一"), "after", ""))

    policy = answer.headers["Content-Security-Policy"]
    assert ("frame-ancestors 'self'" in policy, "'unsafe-inline'" in policy) == (True, False)


@pytest.mark.parametrize("what", ["", "/document"])
@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 200), ("operator", 200), ("support", 403), ("auditor", 404), ("stranger", 404)]
)
def test_televisions_are_for_whom_the_desk_is(app: Flask, cast: Cast, who: str, status: int, what: str) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    assert Browser(app, getattr(cast, who)).get(television(handed_in, "after", what)).status_code == status


@pytest.mark.parametrize("what", ["", "/document"])
def test_reviewer_whom_the_list_denies_gets_none(app: Flask, cast: Cast, what: str) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    denial = NewEntry(ROOT, "review:compare", Effect.DENY, Subject("role", Role.CENTER_REVIEWER))
    in_tenant(cast.yunqi.tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, denial), acting(cast.yunqi.admin))

    assert Browser(app, cast.reviewer).get(television(handed_in, "after", what)).status_code == 403


@pytest.mark.parametrize("query", ["group=nonsense", "group=00000000-0000-7000-8000-000000000000"])
def test_group_that_is_not_there_is_not_found(app: Flask, cast: Cast, query: str) -> None:
    handed_in = hand_in(cast.yunqi, "一")

    assert Browser(app, cast.reviewer).get(f"{television(handed_in, 'after')}?{query}").status_code == 404


def test_submission_of_another_tenant_is_not_found(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    wrong = f"/center/review/{cast.jiangzhou.tenant.enterprise_id}/{handed_in.id}/tv/after/document"

    assert Browser(app, cast.reviewer).get(wrong).status_code == 404
