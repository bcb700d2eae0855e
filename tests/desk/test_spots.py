"""Where each kind of change is seen on the television, and at which moment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind
from portal.core.ids import ObjectId
from portal.desk.spots import Spot, spot
from portal.releases.comparison import Difference

SHA = "a" * 64
COLUMN, PLAYLIST, OWN = (f"01a00000-0000-7000-8000-00000000000{n}" for n in range(3))
MONDAY_NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
NIGHT = {"days": [2], "start": "02:00", "end": "03:00", "tz": "Asia/Shanghai"}
LONG_AGO = {"from": "2020-01-01", "until": "2020-01-02", "tz": "Asia/Shanghai"}
WORKING_HOURS = {"start": "08:00", "end": "18:00", "tz": "Asia/Shanghai"}


def seen(kind: str, payload: dict[str, Any], **more: Any) -> Spot:
    after = make_envelope(kind, payload, **more)
    return spot(Difference(1, ObjectId(OWN), None, after), MONDAY_NOON)


def marquee(**more: Any) -> Envelope:
    return make_envelope("marquee", {"text": "热水检修", "edge": "top"}, **more)


CASES = {
    Kind.LOGO: ({"image": SHA}, {"screen": "desktop"}, "logo"),
    Kind.SLOT: (
        {"position": 7, "title": "泳池", "image": SHA, "action": {"open": "column", "column": COLUMN}},
        {"screen": "desktop", "position": "7"},
        "slot-7",
    ),
    Kind.MARQUEE: ({"text": "一", "edge": "top"}, {"screen": "desktop"}, "marquee-top"),
    Kind.FRAME: ({"position": 2, "image": SHA}, {"screen": "splash", "frame": "2"}, ""),
    Kind.PLAYLIST: ({"title": "早", "items": []}, {"screen": "ads", "playlist": OWN}, ""),
    Kind.SCHEDULE_ENTRY: ({"playlist": PLAYLIST, "priority": 1}, {"screen": "ads", "playlist": PLAYLIST}, ""),
    Kind.DEFAULT_PLAYLIST: ({"playlist": PLAYLIST}, {"screen": "ads", "playlist": PLAYLIST}, ""),
}


@pytest.mark.parametrize("kind", CASES)
def test_change_is_seen_on_its_screen(kind: Kind) -> None:
    payload, place, mark = CASES[kind]

    found = seen(kind, payload)

    assert (found.place, found.mark) == (place, mark)


@pytest.mark.parametrize(("parent", "mark"), [(None, f"tab-{OWN}"), (COLUMN, f"chip-{OWN}")])
def test_column_is_opened_on_its_level(parent: str | None, mark: str) -> None:
    found = seen("column", {"title": "餐饮", "parent": parent, "order": 1})

    assert (found.place, found.mark) == ({"screen": "zone", "column": OWN}, mark)


@pytest.mark.parametrize(
    ("kind", "content", "how"), [("image", {"asset": SHA}, "focus"), ("text", {"html": "<p>须知</p>"}, "item")]
)
def test_picture_is_stood_on_and_text_is_opened(kind: str, content: dict[str, str], how: str) -> None:
    found = seen("item", {"column": COLUMN, "kind": kind, "title": "须知", "seconds": 10, **content})

    assert found.place == {"screen": "zone", "column": COLUMN, how: OWN}


def test_change_that_is_on_needs_no_other_moment() -> None:
    assert (seen("marquee", {"text": "一"}).at, seen("marquee", {"text": "一"}).over) == ("", False)


def test_change_with_a_window_is_looked_at_when_it_is_on() -> None:
    found = spot(Difference(1, ObjectId(OWN), None, marquee(windows=[NIGHT])), MONDAY_NOON)

    assert (found.at, found.over) == ("2026-11-24T02:00", False)


def test_change_whose_time_has_passed_is_said_to_be_over() -> None:
    found = spot(Difference(1, ObjectId(OWN), None, marquee(windows=[LONG_AGO])), MONDAY_NOON)

    assert (found.at, found.over) == ("", True)


def test_power_is_looked_at_when_the_box_goes_off() -> None:
    assert seen("power", {}, windows=[WORKING_HOURS]).at == "2026-11-23T18:00"


@pytest.mark.parametrize(
    ("before", "after", "sides"),
    [
        (None, marquee(), (False, True)),
        (marquee(), marquee(deleted=True), (True, False)),
        (marquee(), marquee(hidden=True), (True, False)),
        (marquee(), marquee(), (True, True)),
    ],
)
def test_sides_say_where_there_is_something_to_see(
    before: Envelope | None, after: Envelope, sides: tuple[bool, bool]
) -> None:
    found = spot(Difference(1, ObjectId(OWN), before, after), MONDAY_NOON)

    assert (found.before, found.after) == sides
