"""What differs between two manifests."""

from typing import Any

from portal.content.envelope import Envelope, make_envelope
from portal.core.ids import ObjectId, RevisionId, new_id
from portal.releases.comparison import changed_ids, differences

SHA = "a" * 64
ONE, TWO = ObjectId(new_id()), ObjectId(new_id())


def marquee(text: str, **more: Any) -> Envelope:
    return make_envelope("marquee", {"text": text}, **more)


def slot(position: int) -> Envelope:
    action = {"open": "url", "url": "https://example.com/"}
    return make_envelope("slot", {"position": position, "title": "泳池", "image": SHA, "action": action})


def test_equal_manifests_do_not_differ() -> None:
    assert differences({ONE: marquee("一")}, {ONE: marquee("一")}) == []


def test_new_changed_and_gone_objects_differ() -> None:
    gone, changed, new = (ObjectId(new_id()) for _ in range(3))
    before = {gone: marquee("走"), changed: marquee("旧")}
    after = {changed: marquee("新"), new: marquee("来")}

    found = {one.object_id: (one.before, one.after) for one in differences(before, after)}

    assert found == {
        gone: (marquee("走"), None),
        changed: (marquee("旧"), marquee("新")),
        new: (None, marquee("来")),
    }


def test_what_is_on_air_as_deleted_counts_as_absent() -> None:
    (found,) = differences({ONE: marquee("一")}, {ONE: marquee("一", deleted=True)})

    assert (found.before, found.after) == (marquee("一"), None)


def test_differences_are_numbered_by_kind_and_place() -> None:
    after = {ONE: marquee("一"), TWO: slot(10), ObjectId(new_id()): slot(2)}

    found = differences({}, after)

    assert [(one.number, one.either) for one in found] == [(1, slot(2)), (2, slot(10)), (3, marquee("一"))]


def test_other_revision_of_an_object_is_a_change() -> None:
    first, second, other = (RevisionId(new_id()) for _ in range(3))

    assert changed_ids({ONE: first, TWO: other}, {ONE: second, TWO: other}) == {ONE}
