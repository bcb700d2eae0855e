"""The player's windows and schedules against the vectors that the portal ships, and wrong players against them."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from portal.content.schedule.reading import read_windows
from portal.content.schedule.shipped import vectors
from portal.content.schedule.windows import next_change
from tests.tv.studio import STATIC

SOURCE = (STATIC / "tv" / "resolve.js").read_text(encoding="utf-8")

WRONG_VECTORS = """async ([all, name]) => {
  const { isOn, loop, marqueesOn, playlistsOn, showsWhenIdle } = await import(`/static/tv/resolve.js?${name}`);
  const ids = (found) => found.map((one) => one.id);
  const wrong = [];
  const check = (vector, found, wanted) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push(vector.name);
  };
  const at = (vector) => new Date(vector.moment);
  for (const one of all.windows) check(one, isOn(one.windows, at(one)), one.on);
  for (const one of all.marquees) check(one, ids(marqueesOn(one.marquee, at(one))), one.runs);
  for (const one of all.schedules) {
    const show = showsWhenIdle({ ads: one.ads, zoneShows: one.zone_shows, insideZone: one.inside_zone }, at(one));
    const playing = show === "ads" ? playlistsOn(one.ads, at(one)) : [];
    const items = loop(one.ads, playing);
    check(one, [show, playing, one.items.map(() => items.next().value?.id)], [one.show, one.playlists, one.items]);
  }
  return wrong;
}"""

# One broken rule each: what is replaced by what.
MUTANTS = {
    "times are UTC": ("8 * 3_600_000", "0"),
    "the end is inside": ("minute < end && startsOn(window, local)", "minute <= end && startsOn(window, local)"),
    "the start is outside": ("start <= minute &&", "start < minute &&"),
    "no windows is never": ("windows.length === 0 ||", ""),
    "all windows are needed": ("windows.some(", "windows.every("),
    "until is outside": ("day > window.until", "day >= window.until"),
    "from is outside": ("day < window.from", "day <= window.from"),
    "Sunday is 0": ("local.getUTCDay() || 7", "local.getUTCDay()"),
    "days do not count": ("return !window.days ||", "return true ||"),
    "the night belongs to its second day": ("startsOn(window, yesterday)", "startsOn(window, local)"),
    "never past midnight": ("(minute < end && startsOn(window, yesterday))", "false"),
    "equal times are never": ("if (end > start)", "if (end >= start)"),
    "the lowest priority plays": ("Math.max(...on", "Math.min(...on"),
    "the order of the document counts": (
        ".filter((entry) => entry.priority === top).sort(byId)",
        ".filter((entry) => entry.priority === top)",
    ),
    "a list named twice takes two turns": (
        "[...new Set(playing.map((entry) => entry.playlist))]",
        "playing.map((entry) => entry.playlist)",
    ),
    "the default never plays": ("return ads.default === null ? [] : [ads.default];", "return [];"),
    "whole lists alternate": ("yield items[round % items.length]", "yield* items"),
    "ads play inside the zone": ('if (insideZone) return "zone";', ""),
    "an empty zone rotates": ('return zoneShows ? "zone" : "desktop";', 'return "zone";'),
    "marquees run by id alone": ("b.priority - a.priority || byId(a, b)", "byId(a, b)"),
    "the lowest marquee runs first": ("b.priority - a.priority", "a.priority - b.priority"),
    "marquees have no windows": ("messages.filter((one) => isOn(one.windows, moment))", "[...messages]"),
}


def wrong_vectors(tab: Page, name: str, source: str) -> list[str]:
    tab.route("**/resolve.js*", lambda route: route.fulfill(body=source, content_type="text/javascript"))
    found: list[str] = tab.evaluate(WRONG_VECTORS, [vectors(), quote(name)])
    tab.unroute("**/resolve.js*")
    return found


def test_player_meets_every_vector(tab: Page) -> None:
    assert wrong_vectors(tab, "right", SOURCE) == []


def test_every_wrong_player_fails_a_vector(tab: Page) -> None:
    counts = {name: SOURCE.count(old) for name, (old, _) in MUTANTS.items()}
    assert set(counts.values()) == {1}, "a rule is written differently now: write its mutant anew"

    survivors = [name for name, (old, new) in MUTANTS.items() if not wrong_vectors(tab, name, SOURCE.replace(old, new))]

    assert survivors == []


@pytest.mark.parametrize(
    ("window", "moment", "changes"),
    [
        ({"start": "06:00", "end": "22:00"}, "2026-11-22T15:00:00Z", "2026-11-22T22:00:00.000Z"),
        ({"start": "06:00", "end": "22:00"}, "2026-11-22T04:00:30Z", "2026-11-22T14:00:00.000Z"),
        ({"days": [1]}, "2026-11-24T04:00:00Z", "2026-11-29T16:00:00.000Z"),
        ({}, "2026-11-24T04:00:00Z", None),
    ],
)
def test_next_change_of_windows(window: dict[str, Any], moment: str, changes: str | None, tab: Page) -> None:
    ask = """async ([window, moment]) => {
      const { nextChange } = await import("/static/tv/resolve.js");
      return nextChange([{ tz: "Asia/Shanghai", ...window }], new Date(moment))?.toISOString() ?? null;
    }"""

    assert tab.evaluate(ask, [window, moment]) == changes


def test_next_change_is_the_one_that_the_portal_finds(tab: Page) -> None:
    cases = [(one["windows"], one["moment"]) for one in vectors()["windows"]]
    ask = """async (all) => {
      const { nextChange } = await import("/static/tv/resolve.js");
      return all.map(([windows, moment]) => nextChange(windows, new Date(moment))?.toISOString() ?? null);
    }"""

    assert tab.evaluate(ask, cases) == [_changes_in_python(windows, moment) for windows, moment in cases]


def _changes_in_python(windows: list[dict[str, Any]], moment: str) -> str | None:
    found = next_change(read_windows(windows), datetime.fromisoformat(moment))
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if found else None
