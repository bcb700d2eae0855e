"""What only a whole set of objects can get wrong."""

from typing import Any

from portal.catalog.features import Feature
from portal.content.envelope import Envelope, make_envelope
from portal.content.problems import Problem, problems
from portal.core.ids import GroupId, ObjectId
from portal.core.messages import N_

SHA = "ab" * 32
ROOT, EAST, WEST = (GroupId(f"01990000-0000-7000-8000-00000000a00{number}") for number in range(3))
ALL = frozenset(Feature)


def oid(number: int) -> ObjectId:
    return ObjectId(f"01990000-0000-7000-8000-{number:012x}")


def slot(position: int, action: dict[str, str] | None = None, **parts: Any) -> Envelope:
    action = action or {"open": "url", "url": "https://www.example.com/"}
    return make_envelope("slot", {"position": position, "title": "客房", "image": SHA, "action": action}, **parts)


def column(parent: int | None = None, **parts: Any) -> Envelope:
    return make_envelope("column", {"parent": parent and oid(parent), "title": "栏目"}, **parts)


def item(under: int, **parts: Any) -> Envelope:
    payload = {"column": oid(under), "kind": "image", "title": "大堂", "asset": SHA, "seconds": 10}
    return make_envelope("item", payload, **parts)


def playlist(*, empty: bool = False, **parts: Any) -> Envelope:
    items = [] if empty else [{"id": oid(99), "kind": "image", "asset": SHA, "seconds": 10}]
    return make_envelope("playlist", {"title": "早间", "items": items}, **parts)


def entry(of: int) -> Envelope:
    return make_envelope("schedule_entry", {"playlist": oid(of)})


def app(**parts: Any) -> Envelope:
    payload = {"package": "com.example.a", "version_code": 1, "name": "A", "asset": SHA, "signer_sha256": SHA}
    return make_envelope("app", payload, **parts)


def found(working: dict[int, Envelope], features: frozenset[Feature] = ALL) -> list[tuple[int, str, str]]:
    numbered = {oid(number): envelope for number, envelope in working.items()}
    told = problems(numbered, features, {ROOT, EAST, WEST}, ROOT)
    return [(int(problem.object_id[-12:], 16), problem.field, problem.message.text) for problem in told]


def test_whole_zone_has_no_problem() -> None:
    working = {
        1: column(),
        2: column(1),
        3: item(2),
        4: slot(1, {"open": "column", "column": oid(1)}),
        5: slot(2, {"open": "column", "column": oid(2)}),
        6: slot(3, {"open": "item", "item": oid(3)}),
        7: app(),
        8: slot(4, {"open": "app", "package": "com.example.a"}),
        9: playlist(),
        10: entry(9),
        11: make_envelope("default_playlist", {"playlist": oid(9)}),
    }

    assert found(working) == []


def test_problem_names_object_field_and_sentence() -> None:
    told = problems({oid(3): item(2)}, ALL, {ROOT}, ROOT)

    assert told == [Problem(oid(3), "column", N_("所属栏目不存在或已删除。"))]


TAKEN = "同一分组的这个位置已经有内容。"


def test_two_slots_of_one_position_are_rivals_where_they_share_a_target() -> None:
    assert found({1: slot(1), 2: slot(1)}) == [(1, "position", TAKEN), (2, "position", TAKEN)]
    assert found({1: slot(1), 2: slot(1, targets=[ROOT])}) == [(1, "position", TAKEN), (2, "position", TAKEN)]
    assert found({1: slot(1, targets=[EAST, WEST]), 2: slot(1, targets=[WEST])}) == [
        (1, "position", TAKEN),
        (2, "position", TAKEN),
    ]


def test_two_slots_of_one_position_get_along_elsewhere() -> None:
    assert found({1: slot(1), 2: slot(1, targets=[EAST]), 3: slot(1, targets=[WEST]), 4: slot(2)}) == []
    assert found({1: slot(1), 2: slot(1, hidden=True), 3: slot(1, deleted=True)}) == []


def test_every_single_valued_kind_has_its_sentence() -> None:
    pairs = [
        ("targets", make_envelope("logo", {"image": SHA})),
        ("position", make_envelope("frame", {"position": 1, "image": SHA})),
        ("targets", app()),
    ]

    for field, envelope in pairs:
        assert [(number, where) for number, where, _ in found({1: envelope, 2: envelope})] == [(1, field), (2, field)]


def test_default_playlist_is_one_for_a_group() -> None:
    default = make_envelope("default_playlist", {"playlist": oid(9)})

    told = found({1: default, 2: default, 9: playlist()})

    assert told == [(number, "targets", "同一分组已经有一个默认播放列表。") for number in (1, 2)]


def test_unknown_target_is_a_problem() -> None:
    gone = "01990000-0000-7000-8000-00000000a009"

    assert found({1: slot(1, targets=[gone])}) == [(1, "targets", "投放的分组已不存在，请重新选择。")]


def test_third_level_is_a_problem() -> None:
    assert found({1: column(), 2: column(1), 3: column(2)}) == [(3, "parent", "栏目只有两级，不能再往下建。")]


def test_column_above_itself_is_a_problem() -> None:
    loop = {1: column(2), 2: column(1), 3: slot(1, {"open": "column", "column": oid(1)})}

    assert [(number, field) for number, field, _ in found(loop)] == [(1, "parent"), (2, "parent")]


def test_column_needs_its_parent() -> None:
    missing = "上级栏目不存在或已删除。"

    assert found({2: column(1)}) == [(2, "parent", missing)]
    assert found({1: column(deleted=True), 2: column(1)}) == [(2, "parent", missing)]
    assert found({1: slot(1), 2: column(1)}) == [(2, "parent", missing)]


def test_item_lies_in_a_second_level_column() -> None:
    assert found({1: column(), 3: item(1)}) == [(3, "column", "内容要放在二级栏目里。")]
    assert found({3: item(1)}) == [(3, "column", "所属栏目不存在或已删除。")]


def test_what_lies_in_a_hidden_column_is_no_problem() -> None:
    assert found({1: column(hidden=True), 2: column(1), 3: item(2)}) == []


def test_deleted_objects_have_no_problems() -> None:
    assert found({3: item(1, deleted=True), 4: slot(1, {"open": "item", "item": oid(9)}, hidden=True)}) == []


def test_action_needs_what_it_opens_and_all_above_it() -> None:
    def opens_item(columns: dict[int, Envelope]) -> list[tuple[int, str, str]]:
        return found({**columns, 4: slot(1, {"open": "item", "item": oid(3)})})

    gone = [(4, "action", "要打开的内容不存在、已隐藏或已删除。")]

    assert opens_item({1: column(), 2: column(1), 3: item(2, hidden=True)}) == gone
    assert opens_item({1: column(), 2: column(1, hidden=True), 3: item(2)}) == gone
    assert opens_item({1: column(hidden=True), 2: column(1), 3: item(2)}) == gone
    assert opens_item({1: column(), 2: column(1), 3: item(2, deleted=True)}) == gone
    assert opens_item({1: column(), 2: column(1), 3: column(1)}) == gone
    assert opens_item({1: column(), 2: column(1), 3: item(2)}) == []


def test_action_needs_its_column_or_app() -> None:
    assert found({4: slot(1, {"open": "column", "column": oid(1)})}) == [
        (4, "action", "要打开的栏目不存在、已隐藏或已删除。")
    ]
    assert found({4: slot(1, {"open": "app", "package": "com.example.a"}), 5: app(hidden=True)}) == [
        (4, "action", "要打开的应用不存在、已隐藏或已删除。")
    ]


def test_action_needs_its_feature() -> None:
    live = {1: slot(1, {"open": "live", "url": "udp://239.1.1.1:5000"})}

    assert found(live, ALL - {Feature.LIVE}) == [(1, "action", "当前套餐不能打开这类内容。")]
    assert found(live) == []


def test_schedule_needs_a_playlist_that_plays() -> None:
    gone = [(2, "playlist", "播放列表不存在、已隐藏或已删除。")]

    assert found({2: entry(1)}) == gone
    assert found({1: playlist(hidden=True), 2: entry(1)}) == gone
    assert found({1: playlist(deleted=True), 2: entry(1)}) == gone
    assert found({1: playlist(empty=True), 2: entry(1)}) == [(2, "playlist", "播放列表还是空的。")]
    assert found({1: playlist(empty=True)}) == []
