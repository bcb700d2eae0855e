"""The compiler's rules one by one, and what must hold for any manifest."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.reference import ENTITLED, ROOT, object_id, picture, reference_assets, reference_document, video
from portal.catalog.features import Feature
from portal.content.envelope import Envelope, make_envelope
from portal.core.ids import GroupId
from portal.releases.assets import MissingAsset
from portal.releases.checking import check_document
from portal.releases.document import Enterprise, Entitlement, compile_document, document_bytes

HOTEL = Enterprise("310000000012", "云栖酒店")
EAST, WEST, STORE = (GroupId(object_id(0xA001 + number)) for number in range(3))
EVERYTHING = Entitlement(frozenset(Feature))
TZ = "Asia/Shanghai"


def compiled(
    objects: dict[int, Envelope], path: tuple[GroupId, ...] = (ROOT,), entitled: Entitlement = EVERYTHING
) -> dict[str, Any]:
    manifest = {object_id(number): envelope for number, envelope in objects.items()}
    document = compile_document(HOTEL, entitled, manifest, path, reference_assets())
    check_document(document)
    return document


def slot(position: int, title: str = "客房", action: dict[str, Any] | None = None, **parts: Any) -> Envelope:
    action = action or {"open": "url", "url": "https://www.example.com/"}
    return make_envelope("slot", {"position": position, "title": title, "image": picture(1), "action": action}, **parts)


def column(title: str, parent: int | None = None, order: int = 0, **parts: Any) -> Envelope:
    payload = {"parent": parent and object_id(parent), "title": title, "order": order}
    return make_envelope("column", payload, **parts)


def item(title: str, under: int, order: int = 0, **parts: Any) -> Envelope:
    payload = {"column": object_id(under), "kind": "image", "title": title, "asset": picture(2), "seconds": 10}
    return make_envelope("item", {**payload, "order": order}, **parts)


def marquee(text: str, priority: int = 0, *, over_ads: bool = False, **parts: Any) -> Envelope:
    return make_envelope("marquee", {"text": text, "priority": priority, "over_ads": over_ads}, **parts)


def playlist(*numbers: int, **parts: Any) -> Envelope:
    items = [{"id": object_id(number), "kind": "image", "asset": picture(3), "seconds": 10} for number in numbers]
    return make_envelope("playlist", {"title": "早间", "items": items}, **parts)


def entry(of: int, **parts: Any) -> Envelope:
    return make_envelope("schedule_entry", {"playlist": object_id(of), "priority": 1}, **parts)


def default(of: int, **parts: Any) -> Envelope:
    return make_envelope("default_playlist", {"playlist": object_id(of)}, **parts)


def titles(document: dict[str, Any]) -> list[str]:
    return [each["title"] for each in document["desktop"]["slots"]]


def tree(document: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    return {
        first["title"]: {second["title"]: [item["title"] for item in second["items"]] for second in first["columns"]}
        for first in document["zone"]["columns"]
    }


def test_empty_manifest_is_a_whole_document() -> None:
    assert compiled({}, entitled=Entitlement(frozenset({Feature.BASE}))) == {
        "schema": "zone/1",
        "enterprise": {"id": "310000000012", "name": "云栖酒店"},
        "lang": "zh-CN",
        "features": ["base"],
        "desktop": {"logo": None, "slots": []},
        "splash": {"frames": []},
        "zone": {"idle_seconds": 300, "columns": []},
        "marquee": [],
        "ads": {"idle_seconds": 300, "playlists": [], "schedule": [], "default": None, "marquee": []},
        "apps": [],
        "power": [],
        "assets": [],
    }


def test_reference_document_is_about_40_kilobytes() -> None:
    document = reference_document()

    second = [column for first in document["zone"]["columns"] for column in first["columns"]]
    ads = [item for each in document["ads"]["playlists"] for item in each["items"]]
    assert [len(column["items"]) for column in second] == [8] * 12
    assert [len(document["desktop"]["slots"]), len(document["marquee"]), len(ads)] == [10, 5, 20]
    assert len(document["splash"]["frames"]) == 2
    assert 36_000 <= len(document_bytes(document)) <= 46_000


def test_hidden_and_deleted_objects_are_left_out() -> None:
    assert titles(compiled({1: slot(1), 2: slot(2, hidden=True), 3: slot(3, deleted=True)})) == ["客房"]


def test_nearest_group_wins_a_slot_position() -> None:
    objects = {1: slot(1, "全国"), 2: slot(1, "华东", targets=[EAST]), 3: slot(1, "门店", targets=[STORE])}

    assert titles(compiled(objects)) == ["全国"]
    assert titles(compiled(objects, (ROOT, WEST))) == ["全国"]
    assert titles(compiled(objects, (ROOT, EAST))) == ["华东"]
    assert titles(compiled(objects, (ROOT, EAST, STORE))) == ["门店"]


def test_object_with_several_targets_counts_as_the_nearest_of_them() -> None:
    objects = {1: slot(1, "两处", targets=[ROOT, STORE]), 2: slot(1, "华东", targets=[EAST])}

    assert titles(compiled(objects, (ROOT, EAST, STORE))) == ["两处"]
    assert titles(compiled(objects, (ROOT, EAST))) == ["华东"]


def test_hidden_slot_of_a_near_group_uncovers_the_one_above() -> None:
    objects = {1: slot(1, "全国"), 2: slot(1, "华东", targets=[EAST], hidden=True)}

    assert titles(compiled(objects, (ROOT, EAST))) == ["全国"]


def test_of_two_equally_near_the_older_id_stays() -> None:
    assert titles(compiled({2: slot(1, "后来"), 1: slot(1, "先来")})) == ["先来"]


def test_frames_logo_and_default_playlist_are_of_the_nearest_group() -> None:
    def frame(number: int, **parts: Any) -> Envelope:
        return make_envelope("frame", {"position": 1, "image": picture(number)}, **parts)

    objects = {
        1: make_envelope("logo", {"image": picture(4)}),
        2: make_envelope("logo", {"image": picture(5)}, targets=[EAST]),
        3: frame(6),
        4: frame(7, targets=[EAST]),
        5: playlist(0x50),
        6: playlist(0x51),
        7: default(5),
        8: default(6, targets=[EAST]),
    }

    document = compiled(objects, (ROOT, EAST))

    assert document["desktop"]["logo"] == picture(5)
    assert document["splash"]["frames"] == [{"image": picture(7), "seconds": 15}]
    assert document["ads"]["default"] == object_id(6)
    assert [each["id"] for each in document["ads"]["playlists"]] == [object_id(6)]


def test_marquees_add_up_in_running_order() -> None:
    objects = {
        1: marquee("一", 1),
        2: marquee("二", 5, targets=[EAST]),
        3: marquee("三", 5),
        4: marquee("西", targets=[WEST]),
    }

    document = compiled(objects, (ROOT, EAST))

    assert [line["text"] for line in document["marquee"]] == ["二", "三", "一"]


def test_columns_and_items_stand_in_their_order_then_by_id() -> None:
    objects = {
        1: column("乙", order=2),
        2: column("甲", order=1),
        3: column("乙二", 1, order=1),
        4: column("乙一", 1, order=1),
        5: column("甲一", 2),
        6: item("后", 5, order=9),
        7: item("先", 5, order=3),
        8: item("同", 5, order=9),
    }

    document = compiled(objects)

    assert list(tree(document)) == ["甲", "乙"]
    assert tree(document) == {"甲": {"甲一": ["先", "后", "同"]}, "乙": {"乙二": [], "乙一": []}}
    assert list(tree(document)["乙"]) == ["乙二", "乙一"]


def test_what_has_lost_its_column_falls_out_and_empty_columns_stay() -> None:
    objects = {
        1: column("隐藏", hidden=True),
        2: column("孤儿", 1),
        3: item("孤儿", 2),
        4: column("华东", targets=[EAST]),
        5: column("华东二级", 4),
        6: item("全国内容", 5),
        7: item("一级里的内容", 9),
        8: item("没有栏目", 99),
        9: column("留下"),
    }

    assert tree(compiled(objects)) == {"留下": {}}
    assert tree(compiled(objects, (ROOT, EAST))) == {"华东": {"华东二级": ["全国内容"]}, "留下": {}}


def test_slot_with_a_dead_action_falls_out() -> None:
    objects = {
        1: column("甲", targets=[EAST]),
        2: column("甲一", 1),
        3: item("内容", 2),
        4: slot(1, "栏目", {"open": "column", "column": object_id(1)}),
        5: slot(2, "二级", {"open": "column", "column": object_id(2)}),
        6: slot(3, "内容", {"open": "item", "item": object_id(3)}),
        7: slot(4, "应用", {"open": "app", "package": "com.example.a"}),
        8: slot(5, "网页"),
    }

    assert titles(compiled(objects)) == ["网页"]
    assert titles(compiled(objects, (ROOT, EAST))) == ["栏目", "二级", "内容", "网页"]


def test_near_slot_with_a_dead_action_does_not_uncover_the_one_above() -> None:
    dead = slot(1, "华东", {"open": "column", "column": object_id(9)}, targets=[EAST])

    assert titles(compiled({1: slot(1, "全国"), 2: dead}, (ROOT, EAST))) == []


def test_live_action_needs_its_grant() -> None:
    objects = {1: slot(1, "直播", {"open": "live", "url": "udp://239.1.1.1:5000"}), 2: slot(2)}
    without = Entitlement(frozenset(Feature) - {Feature.LIVE})

    assert titles(compiled(objects)) == ["直播", "客房"]
    assert titles(compiled(objects, entitled=without)) == ["客房"]


def test_ads_keep_only_what_plays() -> None:
    objects = {
        1: playlist(0x51),
        2: playlist(),
        3: playlist(0x53, hidden=True),
        4: playlist(0x54),
        5: entry(1),
        6: entry(2),
        7: entry(3),
        8: entry(99),
        9: default(2),
    }

    ads = compiled(objects)["ads"]

    assert [each["id"] for each in ads["playlists"]] == [object_id(1)]
    assert [each["id"] for each in ads["schedule"]] == [object_id(5)]
    assert ads["default"] is None


def test_marquees_over_ads_need_both_features() -> None:
    objects = {1: marquee("一", 1, over_ads=True), 2: marquee("二", 5, over_ads=True), 3: marquee("三")}

    def over(*missing: Feature) -> list[str]:
        entitled = Entitlement(frozenset(Feature).difference(missing))
        return list(compiled(objects, entitled=entitled)["ads"]["marquee"])

    assert over() == [object_id(2), object_id(1)]
    assert over(Feature.ADS) == []
    assert over(Feature.MARQUEE) == []


def test_video_shows_for_its_own_length_unless_told_otherwise() -> None:
    def clip(**fields: Any) -> Envelope:
        payload = {"column": object_id(2), "kind": "video", "title": "影片", "asset": video(1), **fields}
        return make_envelope("item", payload)

    document = compiled({1: column("甲"), 2: column("甲一", 1), 3: clip(), 4: clip(seconds=20)})

    items = document["zone"]["columns"][0]["columns"][0]["items"]
    assert [each["seconds"] for each in items] == [31, 20]


def test_power_is_written_only_with_its_grant() -> None:
    hours = make_envelope("power", {}, windows=[{"start": "06:00", "end": "22:00", "tz": TZ}])

    granted = compiled({1: hours}, entitled=Entitlement(frozenset(Feature)))
    ended = compiled({1: hours}, entitled=Entitlement(frozenset({Feature.BASE})))

    assert granted["power"] == [{"start": "06:00", "end": "22:00", "tz": TZ}]
    assert ended["power"] == []


def test_assets_are_named_once_sorted_with_the_posters_of_videos() -> None:
    action = {"open": "video", "asset": video(0)}
    document = compiled({1: slot(1, action=action), 2: slot(2, action=action)})

    expected = sorted([picture(1), video(0), reference_assets()[video(0)].poster or ""])
    assert [asset["sha256"] for asset in document["assets"]] == expected
    assert next(asset for asset in document["assets"] if asset["sha256"] == picture(1)) == {
        "sha256": picture(1),
        "bytes": 210_001,
        "type": "image/jpeg",
        "url": f"/pub/assets/{picture(1)}.jpeg",
        "width": 1920,
        "height": 1080,
        "variants": [variant.to_json() for variant in reference_assets()[picture(1)].variants],
    }


def test_file_without_description_stops_the_compiler() -> None:
    lost = make_envelope("logo", {"image": "ff" * 32})

    with pytest.raises(MissingAsset, match="f" * 64):
        compiled({1: lost})


# For any manifest: objects of every kind, aimed anywhere, hidden here and there, under any set of features.

targets = st.lists(st.sampled_from([ROOT, EAST, WEST, STORE]), max_size=2)
parts = st.fixed_dictionaries(
    {"targets": targets, "hidden": st.booleans(), "deleted": st.sampled_from([False, False, True])}
)
few = st.integers(1, 8)
actions = st.one_of(
    st.just({"open": "url", "url": "https://www.example.com/"}),
    few.map(lambda number: {"open": "column", "column": object_id(number)}),
    few.map(lambda number: {"open": "item", "item": object_id(number)}),
    st.just({"open": "app", "package": "com.example.a"}),
    st.just({"open": "live", "url": "udp://239.1.1.1:5000"}),
    st.just({"open": "video", "asset": video(0)}),
)


def made(shape: Any, *arguments: Any) -> st.SearchStrategy[Envelope]:
    return st.builds(lambda values, common: shape(*values, **common), st.tuples(*arguments), parts)


envelopes = st.one_of(
    made(lambda position, action, **common: slot(position, action=action, **common), st.integers(1, 3), actions),
    made(column, st.just("栏目"), st.none() | few, st.integers(0, 2)),
    made(item, st.just("内容"), few, st.integers(0, 2)),
    made(
        lambda text, priority, over, **common: marquee(text, priority, over_ads=over, **common),
        st.just("走"),
        st.integers(0, 2),
        st.booleans(),
    ),
    made(playlist, st.just(0x51)),
    made(entry, few),
    made(default, few),
)
manifests = st.dictionaries(st.integers(1, 8), envelopes, max_size=8)
feature_sets = st.sets(st.sampled_from(Feature)).map(lambda some: Entitlement(frozenset(some | {Feature.BASE})))
paths = st.sampled_from([(ROOT,), (ROOT, EAST), (ROOT, WEST), (ROOT, EAST, STORE)])


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(manifests, paths, feature_sets, st.randoms(use_true_random=False))
def test_any_manifest_gives_a_right_document_whatever_its_order(
    objects: dict[int, Envelope], path: tuple[GroupId, ...], entitled: Entitlement, chance: random.Random
) -> None:
    shuffled = list(objects.items())
    chance.shuffle(shuffled)

    document = compiled(objects, path, entitled)  # `compiled` checks it: references, features, order
    again = compiled(dict(shuffled), path, entitled)

    assert document_bytes(document) == document_bytes(again)


@settings(deadline=None)
@given(manifests, paths)
def test_fewer_features_only_remove(objects: dict[int, Envelope], path: tuple[GroupId, ...]) -> None:
    def ids(entitled: Entitlement) -> set[str]:
        document = compiled(objects, path, entitled)
        lists = [document["marquee"], document["ads"]["schedule"], document["zone"]["columns"]]
        return {each["id"] for found in lists for each in found} | {
            str(each["position"]) for each in document["desktop"]["slots"]
        }

    assert ids(ENTITLED) <= ids(EVERYTHING)
    assert ids(Entitlement(frozenset({Feature.BASE}))) == set()
