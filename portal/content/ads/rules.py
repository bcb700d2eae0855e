"""The payloads of the ad loop: playlists, the schedule, and what plays without one."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.content.fields import LINE, Id, Payload, Priority, Seconds, Sha256, refusal
from portal.content.limits import CAPTION_CHARACTERS, PLAYLIST_ITEMS, PLAYLIST_TITLE_CHARACTERS
from portal.core.messages import N_


class PlaylistItem(Payload):
    """An image with text, or a short video; a video without `seconds` plays to its end."""

    id: Id
    kind: Literal["image", "video"]
    asset: Sha256
    caption: Annotated[str, Field(max_length=CAPTION_CHARACTERS), LINE] = ""
    seconds: Seconds | None = None

    @model_validator(mode="after")
    def _image_has_a_duration(self) -> Self:
        if self.kind == "image" and self.seconds is None:
            raise refusal(N_("请填写展示时长。"))
        return self


class Playlist(Payload):
    """A playlist; an empty one may be saved and never plays."""

    title: Annotated[str, Field(min_length=1, max_length=PLAYLIST_TITLE_CHARACTERS), LINE]
    items: Annotated[tuple[PlaylistItem, ...], Field(max_length=PLAYLIST_ITEMS, strict=False)] = ()

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        if len({item.id for item in self.items}) != len(self.items):
            raise refusal(N_("同一条内容在播放列表里出现了两次。"))
        return self


class ScheduleEntry(Payload):
    """Says which playlist runs; when, its windows say."""

    playlist: Id
    priority: Priority = 0


class DefaultPlaylist(Payload):
    """Names the playlist for all times at which no schedule entry is on."""

    playlist: Id
