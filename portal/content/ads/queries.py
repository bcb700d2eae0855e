"""What the ad loop of one box group is: playlists, schedule, default, and how a week of it looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.content.ads.rules import DefaultPlaylist, Playlist, ScheduleEntry
from portal.content.aiming import depth_of, standing
from portal.content.kinds import Kind
from portal.content.queries import ObjectView, objects
from portal.content.schedule.day import Source, Stretch, day_plan
from portal.content.schedule.resolve import Entry
from portal.core.ids import GroupId
from portal.core.tenancy import unseen_of
from portal.media.queries import asset_infos

ADS_KINDS: Final = (Kind.PLAYLIST, Kind.SCHEDULE_ENTRY, Kind.DEFAULT_PLAYLIST)

_HUES: Final = 5
_DAYS: Final = 7


@dataclass(frozen=True)
class Shelf:
    """A playlist beside the calendar: its hue, how many entries, how long one round takes, and the first file it shows.

    `seconds` counts a video that plays to its end with its own length; `still` is a picture's SHA-256.
    """

    view: ObjectView
    hue: int
    count: int
    seconds: int
    still: str | None

    @property
    def title(self) -> str:
        """The playlist's name."""
        return str(self.view.newest.title)


@dataclass(frozen=True)
class Loop:
    """The ad loop as drafts make it for one group. `playlists` are by id; `default` is the object that stands there, or None."""

    playlists: Mapping[str, Shelf]
    entries: Sequence[ObjectView]
    default: ObjectView | None
    defaults: Sequence[ObjectView]

    def plan(self, day: date) -> tuple[Stretch, ...]:
        """This function will return what plays on a day, resolved as boxes do it."""
        return day_plan([entry for entry in map(self._entry, self.entries) if entry], self._default(), day)

    def week(self, monday: date) -> list[tuple[date, tuple[Stretch, ...]]]:
        """This function will return seven days from `monday`, each with its stretches."""
        days = [monday + timedelta(days=offset) for offset in range(_DAYS)]
        return [(day, self.plan(day)) for day in days]

    def _entry(self, view: ObjectView) -> Entry | None:
        payload = view.envelope.payload
        if not isinstance(payload, ScheduleEntry) or not view.envelope.shown or not self._plays(payload.playlist):
            return None
        return Entry(view.id, payload.playlist, payload.priority, view.envelope.windows)

    def _default(self) -> str | None:
        payload = self.default.envelope.payload if self.default and self.default.envelope.shown else None
        return payload.playlist if isinstance(payload, DefaultPlaylist) and self._plays(payload.playlist) else None

    def _plays(self, playlist: str) -> bool:
        found = self.playlists.get(playlist)
        return found is not None and found.count > 0 and found.view.envelope.shown


def ad_loop(session: Session, path: Sequence[GroupId]) -> Loop:
    """This function will return the ad loop of the group at the end of `path` (root first); three queries."""
    views = objects(session, ADS_KINDS)
    kept = [view for view in views.values() if not view.envelope.deleted]
    here = [view for view in kept if depth_of(view.envelope, path) is not None]
    defaults = [view for view in views.values() if view.envelope.kind is Kind.DEFAULT_PLAYLIST]
    found = standing(defaults, path).get("default_playlist")
    return Loop(
        _shelves(session, [view for view in kept if view.envelope.kind is Kind.PLAYLIST], path),
        [view for view in here if view.envelope.kind is Kind.SCHEDULE_ENTRY],
        found.view if found else None,
        defaults,
    )


def playlists(session: Session) -> list[tuple[str, str]]:
    """This function will return the tenant's playlists as (id, title), oldest first."""
    unseen = unseen_of(session)
    views = [view for view in objects(session, [Kind.PLAYLIST]).values() if view.id not in unseen]
    return [(view.id, str(view.newest.title)) for view in views if not view.envelope.deleted]


def conflicts_and_gaps(week: Sequence[tuple[date, Sequence[Stretch]]]) -> tuple[int, int]:
    """This function will count the stretches of a week in which playlists compete, and those in which nothing plays."""
    sources = [stretch.source for _, stretches in week for stretch in stretches]
    return sources.count(Source.CONFLICT), sources.count(Source.EMPTY)


def _shelves(session: Session, views: Sequence[ObjectView], path: Sequence[GroupId]) -> dict[str, Shelf]:
    infos = asset_infos(session, {sha256 for view in views for sha256 in view.envelope.assets})
    found = {}
    for index, view in enumerate(sorted(views, key=lambda view: view.id)):
        payload = view.envelope.payload
        if not isinstance(payload, Playlist) or depth_of(view.envelope, path) is None:
            continue
        lengths = (infos[item.asset].seconds if item.asset in infos else None for item in payload.items)
        seconds = sum(item.seconds or round(length or 0) for item, length in zip(payload.items, lengths, strict=True))
        first = infos.get(payload.items[0].asset) if payload.items else None
        still = (first.poster.sha256 if first.poster else first.sha256) if first else None
        found[str(view.id)] = Shelf(view, index % _HUES + 1, len(payload.items), seconds, still)
    return found
