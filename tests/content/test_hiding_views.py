"""Hiding and showing again, from the menu of one object and for several at once: drafts that need review."""

import re
from html import unescape

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.content.commands import Saved
from portal.content.states import RevisionState
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.content import Full, view_of
from tests.world.packages import suspend
from tests.world.reviewing import approve, hand_in, publish

PAGES = {
    "logo/": "logo",
    "slots/{slot}": "slot",
    "splash/": "frame",
    "zone/{second}": "item",
    "zone/{first}": "second",
    "marquee/": "marquee",
    "ads/": "entry",
}


def press(browser: Browser, full: Full, *chosen: str, act: str = "hide", **more: str) -> TestResponse:
    fields = [("csrf_token", browser.form_token), ("act", act), *more.items()]
    data = MultiDict([*fields, *(("chosen", one) for one in chosen)])
    return browser.client.post(full.at("hidden"), data=data)


def seen(full: Full, name: str) -> str:
    return f"{full.ids[name]}:{full.version(name)}"


@pytest.fixture
def on_air(cast: Cast, full: Full) -> Saved:
    """A message that boxes show."""
    handed_in = hand_in(full.house, "早餐七点")
    approve(cast, handed_in)
    publish(cast, handed_in)
    return handed_in.saved[0]


def version_of(full: Full, saved: Saved) -> int:
    return view_of(full.house.tenant, saved.object_id).object.version


def is_hidden(full: Full, name: str) -> bool:
    return view_of(full.house.tenant, full.ids[name]).envelope.hidden


def menu_forms(page: str) -> dict[str, dict[str, str]]:
    """What each entry of the page's menus that hides or shows would post, by the id of its object."""
    found = {}
    for form in re.findall(r'<form method="post" action="[^"]*/content/hidden"[^>]*>(.*?)</form>', page, re.DOTALL):
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
        if "chosen" in fields:
            found[fields["chosen"].partition(":")[0]] = {name: unescape(value) for name, value in fields.items()}
    return found


@pytest.mark.parametrize("path", PAGES)
def test_every_editor_offers_to_hide_and_to_show_again(full: Full, app: Flask, path: str) -> None:
    browser, name = Browser(app, full.house.editor), PAGES[path]

    offered = menu_forms(browser.get(full.at(path)).text)[full.ids[name]]
    hidden = browser.post(full.at("hidden"), offered)
    back = menu_forms(browser.get(full.at(path)).text)[full.ids[name]]

    assert (offered["act"], back["act"]) == ("hide", "show")
    assert (hidden.status_code, hidden.location) == (303, offered["back"])
    assert offered["back"] == full.at(path)
    assert is_hidden(full, name) is True


def test_hiding_what_is_on_air_makes_a_draft_and_leaves_the_screen(app: Flask, full: Full) -> None:
    before = view_of(full.house.tenant, full.ids["marquee"])
    browser = Browser(app, full.house.editor)

    answer = press(browser, full, seen(full, "marquee"), back=full.at("marquee/"))
    after = view_of(full.house.tenant, full.ids["marquee"])

    assert answer.status_code == 303
    assert "1 项已隐藏，存为草稿，审核发布后生效。" in browser.get(full.at("marquee/")).text
    assert (after.newest.state, after.envelope.hidden) == (RevisionState.DRAFT, True)
    assert after.on_air == before.on_air


def test_several_are_hidden_together_and_shown_again(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    names = ("marquee", "frame", "logo")

    press(browser, full, *(seen(full, name) for name in names))
    hidden = [is_hidden(full, name) for name in names]
    press(browser, full, *(seen(full, name) for name in names), act="show")

    assert hidden == [True] * 3
    assert [is_hidden(full, name) for name in names] == [False] * 3


def undo_of(page: str) -> MultiDict[str, str]:
    """What the button of the bar that takes it back would post."""
    [bar] = re.findall(r'<div class="undo .*?</form>', page, re.DOTALL)
    return MultiDict([(name, unescape(value)) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', bar)])


def test_hiding_is_taken_back_and_leaves_the_drafts_that_were_there(full: Full, app: Flask, on_air: Saved) -> None:
    """One was on air and had no draft, the other is a draft: afterwards both are as they were."""
    browser = Browser(app, full.house.editor)
    tenant, before = full.house.tenant, full.payload("marquee")
    press(
        browser, full, seen(full, "marquee"), f"{on_air.object_id}:{version_of(full, on_air)}", back=full.at("marquee/")
    )
    hidden = [view_of(tenant, one).envelope.hidden for one in (full.ids["marquee"], on_air.object_id)]

    answer = browser.client.post(full.at("hidden"), data=undo_of(browser.get(full.at("marquee/")).text))

    after = [view_of(tenant, one) for one in (full.ids["marquee"], on_air.object_id)]
    assert (answer.status_code, answer.location) == (303, full.at("marquee/"))
    assert (hidden, [view.envelope.hidden for view in after]) == ([True, True], [False, False])
    assert [view.draft is None for view in after] == [False, True]
    assert full.payload("marquee") == before


def test_what_changed_after_hiding_is_not_taken_back(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    press(browser, full, seen(full, "marquee"), back=full.at("marquee/"))
    undo = undo_of(browser.get(full.at("marquee/")).text)
    press(Browser(app, full.house.admin), full, seen(full, "marquee"), act="show")
    press(Browser(app, full.house.admin), full, seen(full, "marquee"))

    answer = browser.client.post(full.at("hidden"), data=undo)

    assert (answer.status_code, is_hidden(full, "marquee")) == (409, True)


def test_one_that_changed_meanwhile_keeps_all_as_they_are(full: Full, app: Flask) -> None:
    stale = f"{full.ids['frame']}:{int(full.version('frame')) + 1}"

    answer = press(Browser(app, full.house.editor), full, seen(full, "marquee"), stale)

    assert answer.status_code == 409
    assert [is_hidden(full, name) for name in ("marquee", "frame")] == [False, False]


def test_hiding_what_is_approved_asks_first(cast: Cast, full: Full, app: Flask) -> None:
    handed_in = hand_in(full.house, "早餐七点")
    approve(cast, handed_in)
    saved = handed_in.saved[0]
    version = view_of(full.house.tenant, saved.object_id).object.version
    browser = Browser(app, full.house.editor)

    asked = press(browser, full, f"{saved.object_id}:{version}")
    done = press(browser, full, f"{saved.object_id}:{version}", void_approval="1")

    assert (asked.status_code, f'value="{saved.object_id}:{version}"' in asked.text) == (409, True)
    assert (done.status_code, view_of(full.house.tenant, saved.object_id).envelope.hidden) == (303, True)


@pytest.mark.parametrize(
    "chosen", ["", "x:1", "01a20000-0000-7000-8000-000000000000:1", "01a20000-0000-7000-8000-000000000000:-1"]
)
def test_what_is_not_there_is_not_found(full: Full, app: Flask, chosen: str) -> None:
    assert press(Browser(app, full.house.editor), full, chosen).status_code == 404


def test_nothing_chosen_is_said(full: Full, app: Flask) -> None:
    answer = press(Browser(app, full.house.editor), full)

    assert (answer.status_code, "请先选择内容。" in answer.text) == (422, True)


def test_foreign_address_to_go_back_to_is_not_followed(full: Full, app: Flask) -> None:
    answer = press(Browser(app, full.house.editor), full, seen(full, "marquee"), back="https://example.com/")

    assert (answer.status_code, answer.location) == (303, "/")


def test_object_of_another_tenant_is_not_found(full: Full, app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.jiangzhou.editor)
    data = {"chosen": seen(full, "marquee"), "act": "hide"}

    assert browser.post(f"{cast.jiangzhou.path}/content/hidden", data).status_code == 404
    assert is_hidden(full, "marquee") is False


def test_hiding_what_the_package_does_not_hold_is_refused(full: Full, app: Flask) -> None:
    chosen = seen(full, "marquee")
    suspend(full.house.tenant)

    answer = press(Browser(app, full.house.editor), full, chosen)

    assert (answer.status_code, is_hidden(full, "marquee")) == (403, False)
