"""Pages of the ad loop (广告联播): playlists, the week of the schedule, what plays when nothing is scheduled."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.ads.calendar import blocks, stretches_in_words
from portal.content.ads.forms import DefaultPlaylistForm, PlaylistForm, ScheduleEntryForm, offer_playlists
from portal.content.ads.moving import move_block, place, put_back
from portal.content.ads.queries import ad_loop, conflicts_and_gaps, playlists
from portal.content.describe import window_text
from portal.content.editing import acts
from portal.content.editing.frame import aim_at_group_asked, asset_url, group_asked, groups, show
from portal.content.editing.pages import Editor, Page, mount_acts
from portal.content.editing.uploads import fitted, image_of, uploads, video_of
from portal.content.kinds import Kind
from portal.content.limits import CAPTION_CHARACTERS, PLAYLIST_ITEMS, PLAYLIST_TITLE_CHARACTERS
from portal.content.queries import ObjectView, get_object
from portal.content.schedule.moving import SHORTEST, Move
from portal.content.schedule.reading import read_windows
from portal.content.schedule.windows import MIDNIGHT
from portal.core import clock
from portal.core.database import session_beside
from portal.core.errors import Invalid, Refused
from portal.core.messages import N_, Message
from portal.media.intake import VIDEO_ENDINGS
from portal.media.queries import asset_infos
from portal.media.states import Kind as FileKind
from portal.media.states import Purpose
from portal.web.access import needs
from portal.web.paging import whole
from portal.web.state import ctx

blueprint = Blueprint("ads", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/ads")

_WEEK = timedelta(days=7)


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW, feature=Feature.ADS)
def index() -> str:
    """This function will show a week of the schedule as one group's boxes run it, and one day of it resolved."""
    session = ctx().session
    tree = groups()
    group = group_asked(tree, request.args.get("group"))
    loop = ad_loop(session, tree.path(group))
    day = _day()
    monday = day - timedelta(days=day.weekday())
    week = loop.week(monday)
    conflicts, gaps = conflicts_and_gaps(week)
    return show(
        "ads/index.html",
        tree=tree,
        group=group,
        ads=loop,
        by_id={entry.id: entry for entry in loop.entries},
        day=day,
        today=clock.today(),
        now=_minute_now(),
        before=monday - _WEEK,
        after=monday + _WEEK,
        week=[(one, blocks(stretches)) for one, stretches in week],
        resolved=stretches_in_words(dict(week)[day], loop),
        conflicts=conflicts,
        gaps=gaps,
        window_text=window_text,
    )


@blueprint.post("/schedule/<id:object_id>/move")
@needs(Permission.CONTENT_EDIT, feature=Feature.ADS)
def move(object_id: str) -> Page:
    """This function will move a block of the week, or make it longer or shorter; or, with `windows`, put back what stood before."""
    get_object(ctx().session, object_id, Kind.SCHEDULE_ENTRY)
    back = url_for("ads.index", day=request.form.get("day"), **_shown_group())
    kept = request.form.get("windows")

    def run(void: bool) -> str:
        if kept is not None:
            put_back(ctx(), object_id, acts.version(), read_windows(_json(kept)))
            return str(_("已撤销，节目单同原来一样。"))
        saved, before = move_block(ctx(), object_id, acts.version(), _asked_move(), void_approval=void)
        windows = json.dumps([window.to_json() for window in before.windows])
        fields = {"version": str(saved.version), "windows": windows, "day": request.form.get("day", "")}
        acts.offer_undo(_("节目单已存为草稿。"), request.full_path.rstrip("?"), fields)
        return ""

    return acts.act(run, back)


@blueprint.post("/schedule/place")
@needs(Permission.CONTENT_EDIT, feature=Feature.ADS)
def drop() -> Page:
    """This function will put a playlist that was dropped on an hour of the week into the schedule there, for two hours every week."""
    tree = groups()
    group = group_asked(tree, request.args.get("group"))
    back = url_for("ads.index", day=request.form.get("day"), **_shown_group())

    def run(void: bool) -> str:
        targets = () if group == tree.root.id else (group,)
        start = _minutes("start", 0, MIDNIGHT - SHORTEST)
        saved = place(ctx(), request.form.get("playlist", ""), _posted_day("day"), start, DROPPED_MINUTES, targets)
        undo = url_for("ads.delete", object_id=saved.object_id)
        acts.offer_undo(_("已排进节目单，存为草稿；每周这一天都播。"), undo, {"version": str(saved.version)})
        return ""

    return acts.act(run, back)


@blueprint.post("/playlists/rows")
@needs(Permission.CONTENT_EDIT, feature=Feature.ADS)
def rows() -> str:
    """This function will return an entry of a playlist's form for each file of the library, to be put at its end; no playlist is saved.

    Pictures are made fit for the whole screen.
    """
    number = min(request.form.get("number", 0, type=whole), _MOST_NUMBER)
    asked = [fitted(sha256, Purpose.AD) for sha256 in dict.fromkeys(request.form.getlist("asset")[:PLAYLIST_ITEMS])]
    with session_beside(ctx().session) as reading:
        infos = asset_infos(reading, asked)
    form = PlaylistForm(formdata=None)
    made = [
        (number + index, form.add_at(number + index, infos[sha256].kind.value, sha256))
        for index, sha256 in enumerate(one for one in asked if one in infos)
    ]
    return render_template(
        "ads/rows.html", rows=made, infos=infos, caption_characters=CAPTION_CHARACTERS, asset_url=asset_url
    )


_MOST_NUMBER = 9999


def _asked_move() -> Move:
    return Move(
        _posted_day("day"),
        _minutes("at", 0, MIDNIGHT - 1),
        _posted_day("to_day"),
        _minutes("start_by", -MIDNIGHT, MIDNIGHT),
        _minutes("end_by", -MIDNIGHT, MIDNIGHT),
    )


def _posted_day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Invalid({name: N_("请填写日期。")}) from None


def _minutes(name: str, least: int, most: int) -> int:
    found = request.form.get(name, 0, type=int)
    return min(max(found, least), most)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid({"windows": N_("时段的格式不对。")}) from None


DROPPED_MINUTES = 120


def _day() -> date:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()
    return day if abs(day.year - clock.today().year) < _YEARS else clock.today()


_YEARS = 50  # what lies farther away was not meant, and has no week before or after it in the end


def _minute_now() -> int:
    now = clock.now().astimezone(clock.SHANGHAI)
    return now.hour * 60 + now.minute


def _shown_group() -> dict[str, Any]:
    asked = request.args.get("group")
    return {"group": asked} if asked else {}


def _back(form: Any, object_id: str | None) -> str:
    return url_for("ads.index", **_shown_group())


def _take_files(form: PlaylistForm) -> None:
    """Files that came along, and those chosen from the library, become rows at the end of the playlist."""
    form.settle()
    refused: list[Message] = []
    for file in uploads(form.files_upload.data or []):
        is_video = file.mimetype.startswith("video/") or PurePath(file.filename or "").suffix.lower() in VIDEO_ENDINGS
        try:
            sha256 = video_of(file) if is_video else image_of(file, Purpose.AD)
        except Refused as error:
            refused.append(N_("%(name)s：%(reason)s", name=file.filename, reason=error.message))
            continue
        if not form.add("video" if is_video else "image", sha256):
            refused.append(_full())
    with session_beside(ctx().session) as reading:
        chosen = asset_infos(reading, form.added.data or [])
    for sha256 in form.added.data or []:
        if sha256 in chosen:
            kind = chosen[sha256].kind
            if not form.add(kind.value, sha256 if kind is FileKind.VIDEO else fitted(sha256, Purpose.AD)):
                refused.append(_full())
    form.added.data = []
    if refused:
        raise Invalid({"files": refused})


def _full() -> Message:
    return N_("一个播放列表最多 %(n)d 条。", n=PLAYLIST_ITEMS)


def _playlist_extras(form: PlaylistForm, view: ObjectView | None) -> Mapping[str, Any]:
    infos = asset_infos(ctx().session, {entry.form.asset.data for entry in form.items.entries})
    return {
        "infos": infos,
        "title_characters": PLAYLIST_TITLE_CHARACTERS,
        "caption_characters": CAPTION_CHARACTERS,
        "most_items": PLAYLIST_ITEMS,
    }


def _choose_playlist(form: ScheduleEntryForm | DefaultPlaylistForm, view: ObjectView | None) -> Mapping[str, Any]:
    offer_playlists(form, playlists(ctx().session))
    return {}


def _fill_entry(form: ScheduleEntryForm) -> None:
    """An empty hour of the calendar that was clicked becomes the window to begin with."""
    form.playlist.data = request.args.get("playlist", "")
    start, end = request.args.get("start", ""), request.args.get("end", "")
    if request.args.get("day") and start:
        form.windows.append_entry(
            {"from_": None, "until": None, "days": [str(_day().isoweekday())], "start": start, "end": end}
        )
    aim_at_group_asked(form)


_playlists = Editor(
    Kind.PLAYLIST,
    PlaylistForm,
    "ads",
    extras=_playlist_extras,
    prepare=_take_files,
    back=_back,
    template="ads/playlist.html",
)
_entries = Editor(
    Kind.SCHEDULE_ENTRY,
    ScheduleEntryForm,
    "ads",
    extras=_choose_playlist,
    fill=_fill_entry,
    back=_back,
    template="ads/entry.html",
)
_defaults = Editor(
    Kind.DEFAULT_PLAYLIST,
    DefaultPlaylistForm,
    "ads",
    extras=_choose_playlist,
    fill=aim_at_group_asked,
    back=_back,
    template="ads/default.html",
)

_playlists.mount_pages(blueprint, Feature.ADS, "playlist", "/playlists")
_entries.mount_pages(blueprint, Feature.ADS, "entry", "/schedule")
_defaults.mount_pages(blueprint, Feature.ADS, "default", "/default")
mount_acts(blueprint, Feature.ADS)
