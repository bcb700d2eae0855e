"""The schedule that is shipped for people who write boxes meets every vector, and the portal's own, written wrongly, fails one."""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from types import ModuleType
from typing import Any

import pytest

from portal.cli.simulation.showing import playing, running
from portal.content.schedule import reading, resolve, windows
from portal.content.schedule.shipped import vectors
from portal.core.settings import PROJECT_ROOT

ALL = vectors()


def load(name: str, source: str) -> ModuleType:
    """A module from its text, under a name of its own; its dataclasses look themselves up there."""
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    exec(compile(source, name, "exec"), made.__dict__)  # noqa: S102 - our own text
    return made


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    for name in ("shipped_schedule", "mutated_windows", "mutated_resolve"):
        sys.modules.pop(name, None)


def at(vector: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(vector["moment"])


def items_of(vector: dict[str, Any]) -> dict[str, list[str]]:
    return {each["id"]: [item["id"] for item in each["items"]] for each in vector["ads"]["playlists"]}


def test_shipped_schedule_meets_every_vector() -> None:
    box = load("shipped_schedule", (PROJECT_ROOT / "docs" / "box_schedule.py").read_text(encoding="utf-8"))

    wrong = [each["name"] for each in ALL["windows"] if box.is_on(each["windows"], at(each)) is not each["on"]]
    wrong += [each["name"] for each in ALL["marquees"] if box.marquees_on(each["marquee"], at(each)) != each["runs"]]
    for each in ALL["schedules"]:
        show = box.shows_when_idle(
            each["ads"], at(each), inside_zone=each["inside_zone"], zone_shows=each["zone_shows"]
        )
        playing = box.playlists_on(each["ads"], at(each)) if show == "ads" else []
        items = list(islice(box.loop(playing, items_of(each)), len(each["items"])))
        if (show, playing, items) != (each["show"], each["playlists"], each["items"]):
            wrong.append(each["name"])

    assert wrong == []


def test_simulated_box_meets_every_vector() -> None:
    wrong = [each["name"] for each in ALL["marquees"] if list(running(each["marquee"], at(each))) != each["runs"]]
    for each in ALL["schedules"]:
        show, lists, items = playing(
            each["ads"], at(each), inside_zone=each["inside_zone"], zone_shows=each["zone_shows"]
        )
        found = (show, list(lists), list(islice(items, len(each["items"]))))
        if found != (each["show"], each["playlists"], each["items"]):
            wrong.append(each["name"])

    assert wrong == []


WINDOWS = {
    "the end is inside": ("self.start <= minute < self.end and", "self.start <= minute <= self.end and"),
    "the start is outside": ("return self.start <= minute < self.end", "return self.start < minute < self.end"),
    "the night's end is inside": ("(minute < self.end and self.starts_on(today - _DAY))", "(minute <= self.end and self.starts_on(today - _DAY))"),
    "the night belongs to its second day": ("self.starts_on(today - _DAY)", "self.starts_on(today)"),
    "until is outside": ("day <= self.until", "day < self.until"),
    "from is outside": ("self.first <= day", "self.first < day"),
    "days from zero": ("day.isoweekday() in self.days", "day.weekday() in self.days"),
    "days do not count": ("self.days is None or", "True or"),
    "equal times are never": ("return self.end <= self.start", "return self.end < self.start"),
    "never past midnight": ("return self.end <= self.start", "return False"),
    "times are UTC": ("moment.astimezone(ZONES[self.tz])", "moment"),
    "all windows are needed": ("any(window.is_on", "all(window.is_on"),
    "without windows never": ("return not windows or", "return bool(windows) and"),
}  # fmt: skip
RESOLVE = {
    "the lowest priority plays": ("top = max(", "top = min("),
    "priorities do not count": ("if entry.priority == top)", "if True)"),
    "the order of the document counts": (
        "tuple(sorted((entry for entry in entries if entry.priority == top), key=lambda entry: entry.id))",
        "tuple(entry for entry in entries if entry.priority == top)",
    ),
    "marquees run by id alone": ("key=lambda line: (-line.priority, line.id)", "key=lambda line: line.id"),
    "the lowest marquee runs first": ("(-line.priority, line.id)", "(line.priority, line.id)"),
    "marquees have no windows": ("[line for line in lines if is_on(line.windows, moment)]", "list(lines)"),
    "entries have no windows": ("[entry for entry in entries if is_on(entry.windows, moment)]", "list(entries)"),
    "the default never plays": ("if idle.default is not None else ()", "if False else ()"),
    "the default plays too": ("return tuple(playing) or (", "return tuple(playing) + ("),
    "whole lists alternate": ("yield from (next(turn) for turn in turns)", "yield from (one for each in playlists for one in items[each])"),
    "ads play inside the zone": ("if inside_zone:", "if False:"),
    "an empty zone rotates": ("return Show.ZONE if idle.zone else Show.DESKTOP", "return Show.ZONE"),
}  # fmt: skip


def wrong_vectors(window_rules: ModuleType, rules: ModuleType) -> list[str]:
    def read(raw: list[Any]) -> tuple[Any, ...]:
        names = ("first", "until", "days", "start", "end", "tz")
        return tuple(
            window_rules.Window(**{name: getattr(one, name) for name in names}) for one in reading.read_windows(raw)
        )

    wrong = [
        each["name"] for each in ALL["windows"] if window_rules.is_on(read(each["windows"]), at(each)) != each["on"]
    ]
    for each in ALL["marquees"]:
        lines = [rules.Line(line["id"], line["priority"], read(line["windows"])) for line in each["marquee"]]
        wrong += [each["name"]] if list(rules.marquees_on(lines, at(each))) != each["runs"] else []
    for each in ALL["schedules"]:
        entries = tuple(
            rules.Entry(one["id"], one["playlist"], one["priority"], read(one["windows"]))
            for one in each["ads"]["schedule"]
        )
        idle = rules.Idle(entries, each["ads"]["default"], each["zone_shows"])
        show = rules.shows_when_idle(idle, at(each), inside_zone=each["inside_zone"])
        playing = rules.playlists_on(idle, at(each)) if show == "ads" else ()
        items = list(islice(rules.loop(playing, items_of(each)), len(each["items"])))
        if (show, list(playing), items) != (each["show"], each["playlists"], each["items"]):
            wrong.append(each["name"])
    return wrong


def mutated(module: ModuleType, name: str, change: tuple[str, str] | None) -> ModuleType:
    assert module.__file__ is not None
    with open(module.__file__, encoding="utf-8") as file:  # noqa: PTH123 - its path is text
        source = file.read()
    if change is not None:
        assert source.count(change[0]) == 1, "a rule is written differently now: write its mutant anew"
        source = source.replace(*change)
    return load(name, source)


def test_the_portals_own_rules_meet_every_vector() -> None:
    assert wrong_vectors(mutated(windows, "mutated_windows", None), mutated(resolve, "mutated_resolve", None)) == []


@pytest.mark.parametrize("change", WINDOWS.values(), ids=WINDOWS.keys())
def test_wrong_windows_fail_a_vector(change: tuple[str, str]) -> None:
    assert wrong_vectors(mutated(windows, "mutated_windows", change), resolve) != []


@pytest.mark.parametrize("change", RESOLVE.values(), ids=RESOLVE.keys())
def test_a_wrong_resolver_fails_a_vector(change: tuple[str, str]) -> None:
    assert wrong_vectors(windows, mutated(resolve, "mutated_resolve", change)) != []
