"""The payloads of the zone: columns on two levels and the items of the second."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from portal.content.fields import LINE, Id, Order, Payload, Seconds, Sha256, refusal
from portal.content.limits import COLUMN_TITLE_CHARACTERS, ITEM_HTML_CHARACTERS, ITEM_TITLE_CHARACTERS
from portal.content.markup import markup_fault, text_of
from portal.core.messages import N_

ItemKind = Literal["image", "video", "text"]


def _showable(html: str) -> str:
    if fault := markup_fault(html):
        raise refusal(fault)
    return html


class Column(Payload):
    """A column (栏目): of the first level without `parent`, else of the second; only the first level shows an icon."""

    parent: Id | None = None
    title: Annotated[str, Field(min_length=1, max_length=COLUMN_TITLE_CHARACTERS), LINE]
    icon: Sha256 | None = None
    order: Order = 0


class Item(Payload):
    """An item of a second-level column: an image, a video, or text with an optional cover picture.

    `seconds` is how long the rotation shows it; a video without it plays to its end.
    """

    column: Id
    kind: ItemKind
    title: Annotated[str, Field(min_length=1, max_length=ITEM_TITLE_CHARACTERS), LINE]
    html: Annotated[str, Field(max_length=ITEM_HTML_CHARACTERS), AfterValidator(_showable)] | None = None
    asset: Sha256 | None = None
    seconds: Seconds | None = None
    order: Order = 0

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if self.kind == "text":
            if not text_of(self.html or ""):
                raise refusal(N_("请填写图文的正文。"), "html")
        else:
            if self.asset is None:
                raise refusal(N_("请选择图片。") if self.kind == "image" else N_("请选择视频。"), "asset")
            if self.html:
                raise refusal(N_("只有图文才有正文。"))
        if self.seconds is None and self.kind != "video":
            raise refusal(N_("请填写展示时长。"), "seconds")
        return self
