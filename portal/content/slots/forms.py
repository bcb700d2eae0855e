"""The form of a slot."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField
from wtforms.fields import URLField

from portal.content.actions import OpenApp, OpenColumn, OpenItem, OpenLive, OpenUrl, OpenVideo
from portal.content.editing.forms import EnvelopeForm, number
from portal.content.limits import SLOT_POSITIONS
from portal.content.slots.rules import Slot

Choices = Mapping[str, list[tuple[str, str]]]

ACTIONS: Mapping[str, Any] = {
    "column": _l("栏目"),
    "item": _l("条目"),
    "video": _l("视频"),
    "live": _l("直播"),
    "app": _l("应用"),
    "url": _l("网页"),
}


class SlotForm(EnvelopeForm):
    """What a slot shows and what it opens. Which actions there are to choose from, the page says by `offer`."""

    aliases: ClassVar[Mapping[str, str]] = {
        "action.column": "column",
        "action.item": "item",
        "action.asset": "video",
        "action.package": "package",
    }

    position = SelectField(_l("位置"), choices=[str(n) for n in range(1, SLOT_POSITIONS + 1)], validate_choice=False)
    image = StringField(_l("从媒体库选"))
    image_upload = FileField(_l("图片"))
    title = StringField(_l("标题"))
    subtitle = StringField(_l("副标题"))
    action = RadioField(_l("按确定键后打开"), choices=[], validate_choice=False)
    column = SelectField(_l("打开哪个栏目"), choices=[], validate_choice=False)
    item = SelectField(_l("打开哪个条目"), choices=[], validate_choice=False)
    video = StringField(_l("播放哪个视频"))
    video_upload = FileField(_l("上传视频"))
    package = SelectField(_l("打开哪个应用"), choices=[], validate_choice=False)
    url = URLField(_l("网页地址"))
    live = StringField(_l("直播地址"))

    def place_of(self, path: str) -> str:
        """This function will return the field that a sentence speaks of: both a page and a channel have an address."""
        if path == "action.url":
            return "live" if self.action.data == "live" else "url"
        return super().place_of(path)

    @property
    def place(self) -> int | None:
        """The position that was chosen, or None where it is no number."""
        chosen = number(self.position.data)
        return chosen if isinstance(chosen, int) else None

    def offer(
        self, actions: list[str], columns: list[tuple[str, str]], items: Choices, apps: list[tuple[str, str]]
    ) -> None:
        """This function will let a person choose among these actions, columns, items (by column) and apps (by package)."""
        chosen = [self.action.data] if self.action.data and self.action.data not in actions else []
        self.action.choices = [(name, ACTIONS[name]) for name in [*actions, *chosen] if name in ACTIONS]
        self.column.choices = [("", _l("请选择")), *columns]
        self.item.choices = {"": [("", _l("请选择"))], **items}
        self.package.choices = [("", _l("请选择")), *apps]

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was typed as a slot's payload."""
        typed = {
            "position": number(self.position.data),
            "title": self.title.data or "",
            "subtitle": self.subtitle.data or "",
            "action": self._action(),
        }
        return {**typed, "image": self.image.data} if self.image.data else typed

    def _action(self) -> Mapping[str, Any]:
        opened = self.action.data
        parts = {
            "column": ("column", self.column.data),
            "item": ("item", self.item.data),
            "video": ("asset", self.video.data),
            "app": ("package", self.package.data),
            "url": ("url", self.url.data),
            "live": ("url", self.live.data),
        }
        if opened not in parts:
            return {"open": opened} if opened else {}
        name, value = parts[opened]
        return {"open": opened, name: value} if value else {"open": opened}

    def load_payload(self, payload: Slot) -> None:
        """This function will fill the form from a slot."""
        self.position.data = str(payload.position)
        for name in ("image", "title", "subtitle"):
            self[name].data = getattr(payload, name)
        self.action.data = payload.action.open
        match payload.action:
            case OpenColumn(column=column):
                self.column.data = column
            case OpenItem(item=item):
                self.item.data = item
            case OpenVideo(asset=asset):
                self.video.data = asset
            case OpenApp(package=package):
                self.package.data = package
            case OpenUrl(url=url):
                self.url.data = url
            case OpenLive(url=url):
                self.live.data = url
