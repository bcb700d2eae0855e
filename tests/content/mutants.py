"""A second reader of windows and schedules, on the raw JSON, with switches that break one rule each: what a box maker could get wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any
from zoneinfo import ZoneInfo

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """Every switch off is the contract."""

    zone: str = "Asia/Shanghai"
    end_is_inside: bool = False
    start_is_outside: bool = False
    until_is_outside: bool = False
    from_is_outside: bool = False
    past_midnight_belongs_to_the_second_day: bool = False
    past_midnight_needs_both_days: bool = False
    never_past_midnight: bool = False
    second_half_ignores_dates: bool = False
    second_half_ignores_days: bool = False
    equal_is_never: bool = False
    equal_ends_at_midnight: bool = False
    sunday_is_first: bool = False
    days_from_zero: bool = False
    days_ignored: bool = False
    sorted_days_needed: bool = False
    start_absent_is_eight: bool = False
    end_absent_is_last_minute: bool = False
    end_2400_is_last_minute: bool = False
    end_midnight_is_never: bool = False
    no_windows_is_never: bool = False
    windows_all_needed: bool = False
    first_window_only: bool = False
    hours_only: bool = False
    seconds_rounded: bool = False
    until_compared_as_moment: bool = False
    lowest_priority: bool = False
    priority_ignored: bool = False
    priority_zero_is_off: bool = False
    ids_as_numbers: bool = False
    order_of_document: bool = False
    order_of_playlists: bool = False
    whole_playlists_alternate: bool = False
    shortest_ends_the_loop: bool = False
    first_entry_only: bool = False
    default_alternates: bool = False
    default_ignored: bool = False
    doubles_take_two_turns: bool = False
    ads_inside_the_zone: bool = False
    zone_before_ads: bool = False
    empty_zone_rotates: bool = False
    marquee_highest_only: bool = False
    marquee_by_id_only: bool = False
    marquee_lowest_first: bool = False
    marquee_windows_ignored: bool = False


CONTRACT = Rules()


def every_mutant() -> dict[str, Rules]:
    """This function will return the contract with one rule broken, for each of the rules."""
    switches = [name for name, value in vars(CONTRACT).items() if value is False]
    mutants = {name: replace(CONTRACT, **{name: True}) for name in switches}
    return mutants | {"times are UTC": Rules(zone="UTC"), "times are Tokyo's": Rules(zone="Asia/Tokyo")}


def is_on(windows: Sequence[Json], moment: datetime, rules: Rules = CONTRACT) -> bool:
    if not windows:
        return not rules.no_windows_is_never
    found = [_is_on(window, moment, rules) for window in (windows[:1] if rules.first_window_only else windows)]
    return all(found) if rules.windows_all_needed else any(found)


def _is_on(window: Json, moment: datetime, rules: Rules) -> bool:
    if rules.seconds_rounded:
        moment = moment + timedelta(seconds=0.5)
        moment = moment.replace(microsecond=0)
    local = moment.astimezone(ZoneInfo(rules.zone))
    second = local.hour * 3600 if rules.hours_only else local.hour * 3600 + local.minute * 60 + local.second
    start = _seconds(window.get("start", "08:00" if rules.start_absent_is_eight else "00:00"))
    end = _end(window, rules)
    equal = start == end
    if (equal and rules.equal_is_never) or (window.get("end") == "00:00" and rules.end_midnight_is_never):
        return False
    after_start = second > start if rules.start_is_outside else second >= start
    before_end = second <= end if rules.end_is_inside else second < end
    if end > start or rules.never_past_midnight:
        return after_start and before_end and _day(window, local, rules)
    if equal and rules.equal_ends_at_midnight:
        return after_start and _day(window, local, rules)
    return _overnight(window, local, rules, after_start=after_start, before_end=before_end)


def _overnight(window: Json, local: datetime, rules: Rules, *, after_start: bool, before_end: bool) -> bool:
    today, before = _day(window, local, rules), _day(window, local - timedelta(days=1), rules)
    if rules.past_midnight_belongs_to_the_second_day:
        before = today
    if rules.past_midnight_needs_both_days:
        today = before = today and before
    if rules.second_half_ignores_dates:
        before = _weekday(window, local - timedelta(days=1), rules)
    if rules.second_half_ignores_days:
        before = _date(window, local - timedelta(days=1), rules)
    return (after_start and today) or (before_end and before)


def _end(window: Json, rules: Rules) -> int:
    written = window.get("end")
    if written is None:
        return 86399 if rules.end_absent_is_last_minute else 86400
    if written == "24:00" and rules.end_2400_is_last_minute:
        return 86340
    if written == "00:00":
        return _midnight(window)
    return _seconds(written)


def _midnight(window: Json) -> int:
    return 86400 if window.get("start", "00:00") != "00:00" else 0


def _seconds(written: str) -> int:
    return int(written[:2]) * 3600 + int(written[3:]) * 60


def _day(window: Json, local: datetime, rules: Rules) -> bool:
    return _date(window, local, rules) and _weekday(window, local, rules)


def _date(window: Json, local: datetime, rules: Rules) -> bool:
    day, first, until = local.date().isoformat(), window.get("from"), window.get("until")
    if first and (day < first or (rules.from_is_outside and day == first)):
        return False
    if until and rules.until_compared_as_moment:
        return local.astimezone(UTC).isoformat() <= f"{until}T00:00:00"
    return not (until and (day > until or (rules.until_is_outside and day == until)))


def _weekday(window: Json, local: datetime, rules: Rules) -> bool:
    days = window.get("days")
    if days is None or rules.days_ignored:
        return True
    if rules.sorted_days_needed and days != sorted(days):
        return False
    number = local.isoweekday()
    if rules.sunday_is_first:
        number = number % 7 + 1
    return number - int(rules.days_from_zero) in days


def marquees(vector: Json, moment: datetime, rules: Rules = CONTRACT) -> list[str]:
    windows = {line["id"]: [] if rules.marquee_windows_ignored else line["windows"] for line in vector["marquee"]}
    on = [line for line in vector["marquee"] if is_on(windows[line["id"]], moment, rules)]
    sign = 1 if rules.marquee_lowest_first else -1
    on.sort(key=lambda line: (0 if rules.marquee_by_id_only else sign * line["priority"], _order(line["id"], rules)))
    if rules.marquee_highest_only:
        on = [line for line in on if line["priority"] == on[0]["priority"]]
    return [line["id"] for line in on]


def _order(name: str, rules: Rules) -> Any:
    return int(name[1:]) if rules.ids_as_numbers else name


def schedule(vector: Json, moment: datetime, rules: Rules = CONTRACT) -> tuple[str, list[str], list[str]]:
    """This function will return what shows, the alternating playlists, and as many items as the vector names."""
    turns = _playlists(vector["ads"], moment, rules)
    zone = "zone" if vector["zone_shows"] or rules.empty_zone_rotates else "desktop"
    if vector["inside_zone"] and not rules.ads_inside_the_zone:
        return "zone", [], []
    if not turns or (rules.zone_before_ads and vector["zone_shows"]):
        return zone, [], []
    return "ads", turns, _loop(vector["ads"], turns, len(vector["items"]), rules)


def _playlists(ads: Json, moment: datetime, rules: Rules) -> list[str]:
    on = [entry for entry in ads["schedule"] if is_on(entry["windows"], moment, rules)]
    if rules.priority_zero_is_off:
        on = [entry for entry in on if entry["priority"]]
    if on and not rules.priority_ignored:
        pick = min if rules.lowest_priority else max
        wanted = pick(entry["priority"] for entry in on)
        on = [entry for entry in on if entry["priority"] == wanted]
    if not rules.order_of_document:
        on.sort(key=lambda entry: _order(entry["playlist" if rules.order_of_playlists else "id"], rules))
    turns = [entry["playlist"] for entry in (on[:1] if rules.first_entry_only else on)]
    if not rules.doubles_take_two_turns:
        turns = list(dict.fromkeys(turns))
    if ads["default"] and not rules.default_ignored and (not turns or rules.default_alternates):
        turns.append(ads["default"])
    return turns


def _loop(ads: Json, turns: Sequence[str], count: int, rules: Rules) -> list[str]:
    items = {playlist["id"]: [item["id"] for item in playlist["items"]] for playlist in ads["playlists"]}
    if rules.whole_playlists_alternate:
        return list(islice(cycle([item for turn in turns for item in items[turn]]), count))
    if rules.shortest_ends_the_loop:
        rows = zip(*(items[turn] for turn in turns), strict=False)
        return list(islice(cycle([item for row in rows for item in row]), count))
    cursors = [cycle(items[turn]) for turn in turns]
    return [next(cursors[index % len(cursors)]) for index in range(count)]
