"""The forms of the ad loop: playlists, the schedule, and what plays without one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import FieldList, Form, FormField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Optional

from portal.content.ads.rules import DefaultPlaylist, Playlist, ScheduleEntry
from portal.content.editing.forms import EnvelopeForm, number
from portal.content.limits import AD_SECONDS, PLAYLIST_ITEMS, PRIORITY_MAX
from portal.core.ids import new_id
from portal.web.paging import whole


class RowForm(Form):  # type: ignore[misc]
    """One entry of a playlist: a file with its caption, and how long it stands."""

    id = HiddenField()
    kind = HiddenField()
    asset = HiddenField()
    caption = StringField(_l("配文"), validators=[Optional()])
    seconds = StringField(_l("秒数"))


class PlaylistForm(EnvelopeForm):
    """A playlist. Files that come along are put at its end; rows stand in the order of the posted `row` fields."""

    title = StringField(_l("名称"))
    items = FieldList(FormField(RowForm), _l("条目"), max_entries=PLAYLIST_ITEMS)
    added = SelectMultipleField(_l("从媒体库选"), validate_choice=False)
    files_upload = MultipleFileField(_l("图片或视频"))

    def add(self, kind: str, sha256: str) -> bool:
        """This function will put a file at the end; tells whether there was room."""
        if len(self.items.entries) >= PLAYLIST_ITEMS:
            return False
        seconds = "" if kind == "video" else str(AD_SECONDS)
        self.items.append_entry({"id": new_id(), "kind": kind, "asset": sha256, "caption": "", "seconds": seconds})
        return True

    def add_at(self, number: int, kind: str, sha256: str) -> RowForm:
        """This function will return a new entry whose fields have the number of a row that the page has not."""
        self.items.last_index = number - 1
        self.add(kind, sha256)
        row: RowForm = self.items.entries[-1].form
        return row

    def settle(self) -> None:
        """This function will put the rows into the order in which they were posted."""
        entries = {int(entry.name.rpartition("-")[2]): entry for entry in self.items.entries}
        wanted = [int(text) for text in request.form.getlist("row") if text.isdigit()]
        order = [*dict.fromkeys(index for index in wanted if index in entries)]
        order += [index for index in entries if index not in order]
        self.items.entries = [entries[index] for index in order]
        self._number()

    def _number(self) -> None:
        for index, entry in enumerate(self.items.entries):
            entry.name = entry.id = f"items-{index}"
            for name, field in entry.form._fields.items():
                field.name = field.id = f"items-{index}-{name}"

    def changes_rows(self) -> bool:
        """This function will move or remove a row where a button asked for it; tells whether one did."""
        entries = self.items.entries
        for name, step in (("move_up", -1), ("move_down", 1), ("remove_item", 0)):
            index = request.form.get(name, type=whole)
            if index is None or not 0 <= index < len(entries):
                continue
            moved = entries.pop(index)
            if step:
                entries.insert(min(max(index + step, 0), len(entries)), moved)
            self._number()
            return True
        return "add_files" in request.form or super().changes_rows()

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was typed as a playlist's payload."""
        rows = [entry.form for entry in self.items.entries]
        return {
            "title": self.title.data or "",
            "items": [
                {
                    "id": row.id.data or "",
                    "kind": row.kind.data or "",
                    "asset": row.asset.data or "",
                    "caption": row.caption.data or "",
                    "seconds": number(row.seconds.data),
                }
                for row in rows
            ],
        }

    def load_payload(self, payload: Playlist) -> None:
        """This function will fill the form from a playlist."""
        self.title.data = payload.title
        for item in payload.items:
            seconds = "" if item.seconds is None else str(item.seconds)
            self.items.append_entry({**item.model_dump(), "seconds": seconds})

    def typed(self) -> Iterator[tuple[str, str]]:
        """This function will yield everything that was posted, the rows as they stand now."""
        for name, value in super().typed():
            if not name.startswith(("items-", "row", "added")):
                yield name, value
        for entry in self.items.entries:
            for field in entry.form:
                yield field.name, field.data or ""

    def taken(self) -> Iterator[tuple[str, str]]:
        """This function will yield nothing: files of a playlist stand in its rows."""
        yield from ()


class ScheduleEntryForm(EnvelopeForm):
    """Which playlist runs, how important that is, and when."""

    playlist = SelectField(_l("播放列表"), choices=[], validate_choice=False)
    priority = SelectField(_l("优先级"), choices=[str(n) for n in range(PRIORITY_MAX + 1)], default="0")

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was typed as a schedule entry's payload."""
        return {"playlist": self.playlist.data or "", "priority": number(self.priority.data)}

    def load_payload(self, payload: ScheduleEntry) -> None:
        """This function will fill the form from a schedule entry."""
        self.playlist.data = payload.playlist
        self.priority.data = str(payload.priority)


class DefaultPlaylistForm(EnvelopeForm):
    """What plays while nothing is scheduled."""

    playlist = SelectField(_l("播放列表"), choices=[], validate_choice=False)

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was chosen as the payload."""
        return {"playlist": self.playlist.data or ""}

    def load_payload(self, payload: DefaultPlaylist) -> None:
        """This function will fill the form from what is stored."""
        self.playlist.data = payload.playlist


def offer_playlists(form: ScheduleEntryForm | DefaultPlaylistForm, titles: Sequence[tuple[str, str]]) -> None:
    """This function will let a person choose among the playlists that are there."""
    form.playlist.choices = [("", _l("请选择")), *titles]
