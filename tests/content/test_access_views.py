"""Every page of content answers its four questions: works, hides from a stranger, refuses a weaker role, refuses a wrong method."""

import re
from datetime import timedelta

import time_machine
from flask import Flask

from portal.access.roles import Role
from portal.catalog.features import Feature
from portal.content.kinds import Kind
from portal.core import clock
from tests.world.browser import Browser
from tests.world.building import build_tenant
from tests.world.cast import Cast, member_of
from tests.world.content import Full, a_playlist, a_slot, an_entry, draft, view_of
from tests.world.counting import counted_queries
from tests.world.packages import BASIC, cancel_next_month, suspend

MOST_QUERIES = 12


LOOKED_AT = [
    "logo/",
    "slots/",
    "splash/",
    "zone/",
    "zone/{first}",
    "zone/{second}",
    "marquee/",
    "ads/",
    "recycle-bin",
    "{item}/history",
    "files/image",
    "files/video",
]
EDITED = [
    "logo/new",
    "logo/{logo}",
    "slots/new?position=2",
    "slots/{slot}",
    "splash/new?position=2",
    "splash/{frame}",
    "zone/columns/new?parent={first}",
    "zone/columns/{second}",
    "zone/items/new?column={second}",
    "zone/items/{item}",
    "marquee/new",
    "marquee/{marquee}",
    "ads/playlists/new",
    "ads/playlists/{playlist}",
    "ads/schedule/new",
    "ads/schedule/{entry}",
    "ads/default/new",
    "ads/default/{default}",
]
DONE = [
    "logo/{logo}/delete",
    "logo/{logo}/discard",
    "slots/{slot}/move",
    "slots/{slot}/delete",
    "slots/{slot}/discard",
    "splash/{frame}/move",
    "splash/{frame}/delete",
    "splash/{frame}/discard",
    "zone/{second}/upload",
    "zone/columns/order",
    "zone/columns/{second}/delete",
    "zone/columns/{second}/discard",
    "zone/items/order",
    "zone/items/{item}/delete",
    "zone/items/{item}/discard",
    "marquee/{marquee}/delete",
    "marquee/{marquee}/discard",
    "ads/{entry}/delete",
    "ads/{entry}/discard",
    "{item}/restore",
    "hidden",
]


def test_pages_work_for_an_editor(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    answers = {path: browser.get(full.at(path)).status_code for path in [*LOOKED_AT, *EDITED]}

    assert answers == dict.fromkeys([*LOOKED_AT, *EDITED], 200)


def test_group_editor_may_look_at_everything(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.group_editor)

    answers = {path: browser.get(full.at(path)).status_code for path in [*LOOKED_AT, *EDITED]}

    assert answers == dict.fromkeys([*LOOKED_AT, *EDITED], 200)


def test_reviewer_may_look_and_not_edit(full: Full, app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.reviewer)

    looked = {path: browser.get(full.at(path)).status_code for path in LOOKED_AT}
    edited = {path: browser.get(full.at(path)).status_code for path in EDITED}
    done = {path: browser.post(full.at(path), {"version": "1"}).status_code for path in [*EDITED, *DONE]}

    assert looked == dict.fromkeys(LOOKED_AT, 200)
    assert edited == dict.fromkeys(EDITED, 403)
    assert done == dict.fromkeys([*EDITED, *DONE], 403)


def test_reviewers_pages_lead_to_nothing_that_refuses(full: Full, app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.reviewer)
    forbidden = [full.at(path).partition("?")[0] for path in [*EDITED, *DONE]]

    for path in LOOKED_AT:
        page = browser.get(full.at(path)).text
        assert [address for address in forbidden if f'"{address}' in page] == [], path


def test_province_without_the_right_is_refused(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.province)

    answers = {path: browser.get(full.at(path)).status_code for path in [*LOOKED_AT, *EDITED]}

    assert answers == dict.fromkeys([*LOOKED_AT, *EDITED], 403)


def test_stranger_finds_nothing(full: Full, app: Flask, cast: Cast) -> None:
    for person in (cast.stranger, cast.jiangzhou.editor):
        browser = Browser(app, person)
        got = {path: browser.get(full.at(path)).status_code for path in [*LOOKED_AT, *EDITED]}
        posted = {path: browser.post(full.at(path), {"version": "1"}).status_code for path in [*EDITED, *DONE]}

        assert got == dict.fromkeys([*LOOKED_AT, *EDITED], 404)
        assert posted == dict.fromkeys([*EDITED, *DONE], 404)


def test_objects_of_another_tenant_are_not_in_ones_own_space(full: Full, app: Flask, cast: Cast) -> None:
    browser = Browser(app, cast.jiangzhou.editor)
    here = f"{cast.jiangzhou.path}/content/"
    named = [path for path in [*LOOKED_AT, *EDITED] if "{" in path and "?" not in path]
    acts = [path for path in DONE if "{" in path]

    got = {path: browser.get(here + path.format(**full.ids)).status_code for path in named}
    posted = {
        path: browser.post(here + path.format(**full.ids), {"version": "1", "to": "2"}).status_code for path in acts
    }

    assert got == dict.fromkeys(named, 404)
    assert posted == dict.fromkeys(acts, 404)


def test_made_up_id_is_not_there(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    made_up = dict.fromkeys(full.ids, "01a20000-0000-7000-8000-000000000000")

    for path in [*LOOKED_AT, *EDITED]:
        if "{" in path and "?" not in path:
            address = f"{full.house.path}/content/{path.format(**made_up)}"
            assert browser.get(address).status_code == 404, path


def test_wrong_method_is_refused(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)

    put = {
        path: browser.client.put(full.at(path), data={"csrf_token": browser.form_token}).status_code
        for path in LOOKED_AT
    }
    # A page of one object has no address below it that an act could be mistaken for.
    fetched = {path: browser.get(full.at(path)).status_code for path in DONE}

    assert put == dict.fromkeys(LOOKED_AT, 405)
    assert fetched == dict.fromkeys(DONE, 405)


def test_pages_ask_few_queries_however_much_there_is(full: Full, app: Flask) -> None:
    tenant = full.house.tenant
    browser = Browser(app, full.house.editor)
    browser.get(full.at("zone/"))
    one = {path: queries_of(browser, full.at(path)) for path in LOOKED_AT}
    for number in (2, 3):
        a_slot(tenant, number, f"第{number}格")
        draft(tenant, Kind.MARQUEE, {"text": f"第{number}条"})
        an_entry(tenant, a_playlist(tenant, f"列表{number}"))
        payload = {"column": full.ids["second"], "kind": "text", "title": "又一条", "html": "<p>文</p>", "seconds": 9}
        draft(tenant, Kind.ITEM, payload)
    three = {path: queries_of(browser, full.at(path)) for path in LOOKED_AT}

    assert three == one
    assert {path: count for path, count in three.items() if count > MOST_QUERIES} == {}


def test_forms_ask_few_queries(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    browser.get(full.at("zone/"))

    counts = {path: queries_of(browser, full.at(path)) for path in EDITED}

    assert {path: count for path, count in counts.items() if count > MOST_QUERIES} == {}


def queries_of(browser: Browser, address: str) -> int:
    with counted_queries() as queries:
        browser.get(address)
    return len(queries)


# what the package holds

FEATURE_OF = {
    "logo/": Feature.LOGO,
    "slots/": Feature.SLOTS,
    "splash/": Feature.SPLASH,
    "zone/": Feature.ZONE,
    "marquee/": Feature.MARQUEE,
    "ads/": Feature.ADS,
}


def test_feature_never_held_is_locked_and_says_which_package_has_it(app: Flask, cast: Cast) -> None:
    tenant = build_tenant("小店(上海餐饮)", package=BASIC, province="31")
    browser = Browser(app, member_of(tenant, "keeper", Role.TENANT_ADMIN))

    for path, feature in FEATURE_OF.items():
        answer = browser.get(f"/e/{tenant.enterprise_id}/content/{path}")
        locked = feature is not Feature.LOGO
        assert (answer.status_code, "还没有开通" in answer.text) == (403 if locked else 200, locked), path


def test_locked_feature_stands_in_the_menu_and_says_both_sums_as_money(app: Flask, cast: Cast) -> None:
    tenant = build_tenant("小店(上海餐饮)", package=BASIC, province="31")
    browser = Browser(app, member_of(tenant, "keeper", Role.TENANT_ADMIN))
    browser.post("/preferences", {"lang": "en"})

    page = browser.get(f"/e/{tenant.enterprise_id}/content/marquee/").text

    assert re.findall(r'href="([^"]*)"[^>]*aria-current="page"', page) == [
        f"/e/{tenant.enterprise_id}/content/marquee/"
    ]
    assert re.search(r"¥\d+\.\d\d → ¥\d+\.\d\d a month per box", page)


def test_locked_feature_comes_at_once_where_it_takes_a_new_order(app: Flask, cast: Cast) -> None:
    tenant = build_tenant("小店(上海餐饮)", package=BASIC, province="31")
    browser = Browser(app, member_of(tenant, "keeper", Role.TENANT_ADMIN))
    path = f"/e/{tenant.enterprise_id}/content/marquee/"
    changing = browser.get(path).text
    cancel_next_month(tenant)
    with time_machine.travel(clock.now() + timedelta(days=32)):
        ordering = Browser(app, member_of(tenant, "heir", Role.TENANT_ADMIN)).get(path).text

    assert ("下月 1 日 00:00" in changing, "28.00 →" in changing) == (True, True)
    assert ("下月 1 日 00:00" in ordering, "28.00 →" in ordering, "马上生效" in ordering) == (False, False, True)


def test_feature_that_is_granted_only_names_no_day(app: Flask, cast: Cast) -> None:
    page = Browser(app, cast.yunqi.editor).get(f"{cast.yunqi.path}/content/power/").text

    assert ("运营中心单独授权" in page, "何时生效" in page) == (True, False)


def test_what_stood_on_the_desktop_is_still_seen_without_its_feature(full: Full, app: Flask) -> None:
    suspend(full.house.tenant)
    browser = Browser(app, full.house.editor)

    assert full.at("slots/{slot}") in browser.get(full.at("slots/")).text
    assert full.payload("logo")["image"] in browser.get(full.at("logo/")).text


def test_feature_held_before_is_read_only_and_keeps_its_drafts(full: Full, app: Flask) -> None:
    suspend(full.house.tenant)
    browser = Browser(app, full.house.editor)

    for path in FEATURE_OF:
        page = browser.get(full.at(path))
        assert (page.status_code, "内容和草稿都保留，只能查看" in page.text) == (200, True), path
        acts = [address for address in map(full.at, DONE) if f'action="{address}"' in page.text]
        assert acts == [], path
    for path in [path for path in EDITED if "new" not in path]:
        page = browser.get(full.at(path))
        assert (page.status_code, 'name="submit_now"' in page.text) == (200, False), path
    refused = {path: browser.post(full.at(path), {"version": "1"}).status_code for path in [*EDITED, *DONE[:-2]]}
    assert refused == dict.fromkeys([*EDITED, *DONE[:-2]], 403)
    assert view_of(full.house.tenant, full.ids["item"]).state == "draft"
    told = browser.post(full.at("marquee/new"), {"version": "1"}).text
    assert ("还没有开通" in told, "内容和草稿都保留，只能查看" in told, "刚才的操作没有做" in told) == (
        False,
        True,
        True,
    )


def test_restoring_what_the_package_does_not_hold_is_refused(full: Full, app: Flask) -> None:
    suspend(full.house.tenant)
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("{item}/restore"), {"version": full.version("item")})

    assert answer.status_code == 403
