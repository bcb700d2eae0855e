"""The player on a stage: keys, focus, what it does by itself, with time that only the test moves."""

from copy import deepcopy
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.releases.checking import check_document
from portal.tenants.rules import check_digit
from tests.tv import sample
from tests.tv.stage import DESKTOP, Stage

IDLE = 300


def test_sample_is_a_document_of_the_contract() -> None:
    check_document(sample.document(ads=sample.ads()))


def test_splash_frames_stay_fifteen_seconds_each_before_the_desktop(tab: Page) -> None:
    stage = Stage(tab, sample.document())

    stage.wind(14)
    first = stage.text(".frames b")
    stage.wind(2)
    second = stage.text(".frames b")
    stage.wind(14)
    tab.wait_for_selector(".desktop")

    assert (first, second) == ("16 秒", "14 秒")
    assert stage.focus == ["slot-1"]


def test_ok_passes_over_a_splash_frame(tab: Page) -> None:
    stage = Stage(tab, sample.document())

    stage.press("ok", "ok")

    tab.wait_for_selector(".desktop")


def test_every_part_of_the_desktop_is_reached_by_arrows_and_one_focus_stays(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=DESKTOP)
    reached, line = set(stage.focus), [stage.focus]

    for key in ("up", *["right"] * 3, "down", "right", "down", *["left"] * 3, "down", "left", *["right"] * 5, "down"):
        stage.press(key)
        line.append(stage.focus)
        reached.update(stage.focus)

    assert [len(focus) for focus in line] == [1] * len(line)
    assert reached == {"home", "zone", "settings", *(f"slot-{n}" for n in range(1, 11))}


@pytest.mark.parametrize(("digit", "slot"), [("1", "slot-1"), ("7", "slot-7"), ("0", "slot-10")])
def test_digit_goes_to_a_slot(digit: str, slot: str, tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=DESKTOP)

    stage.press(digit)

    assert stage.focus == [slot]


def test_empty_slot_shows_the_operators_own(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=DESKTOP)

    stage.press("5", "ok")

    assert stage.text(".p5 .name") == "新闻直播"
    assert stage.text(".toast") == "「新闻直播」是运营商推荐，在机顶盒上打开"


def test_slot_opens_a_column_and_back_returns_to_the_slot(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=DESKTOP)

    stage.press("ok")
    inside = stage.place
    stage.press("back")

    assert (inside["screen"], inside["column"]) == ("zone", sample.SECOND)
    assert stage.focus == ["slot-1"]


def test_live_address_that_only_a_box_can_play_goes_to_the_box(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=DESKTOP)

    stage.press("4", "ok")

    assert stage.opened() == ["udp://239.1.1.1:1234"]


def test_web_page_opens_in_a_frame_without_rights(tab: Page) -> None:
    tab.context.route(
        "https://hotel.example.com/", lambda route: route.fulfill(body="<p>hotel</p>", content_type="text/html")
    )
    stage = Stage(tab, sample.document(), places=DESKTOP)

    stage.press("3", "ok")

    assert tab.get_attribute("iframe", "sandbox") == "allow-scripts allow-forms"
    assert tab.get_attribute("iframe", "src") == "https://hotel.example.com/"


def open_page(tab: Page, *, answers: Any) -> Stage:
    """This function will open the slot with the web page, which `answers` says how to answer."""
    tab.context.route("https://hotel.example.com/", answers)
    stage = Stage(tab, sample.document(), places=DESKTOP)
    stage.press("3", "ok")
    return stage


def test_web_page_is_seen_once_it_has_come(tab: Page) -> None:
    open_page(tab, answers=lambda route: route.fulfill(body="<p>hotel</p>", content_type="text/html"))

    expect(tab.frame_locator("iframe").locator("p")).to_have_text("hotel")
    expect(tab.locator(".web-cover")).to_have_count(0)


def test_web_page_that_nobody_answers_for_is_said_in_our_words(browser: Browser, address: str) -> None:
    tab = browser.new_page(
        viewport={"width": 1280, "height": 720}
    )  # its console complains of the page that is not there
    tab.goto(address)
    stage = open_page(tab, answers=lambda route: route.abort("connectionrefused"))

    expect(tab.locator(".web-cover h1")).to_have_text("这个网页现在打不开")
    tab.wait_for_timeout(300)
    assert tab.locator(".web-cover").is_visible()
    tab.context.unroute_all()
    tab.context.route("https://hotel.example.com/", lambda route: route.fulfill(body="hotel", content_type="text/html"))
    stage.press("ok")
    expect(tab.locator(".web-cover")).to_have_count(0)
    stage.press("back")
    assert stage.place["screen"] == "desktop"
    tab.close()


def test_web_page_that_takes_too_long_is_said_and_left(tab: Page) -> None:
    stage = open_page(tab, answers=lambda route: None)
    assert stage.text(".web-cover h1") == "正在打开网页"

    stage.wind(12)

    assert stage.text(".web-cover h1") == "网页很久没有打开"
    stage.press("back")
    assert (stage.place["screen"], tab.locator("iframe").count()) == ("desktop", 0)


def test_zone_is_walked_with_arrows_only(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "zone"}])
    walk = [
        ("right", [f"tab-{sample.LAST}"]),
        ("left", [f"tab-{sample.FIRST}"]),
        ("down", [f"chip-{sample.SECOND}"]),
        ("right", [f"chip-{sample.QUIET}"]),
        ("left", [f"chip-{sample.SECOND}"]),
        ("down", [sample.PICTURE_ITEM]),
        ("right", [sample.TEXT_ITEM]),
        ("right", [f"chip-{sample.QUIET}"]),  # past the edge lies the next column, which has nothing
        ("up", [f"tab-{sample.FIRST}"]),
    ]

    for key, focus in walk:
        stage.press(key)
        assert stage.focus == focus, key


def test_text_is_read_in_pages_and_left_and_right_change_the_item(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "viewer", "item": sample.TEXT_ITEM}])
    tab.wait_for_selector(".article")

    first = stage.text(".pager")
    stage.press("down")
    second = stage.text(".pager")
    stage.press("left")
    tab.wait_for_selector(".caption")

    assert (first[:5], second[:5]) == ("第 1 /", "第 2 /")
    assert stage.text(".caption") == "晨光"


def test_item_that_is_not_on_at_the_moment_does_not_stand_in_its_column(tab: Page) -> None:
    zone = [*DESKTOP, {"screen": "zone", "column": sample.SECOND}]
    stage = Stage(tab, sample.document(), places=zone)

    before = tab.locator(".item").count()
    stage.at("2026-11-22T14:05:00Z")

    assert (before, tab.locator(".item").count()) == (2, 3)


def test_untouched_desktop_turns_to_the_ad_loop_and_a_key_returns(tab: Page) -> None:
    stage = Stage(tab, sample.document(ads=sample.ads()), places=DESKTOP)

    stage.wind(IDLE - 2)
    before = stage.showing
    stage.wind(3)
    tab.wait_for_selector(".ads.is-captioned")
    during = (stage.showing, stage.text(".caption"))
    stage.wind(8)
    tab.wait_for_selector("text=会员日")
    stage.press("ok")

    assert (before, during) == ("desktop", ("ads", "秋季新品"))
    assert (stage.showing, stage.focus) == ("desktop", ["slot-1"])


def test_untouched_desktop_without_ads_turns_to_the_rotation(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=DESKTOP)

    stage.wind(IDLE + 1)

    assert stage.place == {"screen": "rotation"}


def test_untouched_zone_rotates_even_where_ads_are_on(tab: Page) -> None:
    stage = Stage(tab, sample.document(ads=sample.ads()), places=[*DESKTOP, {"screen": "zone"}])

    stage.wind(IDLE + 1)

    assert stage.place == {"screen": "rotation"}


def test_ad_loop_ends_with_its_hours_and_the_rotation_goes_on(tab: Page) -> None:
    stage = Stage(tab, sample.document(ads=sample.ads()), now="2026-11-22T13:50:00Z", places=DESKTOP)

    stage.wind(IDLE + 1)
    before = stage.place["screen"]
    stage.wind(400)

    assert (before, stage.place["screen"]) == ("ads", "rotation")


def test_nothing_to_show_leaves_the_desktop(tab: Page) -> None:
    empty = sample.document(zone={"idle_seconds": 300, "columns": []})
    stage = Stage(tab, empty, places=DESKTOP)

    stage.wind(2 * IDLE)

    assert stage.place["screen"] == "desktop"


def test_box_is_dark_outside_its_hours_and_says_when_it_comes_back(tab: Page) -> None:
    power = [{**sample.SHANGHAI, "start": "06:00", "end": "22:00"}]
    stage = Stage(tab, sample.document(power=power), now="2026-11-22T13:59:58Z", places=DESKTOP)

    before = stage.showing
    stage.wind(3)
    stage.press("ok")
    dark = (stage.showing, stage.text(".off-note"))
    stage.at("2026-11-22T22:00:00Z")

    assert (before, dark) == ("desktop", ("off", "按计划关机，06:00 开机"))
    assert stage.showing == "desktop"


def test_preview_says_all_the_time_why_it_is_dark(tab: Page) -> None:
    power = [{**sample.SHANGHAI, "start": "06:00", "end": "22:00"}]
    stage = Stage(tab, sample.document(power=power), now="2026-11-22T15:00:00Z", places=DESKTOP)
    tab.evaluate("() => { set.player.shell.saysWhyDark = true; }")
    stage.wind(1)
    said = (stage.showing, stage.text(".off-note:not(.is-hidden)"))

    stage.show(sample.document(power=[{**power[0], "start": "07:30"}]))

    assert said == ("off", "按计划关机，06:00 开机")
    assert stage.text(".off-note:not(.is-hidden)") == "按计划关机，07:30 开机"


def test_release_changes_what_shows_where_the_viewer_is(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "zone"}])
    stage.press("down", "down", "right")
    changed = deepcopy(sample.document())
    changed["zone"]["columns"][0]["columns"][0]["title"] = "新客房"

    stage.show(changed)

    assert stage.text(".level2 .on") == "新客房"
    assert stage.focus == [sample.TEXT_ITEM]


def test_release_that_takes_away_what_shows_leads_back(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "viewer", "item": sample.PICTURE_ITEM}])
    gone = deepcopy(sample.document())
    gone["zone"]["columns"] = []

    stage.show(gone)

    assert (stage.place["screen"], len(stage.focus)) == ("desktop", 1)


def test_message_runs_only_in_its_hours(tab: Page) -> None:
    windows = [{**sample.SHANGHAI, "start": "12:00", "end": "12:10"}]
    stage = Stage(
        tab, sample.document(marquee=[sample.message(sample.NEWS, "开饭了", windows=windows)]), places=DESKTOP
    )

    before = tab.locator(".marquee").count()
    stage.wind(600)

    assert (before, tab.locator(".marquee").count()) == (1, 0)


def test_home_leads_to_the_desktop_from_everywhere(tab: Page) -> None:
    stage = Stage(
        tab, sample.document(), places=[*DESKTOP, {"screen": "zone"}, {"screen": "viewer", "item": sample.TEXT_ITEM}]
    )

    stage.press("home")

    assert stage.place["screen"] == "desktop"


def test_focus_goes_along_with_who_goes_through_a_column(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "zone", "focus": sample.PICTURE_ITEM}])

    stage.press("ok", "right", "back")

    assert (stage.place["screen"], stage.focus) == ("zone", [sample.TEXT_ITEM])


def test_web_page_is_not_opened_without_a_network(tab: Page) -> None:
    document = sample.document()
    document["desktop"]["slots"][0]["action"] = {"open": "url", "url": "https://shop.example.com/"}
    stage = Stage(tab, document, places=DESKTOP)
    tab.context.set_offline(True)

    stage.press("1", "ok")

    tab.context.set_offline(False)
    assert (stage.place["screen"], stage.text(".toast")) == ("desktop", "没有网络，这个网页打不开")
    assert tab.locator("iframe").count() == 0


@pytest.mark.parametrize(
    ("caption", "phrases"),
    [
        ("周年庆三天，进店有礼", ["周年庆三天，", "进店有礼"]),
        ("三天！！进店，有礼。", ["三天！！", "进店，", "有礼。"]),
        ("Three days, gifts", ["Three days, gifts"]),
    ],
)
def test_caption_breaks_after_a_mark(caption: str, phrases: list[str], tab: Page) -> None:
    ads = sample.ads()
    ads["playlists"][0]["items"][0]["caption"] = caption
    stage = Stage(tab, sample.document(ads=ads), places=DESKTOP)

    stage.wind(IDLE + 1)
    tab.wait_for_selector(".ads.is-captioned")

    assert tab.locator(".ads .phrase").all_text_contents() == phrases


def test_picture_that_cannot_be_shown_leaves_the_viewer_in_the_column(tab: Page) -> None:
    broken = sample.document()
    broken["zone"]["columns"][0]["columns"][0]["items"][0]["asset"] = "f" * 64
    stage = Stage(tab, broken, places=[*DESKTOP, {"screen": "zone", "focus": sample.PICTURE_ITEM}])

    stage.press("ok")

    assert (stage.place["screen"], stage.focus) == ("zone", [sample.PICTURE_ITEM])
    assert stage.text(".toast") == "内容已下架"


def test_another_key_gives_up_what_is_being_opened(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "zone", "focus": sample.PICTURE_ITEM}])

    tab.evaluate("() => { set.player.key('ok'); set.player.key('right'); return set.player.settled; }")

    assert (stage.place["screen"], stage.focus) == ("zone", [sample.TEXT_ITEM])


def test_installer_is_told_what_is_missing_and_what_is_wrong(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "settings"}])

    digits, check = "31000000001", check_digit("31000000001")
    stage.press(*digits)
    short = stage.text(".note")
    stage.press(str((int(check) + 1) % 10))
    wrong = stage.text(".note")
    stage.press("back", check, *"1380013800")
    rest = stage.text(".note")

    assert (short, wrong, rest) == ("企业ID还差 1 位", "企业ID有误，请核对", "手机号还差 1 位，填完按查询")


def test_what_keeps_an_installer_from_going_on_stands_out(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "settings"}])

    stage.press(*"31000000001", check_digit("31000000001"), *"13800138000")
    ready = tab.locator(".note.bad").count()
    stage.press("ok")

    assert (ready, stage.text(".note.bad")) == (0, "在真实的机顶盒上使用")


def test_settings_choose_between_dark_and_light(tab: Page) -> None:
    stage = Stage(tab, sample.document(), places=[*DESKTOP, {"screen": "settings"}])

    stage.press("back", "up")

    assert stage.focus == ["pane-picture"]
    assert stage.text(".pane h1") == "画面"
