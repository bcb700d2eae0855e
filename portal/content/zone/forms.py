"""The forms of columns and items."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import IntegerField
from wtforms.fields.choices import SelectChoice

from portal.content.editing.forms import EnvelopeForm, number
from portal.content.limits import ITEM_SECONDS
from portal.content.markup import markup_fault
from portal.content.zone.queries import ZoneTree
from portal.content.zone.rules import Column, Item
from portal.core.errors import Invalid, Refused
from portal.core.html import sanitize_html


class ColumnForm(EnvelopeForm):
    """A column of either level. The order is kept as it is; it is changed in the tree."""

    title = StringField(_l("栏目名称"))
    parent = SelectField(_l("上级栏目"), choices=[], validate_choice=False)
    icon = StringField(_l("从媒体库选"))
    icon_upload = FileField(_l("图标"))
    order = IntegerField(widget=HiddenField.widget)

    def offer(self, zone: ZoneTree, own_id: str | None) -> None:
        """This function will let a person choose the columns of the first level as the one above."""
        first = [(node.view.id, str(node.view.envelope.title)) for node in zone.columns if node.view.id != own_id]
        self.parent.choices = [("", _l("没有上级（一级栏目）")), *first]

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was typed as a column's payload."""
        parent = self.parent.data or None
        return {
            "parent": parent,
            "title": self.title.data or "",
            "icon": None if parent else self.icon.data or None,
            "order": self.order.data or 0,
        }

    def load_payload(self, payload: Column) -> None:
        """This function will fill the form from a column."""
        self.title.data = payload.title
        self.parent.data = payload.parent or ""
        self.icon.data = payload.icon
        self.order.data = payload.order


class ItemForm(EnvelopeForm):
    """An item: where it stands, what it is, how long the rotation shows it."""

    kind = RadioField(
        _l("类型"),
        choices=[
            SelectChoice("image", _l("图片")),
            SelectChoice("video", _l("视频")),
            SelectChoice("text", _l("图文")),
        ],
        default="image",
        validate_choice=False,
    )
    column = SelectField(_l("所在栏目"), choices=[], validate_choice=False)
    title = StringField(_l("标题"))
    asset = StringField(_l("从媒体库选"))
    asset_upload = FileField(_l("图片"))
    video = StringField(_l("从媒体库选"))
    video_upload = FileField(_l("视频"))
    html = TextAreaField(_l("正文"))
    seconds = StringField(_l("停留秒数"), default=str(ITEM_SECONDS))
    order = IntegerField(widget=HiddenField.widget)

    def offer(self, zone: ZoneTree) -> None:
        """This function will let a person choose among the columns of the second level."""
        choices: dict[Any, list[tuple[str, Any]]] = {"": [("", _l("请选择"))]}
        for first in zone.columns:
            listed: list[tuple[str, Any]] = [
                (second.view.id, str(second.view.envelope.title)) for second in first.columns
            ]
            if listed:
                choices[str(first.view.envelope.title)] = listed
        self.column.choices = choices

    def place_of(self, path: str) -> str:
        """This function will return the field that a sentence speaks of: pictures and videos arrive in fields of their own."""
        return "video" if path == "asset" and self.kind.data == "video" else super().place_of(path)

    def settle(self) -> None:
        """This function will take out of the text what a TV cannot show; too much text is left for the rules to refuse."""
        with suppress(Refused):
            self.html.data = sanitize_html(self.html.data or "")

    def clean(self) -> None:
        """This function will take out of the text what a TV cannot show, and say so; raises `Invalid` for too much text."""
        typed = self.html.data or ""
        try:
            cleaned = sanitize_html(typed)
        except Refused as refused:
            raise Invalid({"html": refused.message}) from refused
        if markup_fault(typed.replace("\r\n", "\n")) is not None:
            flash(_("正文里电视不能显示的格式已去掉，请看一下效果。"), "info")
        self.html.data = cleaned

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was typed as an item's payload."""
        kind = self.kind.data
        return {
            "column": self.column.data or "",
            "kind": kind,
            "title": self.title.data or "",
            "html": self.html.data if kind == "text" else None,
            "asset": (self.video.data if kind == "video" else self.asset.data) or None,
            "seconds": number(self.seconds.data),
            "order": self.order.data or 0,
        }

    def load_payload(self, payload: Item) -> None:
        """This function will fill the form from an item."""
        for name in ("kind", "column", "title", "html", "order"):
            self[name].data = getattr(payload, name)
        self["video" if payload.kind == "video" else "asset"].data = payload.asset
        self.seconds.data = "" if payload.seconds is None else str(payload.seconds)
