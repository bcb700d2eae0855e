"""The television in the browser, drawn from drafts: a fragment for editors, and a page to try things on."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for

from portal.access.permissions import Permission
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.ids import GroupId, is_id
from portal.preview.moments import document_at, playing_at
from portal.preview.queries import draft_document
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("preview", __name__, url_prefix="/e/<enterprise:enterprise_id>/preview")

SCREENS = ("desktop", "splash", "zone", "ads")


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW)
def index() -> str:
    """This function will show the television large, with any box group, any moment, dark or light."""
    tree = group_tree(ctx().session)
    chosen = request.args.get("screen", "desktop")
    return render_template(
        "preview/index.html",
        screen=chosen if chosen in SCREENS else "desktop",
        screens=SCREENS,
        tree=tree,
        **_drawing(),
    )


@blueprint.get("/<any(desktop, splash, zone, ads):screen>")
@needs(Permission.CONTENT_VIEW, passive=True)
def screen(screen: str) -> str:
    """This function will draw one screen as a fragment of a page."""
    return render_template("preview/_screen.html", screen=screen, **_drawing())


def _drawing() -> dict[str, Any]:
    tree = group_tree(ctx().session)
    at = _moment()
    group = _group()
    document = draft_document(ctx(), tree, group)
    shown = document_at(document, at)
    playing = playing_at(document, at)
    return {
        "document": shown,
        "at": at.astimezone(clock.SHANGHAI),
        "group": group or tree.root.id,
        "theme": "light" if request.args.get("theme") == "light" else "dark",
        "column": _id("column"),
        "item": _id("item"),
        "frame": request.args.get("frame", 1, type=int),
        "playlist": _id("playlist") or (playing[0] if playing else None),
        "position": request.args.get("position", type=int),
        "asset_url": asset_url,
    }


def asset_url(sha256: str) -> str:
    """This function will return the console's own address of a file, which works before anything is published."""
    return url_for("media.file", sha256=sha256)


def _moment() -> datetime:
    """The moment asked for, in China Standard Time as people type it; nonsense counts as now."""
    try:
        asked = datetime.fromisoformat(request.args.get("at", ""))
    except ValueError:
        return clock.now()
    return asked.replace(tzinfo=clock.SHANGHAI) if asked.tzinfo is None else asked


def _group() -> GroupId | None:
    asked = request.args.get("group")
    if not asked:
        return None
    if not is_id(asked):
        raise NotFound
    return GroupId(asked)


def _id(name: str) -> str | None:
    asked = request.args.get(name)
    return asked if is_id(asked) else None
