"""The shipped vectors against the portal, against a second implementation, and against everything a box maker could get wrong."""

from datetime import datetime
from itertools import islice
from typing import Any

import pytest

from portal.content.schedule.reading import read_window, read_windows
from portal.content.schedule.resolve import Entry, Idle, Line, loop, marquees_on, playlists_on, shows_when_idle
from portal.content.schedule.shipped import vectors
from portal.content.schedule.windows import is_on
from portal.core.errors import Invalid
from tests.content import mutants

ALL = vectors()


def cases(section: str) -> Any:
    return pytest.mark.parametrize("vector", ALL[section], ids=lambda vector: vector["name"])


def at(vector: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(vector["moment"])


def idle_of(vector: dict[str, Any]) -> Idle:
    entries = tuple(
        Entry(entry["id"], entry["playlist"], entry["priority"], read_windows(entry["windows"]))
        for entry in vector["ads"]["schedule"]
    )
    return Idle(entries, vector["ads"]["default"], vector["zone_shows"])


def wrong_vectors(rules: mutants.Rules) -> list[str]:
    wrong = [v["name"] for v in ALL["windows"] if mutants.is_on(v["windows"], at(v), rules) != v["on"]]
    wrong += [v["name"] for v in ALL["marquees"] if mutants.marquees(v, at(v), rules) != v["runs"]]
    for vector in ALL["schedules"]:
        if mutants.schedule(vector, at(vector), rules) != (vector["show"], vector["playlists"], vector["items"]):
            wrong.append(vector["name"])
    return wrong


def test_vectors_are_as_many_as_promised_and_each_has_a_name_of_its_own() -> None:
    names = {section: [vector["name"] for vector in ALL[section]] for section in ("windows", "schedules", "marquees")}

    assert len(names["windows"]) >= 80
    assert len(names["schedules"]) >= 40
    assert [len(found) for found in names.values()] == [len(set(found)) for found in names.values()]


@cases("windows")
def test_window_vector_is_met(vector: dict[str, Any]) -> None:
    assert is_on(read_windows(vector["windows"]), at(vector)) is vector["on"]


@cases("windows")
def test_window_vector_survives_the_normal_form(vector: dict[str, Any]) -> None:
    once = read_windows(vector["windows"])

    again = read_windows([window.to_json() for window in once])

    assert again == once


@cases("invalid_windows")
def test_invalid_window_is_refused_at_its_field(vector: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        read_window(vector["window"])

    assert list(refused.value.errors) == [vector["field"]]


@cases("marquees")
def test_marquee_vector_is_met(vector: dict[str, Any]) -> None:
    lines = [Line(line["id"], line["priority"], read_windows(line["windows"])) for line in vector["marquee"]]

    assert list(marquees_on(lines, at(vector))) == vector["runs"]


@cases("schedules")
def test_schedule_vector_is_met(vector: dict[str, Any]) -> None:
    idle = idle_of(vector)
    items = {each["id"]: [item["id"] for item in each["items"]] for each in vector["ads"]["playlists"]}

    show = shows_when_idle(idle, at(vector), inside_zone=vector["inside_zone"])
    playing = playlists_on(idle, at(vector)) if show == "ads" else ()

    assert show == vector["show"]
    assert list(playing) == vector["playlists"]
    assert list(islice(loop(playing, items), len(vector["items"]))) == vector["items"]


def test_second_implementation_meets_every_vector() -> None:
    assert wrong_vectors(mutants.CONTRACT) == []


@pytest.mark.parametrize("name", mutants.every_mutant())
def test_wrong_implementation_fails_a_vector(name: str) -> None:
    assert wrong_vectors(mutants.every_mutant()[name]) != []
