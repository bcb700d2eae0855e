"""What a box shows now: windows, marquees and the ad loop, as docs/boxes.md says. It passes every vector of schedule-1.json.

`moment` is a datetime with a zone; what is read is the zone document as it came. Needs Python 3.11 and nothing else.
"""

from datetime import timedelta, timezone
from itertools import cycle

SHANGHAI = timezone(timedelta(hours=8))  # without summer time since 1991; version 1 knows no other zone
DAY = timedelta(days=1)


def is_on(windows, moment):
    """Whether content with these windows shows: a union, and always without any."""
    return not windows or any(_is_on(window, moment) for window in windows)


def _is_on(window, moment):
    local = moment.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    start, end = _minutes(window.get("start") or "00:00"), _minutes(window.get("end") or "24:00") or 24 * 60
    if start < end:
        return start <= minute < end and _starts_on(window, local)
    return (minute >= start and _starts_on(window, local)) or (minute < end and _starts_on(window, local - DAY))


def _minutes(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _starts_on(window, local):
    day = local.date().isoformat()
    first, until, days = window.get("from") or day, window.get("until") or day, window.get("days")
    return first <= day <= until and (days is None or local.isoweekday() in days)


def marquees_on(marquee, moment):
    """The ids of the marquees that run one after another."""
    on = [line for line in marquee if is_on(line["windows"], moment)]
    return [line["id"] for line in sorted(on, key=lambda line: (-line["priority"], line["id"]))]


def playlists_on(ads, moment):
    """The ids of the playlists that take turns, item by item."""
    on = [entry for entry in ads["schedule"] if is_on(entry["windows"], moment)]
    top = max((entry["priority"] for entry in on), default=0)
    playing = sorted((entry for entry in on if entry["priority"] == top), key=lambda entry: entry["id"])
    named = list(dict.fromkeys(entry["playlist"] for entry in playing))
    return named or ([ads["default"]] if ads["default"] is not None else [])


def loop(playlists, items):
    """The ids of items without end: one of each playlist in turn, every playlist starting over for itself."""
    turns = [cycle(items[playlist]) for playlist in playlists if items[playlist]]
    while turns:
        yield from (next(turn) for turn in turns)


def shows_when_idle(ads, moment, *, inside_zone, zone_shows):
    """What a box turns to after the idle time: the zone where one is inside it, else ads, else the zone, else the desktop."""
    if not inside_zone and playlists_on(ads, moment):
        return "ads"
    return "zone" if inside_zone or zone_shows else "desktop"
