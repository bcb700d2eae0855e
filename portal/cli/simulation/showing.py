"""What a simulated box shows that nobody touches: its document at a moment, by the portal's own rules of windows and schedules."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from portal.content.schedule.reading import read_windows
from portal.content.schedule.resolve import (
    Entry,
    Idle,
    Line,
    Show,
    loop,
    marquees_on,
    playlists_on,
    shows_when_idle,
)

_ROUND = 20


def running(marquee: Sequence[Mapping[str, Any]], moment: datetime) -> Sequence[str]:
    """This function will return the ids of the marquees that run one after another."""
    return marquees_on((Line(each["id"], each["priority"], read_windows(each["windows"])) for each in marquee), moment)


def playing(
    ads: Mapping[str, Any], moment: datetime, *, inside_zone: bool, zone_shows: bool
) -> tuple[Show, Sequence[str], Iterator[str]]:
    """This function will return what the box turns to, the playlists that take turns, and their items without end."""
    entries = tuple(
        Entry(each["id"], each["playlist"], each["priority"], read_windows(each["windows"])) for each in ads["schedule"]
    )
    idle = Idle(entries, ads["default"], zone_shows)
    show = shows_when_idle(idle, moment, inside_zone=inside_zone)
    named = playlists_on(idle, moment) if show is Show.ADS else ()
    items = {each["id"]: [item["id"] for item in each["items"]] for each in ads["playlists"]}
    return show, named, loop(named, items)


def shown_now(document: Mapping[str, Any], moment: datetime) -> Iterator[tuple[str, str]]:
    """This function will yield list and id of what the box reports as played: a round of ads, or the zone's items; and the marquees over it."""
    zone = [
        item["id"] for column in document["zone"]["columns"] for inner in column["columns"] for item in inner["items"]
    ]
    _, _, items = playing(document["ads"], moment, inside_zone=False, zone_shows=bool(zone))
    round_of_ads = list(islice(items, _ROUND))
    yield from (("ads", item) for item in round_of_ads)
    if not round_of_ads:
        yield from (("zone", item) for item in zone[:_ROUND])
    yield from (("marquee", line) for line in running(document["marquee"], moment))
