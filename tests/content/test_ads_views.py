"""The ad loop: playlists with their durations, the week, conflicts, empty hours, what plays by default."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.content.kinds import Kind
from portal.content.queries import ObjectView, objects
from portal.core import clock
from portal.core.database import tenant_session
from portal.core.ids import new_id
from portal.media.states import Purpose
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.content import (
    Full,
    a_default,
    a_playlist,
    an_entry,
    field_errors,
    hidden_fields,
    payloads,
    small_picture,
    summary,
    take_back,
    upload,
    value_of,
    view_of,
)

# The coming one: the cast's packages begin on the day of the run, and nobody travels to before that.
TODAY = clock.today()
DAY = TODAY + timedelta(days=(1 - TODAY.weekday()) % 7 or 7)
TUESDAY = datetime.combine(DAY, time(14, 5), clock.SHANGHAI)


def week_of(day: date) -> str:
    """This function will return the heading of the week in which `day` lies."""
    monday = day - timedelta(days=day.weekday())
    return f"{monday:%m-%d} – {monday + timedelta(days=6):%m-%d}"


def rows(page: str) -> list[str]:
    """This function will return the files of a playlist's rows, in the order in which they stand."""
    return re.findall(r'name="items-\d+-asset" type="hidden" value="([0-9a-f]{64})"', page)


def posted(page: str, **more: Any) -> MultiDict[str, Any]:
    """This function will return the form of a playlist as a browser would send it."""
    form = page[page.index("data-key=") :]
    found = MultiDict(
        (name, value)
        for name, value in re.findall(r'<input[^>]*?name="((?:items-|row)[^"]*)"[^>]*?value="([^"]*)"', form)
    )
    found["title"] = value_of(page, "title")
    found["version"] = value_of(page, "version")
    for name, value in more.items():
        found[name] = value
    return found


def send(browser: Browser, address: str, form: MultiDict[str, Any]) -> Any:
    return browser.client.post(address, data=MultiDict([("csrf_token", browser.form_token), *form.items(multi=True)]))


def play_list(full: Full) -> list[dict[str, Any]]:
    return [{"caption": one["caption"], "seconds": one["seconds"]} for one in full.payload("playlist")["items"]]


# playlists


def test_playlist_of_many_files_is_saved(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    files = [upload(name="一.png"), upload(name="二.png")]

    answer = browser.client.post(
        full.at("ads/playlists/new"),
        data={"csrf_token": browser.form_token, "title": "双十二", "files_upload": files},
    )

    assert answer.status_code == 303
    saved = payloads(full.house.tenant, Kind.PLAYLIST)[1]
    assert (saved["title"], [one["seconds"] for one in saved["items"]]) == ("双十二", [10, 10])


def test_files_are_added_before_anything_is_saved(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answer = browser.client.post(
        full.at("ads/playlists/new"),
        data={"csrf_token": browser.form_token, "title": "双十二", "add_files": "1", "files_upload": [upload()]},
    )

    assert (answer.status_code, len(rows(answer.text))) == (200, 1)
    assert value_of(answer.text, "title") == "双十二"
    assert len(payloads(full.house.tenant, Kind.PLAYLIST)) == 1


def test_bad_file_is_named_and_the_good_one_kept(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    files = [upload(name="好.png"), upload(b"text", "坏.png")]

    answer = browser.client.post(
        full.at("ads/playlists/new"), data={"csrf_token": browser.form_token, "title": "双十二", "files_upload": files}
    )

    assert (answer.status_code, len(rows(answer.text))) == (422, 1)
    assert [line.startswith("图片或视频：坏.png：") for line in summary(answer.text)] == [True]


def test_files_of_the_library_are_made_fit_and_added(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    logo = small_picture(full.house.tenant, Purpose.LOGO, (5, 6, 7))
    page = browser.get(full.at("ads/playlists/{playlist}")).text

    send(browser, full.at("ads/playlists/{playlist}"), posted(page, added=logo))

    assets = [one["asset"] for one in full.payload("playlist")["items"]]
    assert (len(assets), logo in assets) == (2, False)


def test_caption_and_seconds_are_judged_at_their_row(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    page = browser.get(full.at("ads/playlists/{playlist}")).text
    wrong = {"items-0-caption": "字" * 41, "items-0-seconds": "2"}

    answer = send(browser, full.at("ads/playlists/{playlist}"), posted(page, **wrong))

    assert answer.status_code == 422
    assert field_errors(answer.text) == {"items-0-caption": "最多 40 个字符。", "items-0-seconds": "不能小于 3。"}
    assert value_of(answer.text, "items-0-caption") == "字" * 41


def test_rows_are_ordered_as_they_were_sent_and_errors_stand_at_the_right_one(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    page = browser.get(full.at("ads/playlists/{playlist}")).text
    two = browser.client.post(
        full.at("ads/playlists/{playlist}"),
        data=MultiDict(
            [
                ("csrf_token", browser.form_token),
                *posted(page, add_files="1").items(multi=True),
                ("files_upload", upload()),
            ]
        ),
    ).text
    form = posted(two)
    form.setlist("row", ["1", "0"])
    form["items-1-seconds"] = "7"
    form["items-1-caption"] = "后来的"

    answer = send(browser, full.at("ads/playlists/{playlist}"), form)

    assert answer.status_code == 303
    assert play_list(full) == [{"caption": "后来的", "seconds": 7}, {"caption": "秋冬上新", "seconds": 10}]


def test_rows_that_a_page_took_out_leave_the_others_in_their_order(full: Full, app: Flask) -> None:
    """A page removes rows by itself and names those that are left by the numbers that they had."""
    browser, address = Browser(app, full.house.editor), full.at("ads/playlists/{playlist}")
    files = [small_picture(full.house.tenant, Purpose.AD, (n, n, n)) for n in (1, 2, 3)]
    form = posted(browser.get(address).text)
    kept = {name: value for name, value in form.items() if name.startswith("items-0-")}
    for name in kept:
        del form[name]
    for number, sha256 in ((4, files[0]), (2, files[1]), (7, files[2])):
        row = {**kept, "items-0-asset": sha256, "items-0-id": new_id(), "items-0-caption": str(number)}
        form.update({name.replace("items-0", f"items-{number}"): value for name, value in row.items()})
    form.setlist("row", ["7", "2", "4"])

    answer = send(browser, address, form)

    assert answer.status_code == 303
    assert [one["caption"] for one in play_list(full)] == ["7", "2", "4"]


def test_rows_for_files_of_the_library_are_given_and_nothing_is_saved(full: Full, app: Flask, cast: Cast) -> None:
    browser, before = Browser(app, full.house.editor), full.payload("playlist")
    mine = small_picture(full.house.tenant, Purpose.AD, (5, 6, 7))
    theirs = small_picture(cast.jiangzhou.tenant, Purpose.AD, (7, 6, 5))

    answer = browser.client.post(
        full.at("ads/playlists/rows"),
        data=MultiDict([("csrf_token", browser.form_token), ("number", "3"), ("asset", theirs), ("asset", mine)]),
    )

    assert (answer.status_code, rows(answer.text)) == (200, [mine])
    assert 'name="items-3-asset"' in answer.text
    assert full.payload("playlist") == before


@pytest.mark.parametrize(
    ("button", "index", "expected"), [("move_down", "0", [1, 0]), ("move_up", "1", [1, 0]), ("remove_item", "0", [1])]
)
def test_buttons_change_rows_without_scripts(
    full: Full, app: Flask, button: str, index: str, expected: list[int]
) -> None:
    browser = Browser(app, full.house.editor)
    page = browser.get(full.at("ads/playlists/{playlist}")).text
    two = browser.client.post(
        full.at("ads/playlists/{playlist}"),
        data=MultiDict(
            [
                ("csrf_token", browser.form_token),
                *posted(page, add_files="1").items(multi=True),
                ("files_upload", upload()),
            ]
        ),
    ).text
    before = rows(two)

    answer = send(browser, full.at("ads/playlists/{playlist}"), posted(two, **{button: index}))

    assert (answer.status_code, rows(answer.text)) == (200, [before[one] for one in expected])


def test_round_adds_up(full: Full, app: Flask) -> None:
    page = Browser(app, full.house.editor).get(full.at("ads/playlists/{playlist}")).text

    assert "1 条 · 一圈 0:10" in page


def test_empty_playlist_may_be_saved_and_not_scheduled(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    saved = browser.post(full.at("ads/playlists/new"), {"title": "空的"})
    empty = browser.get(full.at("ads/schedule/new")).text
    [name] = re.findall(r'<option value="([^"]+)">空的</option>', empty)
    refused = browser.post(full.at("ads/schedule/new"), {"playlist": name, "priority": "0"})

    assert saved.status_code == 303
    assert field_errors(refused.text) == {"playlist": "播放列表还是空的。"}


def test_two_tabs_of_a_playlist_keep_their_rows(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    page = browser.get(full.at("ads/playlists/{playlist}")).text
    send(browser, full.at("ads/playlists/{playlist}"), posted(page, title="别人的"))

    mine = posted(page, title="我的", **{"items-0-caption": "我的配文"})
    clash = browser.client.post(
        full.at("ads/playlists/{playlist}"),
        data=MultiDict([("csrf_token", browser.form_token), *mine.items(multi=True), ("files_upload", upload())]),
    )
    again = browser.post(full.at("ads/playlists/{playlist}"), hidden_fields(clash.text))

    assert (clash.status_code, again.status_code) == (409, 303)
    assert full.payload("playlist")["title"] == "我的"
    assert play_list(full) == [{"caption": "我的配文", "seconds": 10}, {"caption": "", "seconds": 10}]


# the schedule


@time_machine.travel(TUESDAY, tick=False)
def test_week_shows_entries_conflicts_and_empty_hours(full: Full, app: Flask) -> None:
    tenant = full.house.tenant
    other = a_playlist(tenant, "童鞋专场")
    an_entry(tenant, other, {"start": "09:00", "end": "11:00", "days": [2], "tz": "Asia/Shanghai"})
    browser = Browser(app, full.house.editor)
    browser.post(full.at("ads/{default}/delete"), {"version": full.version("default")})

    page = browser.get(full.at("ads/")).text

    assert week_of(DAY) in page
    assert ("冲突 1 处" in page, "空档 14 处" in page) == (True, True)
    resolved = re.findall(r'<li class="is-(\w+)"><b class="nowrap">([\d:–]+)</b>', page)
    assert resolved == [
        ("empty", "00:00–08:00"),
        ("schedule", "08:00–09:00"),
        ("conflict", "09:00–10:00"),
        ("schedule", "10:00–11:00"),
        ("empty", "11:00–24:00"),
    ]


@time_machine.travel(TUESDAY, tick=False)
def test_default_fills_what_is_not_scheduled(full: Full, app: Flask) -> None:
    next_week = DAY + timedelta(days=8)

    page = Browser(app, full.house.editor).get(full.at(f"ads/?day={next_week}")).text

    assert (week_of(next_week) in page, "空档 0 处" in page) == (True, True)
    assert re.findall(r'<li class="is-(\w+)"', page) == ["default", "schedule", "default"]


@time_machine.travel(TUESDAY, tick=False)
@pytest.mark.parametrize("day", ["nonsense", "0001-01-01", "9999-12-31", "2026-02-30", ""])
def test_nonsense_in_the_address_is_today(full: Full, app: Flask, day: str) -> None:
    answer = Browser(app, full.house.editor).get(full.at(f"ads/?day={day}&group=x"))

    assert (answer.status_code, week_of(DAY) in answer.text) == (200, True)


@time_machine.travel(TUESDAY, tick=False)
def test_empty_hours_lead_to_a_form_that_knows_them(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    browser.post(full.at("ads/{default}/delete"), {"version": full.version("default")})
    page = browser.get(full.at("ads/")).text
    [link] = re.findall(r'<a class="gap a40 z96" href="([^"]+)" title="空档 10:00–24:00', page)[:1]

    form = browser.get(link.replace("&amp;", "&")).text

    assert (value_of(form, "windows-0-start"), value_of(form, "windows-0-end")) == ("10:00", "24:00")


def test_entry_is_saved_with_its_windows(full: Full, app: Flask) -> None:
    form = {
        "playlist": full.ids["playlist"],
        "priority": "5",
        "windows-0-start": "22:00",
        "windows-0-end": "02:00",
        "windows-0-days": ["5", "6"],
    }

    answer = Browser(app, full.house.editor).post(full.at("ads/schedule/new"), form)

    assert answer.status_code == 303
    assert [one["priority"] for one in payloads(full.house.tenant, Kind.SCHEDULE_ENTRY)] == [0, 5]


def test_entry_of_an_unknown_playlist_is_refused(full: Full, app: Flask, cast: Cast) -> None:
    theirs = a_playlist(cast.jiangzhou.tenant)
    browser = Browser(app, full.house.editor)

    nothing = browser.post(full.at("ads/schedule/new"), {"playlist": "", "priority": "0"})
    foreign = browser.post(full.at("ads/schedule/new"), {"playlist": theirs.object_id, "priority": "0"})

    assert field_errors(nothing.text) == {"playlist": "请填写此项。"}
    assert field_errors(foreign.text) == {"playlist": "播放列表不存在、已隐藏或已删除。"}


def test_playlist_in_the_schedule_cannot_be_deleted(full: Full, app: Flask) -> None:
    answer = Browser(app, full.house.editor).post(
        full.at("ads/{playlist}/delete"), {"version": full.version("playlist")}
    )

    assert (answer.status_code, "还在用它" in answer.text) == (409, True)


# what plays by default


def test_group_has_its_own_default(full: Full, app: Flask) -> None:
    own = a_playlist(full.house.tenant, "城东专用")
    a_default(full.house.tenant, own, targets=(full.house.region,))
    browser = Browser(app, full.house.editor)

    page = browser.get(full.at(f"ads/?group={full.house.shop}")).text
    second = browser.post(full.at("ads/default/new"), {"playlist": own.object_id, "targets": full.house.region})

    assert '<b class="cut">城东专用</b>' in page
    assert (second.status_code, summary(second.text)) == (422, ["给谁看：同一分组已经有一个默认播放列表。"])


# dragging in the week


def hours(full: Full) -> list[tuple[tuple[int, ...] | None, int, int]]:
    return [(one.days, one.start, one.end) for one in view_of(full.house.tenant, full.ids["entry"]).envelope.windows]


def drag(full: Full, browser: Browser, **moved: str) -> Any:
    day = DAY.isoformat()
    typed = {"version": full.version("entry"), "day": day, "to_day": day, "at": "500", "start_by": "0", "end_by": "0"}
    return browser.post(full.at("ads/schedule/{entry}/move"), {**typed, **moved})


def test_block_is_dragged_and_put_back(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    before = hours(full)

    answer = drag(full, browser, start_by="60", end_by="60")
    moved = hours(full)
    undone = take_back(browser, browser.get(answer.location or "").text)

    assert (answer.status_code, moved) == (303, [(None, 540, 660)])
    assert (undone.status_code, hours(full)) == (303, before)


def test_one_weekday_is_dragged_to_another(full: Full, app: Flask) -> None:
    drag(full, Browser(app, full.house.editor), to_day=(DAY + timedelta(days=4)).isoformat())

    assert hours(full) == [((1, 3, 4, 5, 6, 7), 480, 600), ((6,), 480, 600)]


@pytest.mark.parametrize(("field", "value"), [("at", "700"), ("day", "nonsense"), ("to_day", "")])
def test_what_is_not_there_is_not_dragged(full: Full, app: Flask, field: str, value: str) -> None:
    before = hours(full)

    answer = drag(full, Browser(app, full.house.editor), **{field: value})

    assert (answer.status_code in {409, 422}, hours(full)) == (True, before)


def test_drag_of_an_old_page_changes_nothing(full: Full, app: Flask) -> None:
    before = hours(full)

    answer = drag(full, Browser(app, full.house.editor), version="0", start_by="60", end_by="60")

    assert (answer.status_code, hours(full)) == (409, before)


@pytest.mark.parametrize(
    "windows", ["{", "[1]", '[{"start": "25:00"}]', "[" * 100_000], ids=["cut", "number", "hour", "deep"]
)
def test_only_windows_are_put_back(full: Full, app: Flask, windows: str) -> None:
    before = hours(full)

    answer = drag(full, Browser(app, full.house.editor), windows=windows)

    assert (answer.status_code, hours(full)) == (422, before)


def test_playlist_dropped_on_an_hour_is_scheduled_and_taken_back(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    typed = {"playlist": full.ids["playlist"], "day": DAY.isoformat(), "start": "1380"}

    answer = browser.post(full.at("ads/schedule/place"), typed)
    [_, made] = _entries(full)
    undone = take_back(browser, browser.get(answer.location or "").text)

    assert answer.status_code == 303
    assert [(one.days, one.start, one.end) for one in made.envelope.windows] == [((2,), 1380, 1440)]
    assert (undone.status_code, len(_entries(full))) == (303, 1)


def test_playlist_of_nobody_is_not_scheduled(full: Full, app: Flask) -> None:
    typed = {"playlist": full.ids["slot"], "day": DAY.isoformat(), "start": "0"}

    answer = Browser(app, full.house.editor).post(full.at("ads/schedule/place"), typed)

    assert (answer.status_code, len(_entries(full))) == (422, 1)


def _entries(full: Full) -> list[ObjectView]:
    with tenant_session(full.house.tenant.id) as session:
        return list(objects(session, [Kind.SCHEDULE_ENTRY]).values())
