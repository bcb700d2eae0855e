"""The queue narrowed by its address, and what it says of age and load."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.core import clock
from portal.desk.filters import LATE_AFTER
from tests.desk.test_views import queued
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.reviewing import approve, hand_in


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["urgent", "small", "large"]),
        ("only=urgent", ["urgent"]),
        ("only=small", ["urgent", "small"]),
        ("only=late", []),
        ("only=blocked", []),
        ("kind=marquee", ["urgent", "small", "large"]),
        ("kind=logo", []),
        ("only=small&kind=marquee", ["urgent", "small"]),
        ("only=nonsense&kind=nonsense", ["urgent", "small", "large"]),
    ],
)
def test_filter_of_the_address_narrows_the_queue(app: Flask, cast: Cast, query: str, wanted: list[str]) -> None:
    found = {
        "small": hand_in(cast.yunqi, "小"),
        "large": hand_in(cast.jiangzhou, "一", "二", "三", "四"),
        "urgent": hand_in(cast.jiangzhou, "急", urgent=True),
    }
    here = hand_in(cast.yunqi, "打开的", "二", "三", "四")

    page = Browser(app, cast.reviewer).get(f"{here.desk}?{query}").text

    assert queued(page) == [*(found[name].id for name in wanted), here.id]


def test_old_ones_are_late(app: Flask, cast: Cast) -> None:
    old = hand_in(cast.yunqi, "早就来了")

    with time_machine.travel(clock.now() + LATE_AFTER + timedelta(minutes=1), tick=False):
        new = hand_in(cast.yunqi, "刚来")
        page = Browser(app, cast.reviewer).get(f"{old.desk}?only=late").text

    assert (queued(page), new.id in page) == ([old.id], False)
    assert "最早的 2 小时前" in page


def test_decision_brings_up_the_next_of_the_filter(app: Flask, cast: Cast) -> None:
    first = hand_in(cast.yunqi, "急", urgent=True)
    hand_in(cast.jiangzhou, "不急")
    second = hand_in(cast.jiangzhou, "也急", urgent=True)

    answer = Browser(app, cast.reviewer).post(f"{first.desk}?only=urgent", {"decision": "approve", "seen": first.seen})

    assert answer.location == f"{second.desk}?only=urgent"


def test_load_of_each_reviewer_today_is_told(app: Flask, cast: Cast) -> None:
    done, here = hand_in(cast.yunqi, "一", "二"), hand_in(cast.yunqi, "三")
    approve(cast, done)

    page = Browser(app, cast.second_reviewer).get(here.desk).text

    assert ("今天已审 0 项" in page, "<dt>Reviewer</dt><dd>2</dd>" in page) == (True, True)
