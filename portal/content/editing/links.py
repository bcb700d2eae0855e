"""Where the page of an object is, and the list it stands in, whatever its kind."""

from collections.abc import Mapping
from typing import Final

from flask import url_for

from portal.content.kinds import Kind

EDIT: Final[Mapping[Kind, str]] = {
    Kind.LOGO: "logo.edit",
    Kind.SLOT: "slots.edit",
    Kind.COLUMN: "zone.edit_column",
    Kind.ITEM: "zone.edit_item",
    Kind.MARQUEE: "marquee.edit",
    Kind.FRAME: "splash.edit",
    Kind.PLAYLIST: "ads.edit_playlist",
    Kind.SCHEDULE_ENTRY: "ads.edit_entry",
    Kind.DEFAULT_PLAYLIST: "ads.edit_default",
    Kind.APP: "apps.edit",
    Kind.POWER: "power.edit",
}


def page_of(kind: Kind, object_id: str) -> str | None:
    """This function will return the address of the page on which an object is edited, None for a kind that has none."""
    endpoint = EDIT.get(kind)
    return url_for(endpoint, object_id=object_id) if endpoint else None


def index_of(kind: Kind) -> str | None:
    """This function will return the address of the page on which objects of the kind are listed, None for a kind that has none."""
    endpoint = EDIT.get(kind)
    return url_for(f"{endpoint.partition('.')[0]}.index") if endpoint else None
