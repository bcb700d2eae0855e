"""What the walls of a tenant and of all share: one page of tiles, and how wide it stands."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select
from sqlalchemy.orm import Session

from portal.boxes.queries import wall
from portal.boxes.views import lists
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.web.paging import Page, Paging, list_address, paged

COLUMNS: Final = (4, 6, 8)
_USUAL: Final = 6


def page_of(
    session: Session, boxes: Select[Any], sorts: Mapping[str, Any], places: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """This function will return one page of tiles, as the address asks for it, and what its template says of them.

    `places` is what groups are called, where that is known already.
    """
    most = catalogue().boxes.wall_tiles
    paging = replace(Paging.from_request(list(sorts), default=next(iter(sorts))), size=most)
    page: Page[Any] = paged(session, boxes, sorts, paging)
    now = clock.now()
    named = wall.places_of(session, page.rows) if places is None else places
    tiles = wall.tiles(session, page.rows, now, named)
    return {
        "page": page,
        "tiles": tiles,
        "heard": [tile.box.id for tile in tiles if tile.is_heard and tile.box.state == "bound"],
        "columns": _columns(),
        "all_columns": COLUMNS,
        "labels": lists,
        "now": now,
    }


def say_asked(told: int) -> None:
    """This function will say of how many boxes a picture was asked; none where each was asked already, or has gone since the page was drawn."""
    if told:
        flash(ngettext("已请 %(num)d 台截屏，约一分钟内出现。", "已请 %(num)d 台截屏，约一分钟内出现。", told), "ok")
    else:
        flash(_("没有再请：都已经请过，或者刚刚解绑。"), "info")


def addresses(room: str) -> dict[str, str]:
    """This function will return where the tiles of the page that is shown come from, and where pictures of them are asked for."""
    here = {"page": request.args.get("page")}
    return {f"{what}_at": list_address(f"{room}.wall_{what}", here) for what in ("tiles", "pictures")}


def _columns() -> int:
    asked = request.args.get("columns", "")
    return int(asked) if asked in map(str, COLUMNS) else _USUAL
