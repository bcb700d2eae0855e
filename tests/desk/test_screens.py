"""Which screens show a set of changes, and where the numbers stand on them."""

from typing import Any

from portal.content.envelope import Envelope, make_envelope
from portal.core.ids import ObjectId, new_id
from portal.desk.screens import Screen, screens
from portal.releases.comparison import Difference

SHA = "a" * 64
COLUMN, PLAYLIST = new_id(), new_id()


def slot(position: int, **more: Any) -> Envelope:
    payload = {"position": position, "title": "泳池", "image": SHA, "action": {"open": "column", "column": COLUMN}}
    return make_envelope("slot", payload, **more)


def marquee(edge: str = "bottom") -> Envelope:
    return make_envelope("marquee", {"text": "热水检修", "edge": edge})


def item(kind: str, column: str = COLUMN) -> Envelope:
    content = {"html": "<p>须知</p>"} if kind == "text" else {"asset": SHA}
    return make_envelope("item", {"column": column, "kind": kind, "title": "须知", "seconds": 10, **content})


def difference(number: int, before: Envelope | None, after: Envelope | None, object_id: str = "") -> Difference:
    return Difference(number, ObjectId(object_id or new_id()), before, after)


def test_slot_that_moved_is_numbered_at_both_places() -> None:
    (found,) = screens([difference(4, slot(2), slot(9))])

    assert found.marks == {"before": {"slots": {2: 4}}, "after": {"slots": {9: 4}}}


def test_hidden_slot_is_numbered_only_where_it_was() -> None:
    (found,) = screens([difference(1, slot(2), slot(2, hidden=True))])

    assert found.marks == {"before": {"slots": {2: 1}}, "after": {"slots": {}}}


def test_messages_are_numbered_by_the_edge_they_run_on() -> None:
    (found,) = screens([difference(1, None, marquee("top")), difference(2, None, marquee("bottom"))])

    assert found.marks["after"] == {"slots": {}, "marquee": {"top": 1, "bottom": 2}}


def test_items_of_one_column_share_a_picture_and_a_text_has_its_own() -> None:
    image, text = new_id(), new_id()

    found = screens([difference(1, None, item("image"), image), difference(2, None, item("text"), text)])

    assert found == [
        Screen("zone", (1,), column=ObjectId(COLUMN), item=ObjectId(image)),
        Screen("zone", (2,), column=ObjectId(COLUMN), item=ObjectId(text), opens=True),
    ]


def test_items_of_two_columns_have_two_pictures() -> None:
    other = new_id()

    found = screens([difference(1, None, item("image")), difference(2, None, item("image", other))])

    assert [(one.column, one.numbers) for one in found] == [(COLUMN, (1,)), (other, (2,))]


def test_column_of_the_first_level_is_seen_on_the_first_page() -> None:
    (found,) = screens([difference(1, None, make_envelope("column", {"title": "生活"}))])

    assert (found.name, found.column) == ("zone", None)


def test_schedule_is_shown_by_its_playlist() -> None:
    entry = make_envelope("schedule_entry", {"playlist": PLAYLIST})

    (found,) = screens([difference(3, None, entry)])

    assert found == Screen("ads", (3,), playlist=ObjectId(PLAYLIST))


def test_frame_is_shown_at_its_position() -> None:
    (found,) = screens([difference(1, None, make_envelope("frame", {"position": 2, "image": SHA}))])

    assert (found.name, found.frame) == ("splash", 2)


def test_screens_come_in_the_order_in_which_a_viewer_meets_them() -> None:
    entry = make_envelope("default_playlist", {"playlist": PLAYLIST})
    frame = make_envelope("frame", {"position": 1, "image": SHA})

    found = screens([difference(n, None, one) for n, one in enumerate((entry, item("image"), frame, slot(1)), start=1)])

    assert [one.name for one in found] == ["desktop", "splash", "zone", "ads"]
