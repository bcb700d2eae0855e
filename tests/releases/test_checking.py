"""A document that breaks the contract is refused with the place; each test breaks the reference document in one place."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bench.reference import object_id, picture, reference_document, video
from portal.releases.checking import DocumentRefused, check_document
from tests.golden.tenants import TENANTS

Json = dict[str, Any]
REFERENCE = reference_document()
WINDOW = {"tz": "Asia/Shanghai"}


def faults(document: Json) -> list[str]:
    with pytest.raises(DocumentRefused) as refused:
        check_document(document)
    return [place for place, _ in refused.value.faults]


def broken(breakage: Callable[[Json], object]) -> Json:
    document = copy.deepcopy(REFERENCE)
    breakage(document)
    return document


def first_item(document: Json) -> Json:
    item: Json = document["zone"]["columns"][0]["columns"][0]["items"][0]
    return item


ITEM = "/zone/columns/0/columns/0/items/0"


@pytest.mark.parametrize("name", TENANTS)
def test_golden_document_is_right(name: str) -> None:
    check_document(TENANTS[name]().document())


@pytest.mark.parametrize(
    ("place", "breakage"),
    [
        ("/schema", lambda d: d.update(schema="zone/2")),
        ("/extra", lambda d: d.update(extra=1)),
        ("/marquee", lambda d: d.pop("marquee")),
        ("/enterprise/id", lambda d: d["enterprise"].update(id="012345678901")),
        ("/desktop/slots/3/position", lambda d: d["desktop"]["slots"][3].update(position=11)),
        ("/desktop/slots/3/position", lambda d: d["desktop"]["slots"][3].update(position="4")),
        ("/desktop/slots/0/action", lambda d: d["desktop"]["slots"][0].update(action=None)),
        ("/desktop/slots/2/action/url", lambda d: d["desktop"]["slots"][2]["action"].update(url="http://a.example")),
        ("/splash/frames", lambda d: d["splash"]["frames"].append(d["splash"]["frames"][0])),
        (f"{ITEM}/kind", lambda d: first_item(d).update(kind="audio")),
        ("/assets/0/bytes", lambda d: d["assets"][0].update(bytes=0)),
        ("/assets/0/width", lambda d: d["assets"][0].update(width=None)),
        ("/assets/0/url", lambda d: d["assets"][0].update(url="assets/a.png")),
        ("/assets/0/url", lambda d: d["assets"][0].update(url="//evil.example/a.png")),
        ("/marquee/0/windows/0/tz", lambda d: d["marquee"][0].update(windows=[{"start": "08:00"}])),
        ("/marquee/0/windows/0/days", lambda d: d["marquee"][0].update(windows=[{**WINDOW, "days": []}])),
    ],
)
def test_wrong_shape_is_refused_at_its_place(place: str, breakage: Callable[[Json], object]) -> None:
    assert faults(broken(breakage)) == [place]


def without(feature: str) -> Callable[[Json], object]:
    return lambda document: document["features"].remove(feature)


@pytest.mark.parametrize(
    ("places", "breakage"),
    [
        (["/features"], lambda d: d["features"].reverse()),
        (["/features"], without("base")),
        (["/features/8"], lambda d: d["features"].append("zzz")),
        (["/desktop/logo"], without("logo")),
        (["/desktop/slots"], without("slots")),
        (["/splash/frames"], without("splash")),
        (["/marquee"], without("marquee")),
        (["/ads"], without("ads")),
        (["/power"], lambda d: d.update(power=[WINDOW])),
        (["/desktop/slots"], lambda d: d["desktop"]["slots"].reverse()),
        (["/desktop/slots"], lambda d: d["desktop"]["slots"][1].update(position=1)),
        (["/marquee"], lambda d: d["marquee"].insert(0, d["marquee"].pop())),
        (["/ads/playlists"], lambda d: d["ads"]["playlists"].reverse()),
        (["/ads/schedule"], lambda d: d["ads"]["schedule"].reverse()),
        (["/ads/marquee"], lambda d: d["ads"]["marquee"].reverse()),
        (["/assets"], lambda d: d["assets"].reverse()),
        (["/zone/columns"], lambda d: first_item(d).update(id=object_id(0x3001))),
        (["/ads/playlists/0/items"], lambda d: d["ads"]["playlists"][0]["items"][1].update(id=object_id(0x4000))),
        (["/desktop/slots/0/action"], lambda d: d["desktop"]["slots"][0]["action"].update(column=object_id(0x9))),
        (["/desktop/slots/1/action"], lambda d: d["desktop"]["slots"][1]["action"].update(item=object_id(0x1000))),
        (
            ["/desktop/slots/2/action"],
            lambda d: d["desktop"]["slots"][2].update(action={"open": "app", "package": "com.example.a"}),
        ),
        (
            ["/desktop/slots/2/action"],
            lambda d: d["desktop"]["slots"][2].update(action={"open": "live", "url": "udp://239.1.1.1:5000"}),
        ),
        (["/ads/default"], lambda d: d["ads"].update(default=object_id(0x9))),
        (["/ads/schedule/1/playlist"], lambda d: d["ads"]["schedule"][1].update(playlist=object_id(0x9))),
        (["/ads/marquee/1"], lambda d: d["ads"]["marquee"].__setitem__(1, object_id(0x9))),
        ([f"{ITEM}/html"], lambda d: first_item(d).update(html="<p>a</p>")),
        ([f"{ITEM[:-1]}3/html"], lambda d: d["zone"]["columns"][0]["columns"][0]["items"][3].update(html="<img>")),
        ([f"{ITEM}/seconds"], lambda d: first_item(d).update(seconds=None)),
        ([f"{ITEM}/asset"], lambda d: first_item(d).update(asset=video(0))),
        ([f"{ITEM}/asset"], lambda d: first_item(d).update(asset="ff" * 32)),
        (["/desktop/logo"], lambda d: d["desktop"].update(logo="ff" * 32)),
        (["/desktop/slots/3/action/asset"], lambda d: d["desktop"]["slots"][3]["action"].update(asset=picture(0))),
        (
            ["/marquee/0/windows/0/until"],
            lambda d: d["marquee"][0].update(windows=[{**WINDOW, "from": "2026-05-02", "until": "2026-05-01"}]),
        ),
        (["/marquee/0/windows/0/from"], lambda d: d["marquee"][0].update(windows=[{**WINDOW, "from": "2026-02-30"}])),
        (["/marquee/0/windows/0/days"], lambda d: d["marquee"][0].update(windows=[{**WINDOW, "days": [1, 1]}])),
    ],
)
def test_broken_rule_is_refused_at_its_place(places: list[str], breakage: Callable[[Json], object]) -> None:
    found = faults(broken(breakage))

    assert [place for place in found if not place.startswith("/assets/")] == places


def test_zone_without_its_feature_is_refused_with_the_actions_into_it() -> None:
    found = faults(broken(without("zone")))

    assert found == ["/zone/columns", *(f"/desktop/slots/{index}/action" for index in (0, 1, 4, 5, 8, 9))]


def test_asset_that_nothing_names_is_refused() -> None:
    document = broken(lambda d: d["desktop"].update(logo=None))
    unnamed = [index for index, asset in enumerate(document["assets"]) if asset["sha256"] == picture(0)]

    first_item(document)["asset"] = picture(1)
    for column in (column for first in document["zone"]["columns"] for column in first["columns"]):
        for item in column["items"]:
            item["asset"] = picture(1) if item["asset"] == picture(0) else item["asset"]
    for playlist in document["ads"]["playlists"]:
        for item in playlist["items"]:
            item["asset"] = picture(1) if item["asset"] == picture(0) else item["asset"]

    assert faults(document) == [f"/assets/{index}" for index in unnamed]


def test_poster_must_be_in_the_document() -> None:
    position = next(index for index, asset in enumerate(REFERENCE["assets"]) if "poster" in asset)

    assert faults(broken(lambda d: d["assets"][position].update(poster="ff" * 32))) == [f"/assets/{position}/poster"]
