"""A release, and what is planned, is not called after something that its readers may not see: returned, waiting, or not on air yet."""

from datetime import timedelta

import pytest
from flask import Flask

from portal.content.commands import Saved
from portal.core import clock
from portal.core.database import tenant_session
from portal.releases.commands.publishing import publish_submission
from portal.releases.commands.taking_down import take_down
from portal.releases.models import Release
from portal.releases.queries import manifest_of
from portal.review.commands import Decision, Verdict, decide, reschedule
from portal.review.submitting import Chosen, submit_for_review
from portal.review.titles import PARTLY_HIDDEN
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast, Person
from tests.world.content import view_of
from tests.world.reviewing import HandedIn, acting, approve, hand_in, publish, put_on_air, write
from tests.world.workbooks import text_of

MARK, OPEN = "绝密通知", "看得见的"
NOTE = f"因为{MARK}"


def noted(cast: Cast) -> HandedIn:
    """A submission of two objects that its title and its note call after the first one."""
    saved = write(cast.yunqi, MARK, OPEN)
    chosen = [Chosen(one.object_id, one.sha256) for one in saved]
    made = building.in_tenant(
        cast.yunqi.tenant,
        lambda ctx: submit_for_review(ctx, chosen, title=f"{MARK}改动", note=NOTE),
        acting(cast.yunqi.editor),
    )
    return HandedIn(cast.yunqi, made, saved)


def decided(cast: Cast, handed_in: HandedIn, saved: Saved, verdict: Verdict) -> None:
    one = Decision(saved.revision_id, saved.sha256, verdict, "不行" if verdict is Verdict.RETURN else "")
    building.in_tenant(cast.yunqi.tenant, lambda ctx: decide(ctx, handed_in.id, [one]), acting(cast.reviewer))


def said_of(cast: Cast, release: Release) -> tuple[object, object]:
    with tenant_session(cast.yunqi.tenant.id) as session:
        row = session.get_one(Release, (cast.yunqi.tenant.id, release.id))
        return row.title, row.reason


def pages_about_releases(app: Flask, cast: Cast, person: Person) -> dict[str, str]:
    """What somebody reads of the tenant's releases: first page, timeline, its file, the newest release."""
    browser, path = Browser(app, person), cast.yunqi.path
    return {
        "first page": browser.get(path).text,
        "timeline": browser.get(f"{path}/releases/").text,
        "file": text_of(browser.post(f"{path}/releases/")),
        "release": browser.get(f"{path}/releases/1").text,
    }


@pytest.mark.parametrize("fate", [Verdict.RETURN, None], ids=["returned", "waits"])
def test_release_of_a_part_is_called_after_what_it_puts_on_air(app: Flask, cast: Cast, fate: Verdict | None) -> None:
    handed_in = noted(cast)
    if fate is not None:
        decided(cast, handed_in, handed_in.saved[0], fate)
    decided(cast, handed_in, handed_in.saved[1], Verdict.APPROVE)

    release = publish(cast, handed_in)

    assert said_of(cast, release) == (OPEN, "")
    for person in (cast.yunqi.province, cast.support, cast.yunqi.group_editor):
        read = pages_about_releases(app, cast, person)
        assert {where: (OPEN in words, MARK in words) for where, words in read.items() if where != "first page"} == {
            "timeline": (True, False),
            "file": (True, False),
            "release": (True, False),
        }
    assert MARK not in pages_about_releases(app, cast, cast.yunqi.province)["first page"]


def test_release_of_a_part_that_is_called_after_the_whole_would_be_seen(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a release says what its submission says."""
    monkeypatch.setattr(
        "portal.releases.commands.publishing.words_where_whole",
        lambda view, _going: (view.submission.title, view.submission.note),
    )
    handed_in = noted(cast)
    decided(cast, handed_in, handed_in.saved[0], Verdict.RETURN)
    decided(cast, handed_in, handed_in.saved[1], Verdict.APPROVE)

    publish(cast, handed_in)

    read = pages_about_releases(app, cast, cast.yunqi.province)
    assert {where for where, words in read.items() if MARK in words} == {"first page", "timeline", "file", "release"}


def test_release_of_the_whole_says_what_its_submitter_said(app: Flask, cast: Cast) -> None:
    handed_in = noted(cast)
    decided(cast, handed_in, handed_in.saved[1], Verdict.APPROVE)
    part = publish(cast, handed_in)
    decided(cast, handed_in, handed_in.saved[0], Verdict.APPROVE)

    rest = publish(cast, handed_in)

    assert (said_of(cast, part), said_of(cast, rest)) == ((OPEN, ""), (f"{MARK}改动", NOTE))


def test_what_is_planned_is_named_to_whoever_may_see_content(app: Flask, cast: Cast) -> None:
    put_on_air(cast, cast.yunqi, "已播出")
    handed_in = hand_in(cast.yunqi, MARK, title=f"{MARK}改动")
    approve(cast, handed_in)
    at = clock.now() + timedelta(days=1)
    building.in_tenant(cast.yunqi.tenant, lambda ctx: reschedule(ctx, handed_in.id, at), acting(cast.operator))

    read = {
        who: pages_about_releases(app, cast, person)
        for who, person in (("province", cast.yunqi.province), ("support", cast.support), ("operator", cast.operator))
    }

    assert {(who, where): MARK in words for who, pages in read.items() for where, words in pages.items()} == {
        (who, where): who == "operator" and where != "release" for who, pages in read.items() for where in pages
    }
    assert str(PARTLY_HIDDEN) in read["province"]["timeline"]


def test_what_was_taken_down_is_not_called_by_its_draft_to_whoever_may_see_none(app: Flask, cast: Cast) -> None:
    release = put_on_air(cast, cast.yunqi, "违规的一句")
    (object_id,) = manifest_of(release)
    building.in_tenant(cast.yunqi.tenant, lambda ctx: take_down(ctx, object_id, "夸大"), acting(cast.operator))
    view = view_of(cast.yunqi.tenant, object_id)
    Browser(app, cast.yunqi.editor).post(
        f"{cast.yunqi.path}/content/marquee/{object_id}",
        {
            "version": str(view.object.version),
            "text": MARK,
            "colour": "#ffffff",
            "speed": "normal",
            "edge": "bottom",
            "priority": "0",
        },
    )
    assert view_of(cast.yunqi.tenant, object_id).envelope.payload.text == MARK

    read = {
        who: pages_about_releases(app, cast, person)
        for who, person in (("province", cast.yunqi.province), ("operator", cast.operator))
    }

    assert [(MARK in pages["timeline"], MARK in pages["file"]) for pages in read.values()] == [
        (False, False),
        (True, True),
    ]


def test_clock_names_a_part_as_people_do(cast: Cast, app: Flask) -> None:
    handed_in = noted(cast)
    decided(cast, handed_in, handed_in.saved[1], Verdict.APPROVE)

    release = building.in_tenant(cast.yunqi.tenant, lambda ctx: publish_submission(ctx, handed_in.id))

    assert said_of(cast, release) == (OPEN, "")
