"""The page on which one file is replaced by another wherever it is shown."""

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.content.editing import acts
from portal.content.editing.acts import Page
from portal.content.editing.frame import asset_url, link_to
from portal.content.editing.shelf import shelf
from portal.content.editing.uploads import fitted
from portal.content.replacing.commands import plan_replacement, replace_everywhere
from portal.core.database import session_beside
from portal.core.ids import MediaId
from portal.media.models import MediaAsset
from portal.media.queries import get_media
from portal.media.states import Kind, Purpose
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("replacing", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/replacing")

_LONGEST_SEARCH = 80


@blueprint.route("/<id:media_id>", methods=["GET", "POST"])
@needs(Permission.CONTENT_EDIT)
def replace(media_id: MediaId) -> Page:
    """This function will show where a file is used and offer others, or exchange it everywhere."""
    if request.method == "POST":
        return _exchange(media_id)
    row = get_media(ctx().session, media_id)
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    offered = [one for one in shelf(ctx().session, Kind(row.kind), search=text) if one.sha256 != row.sha256]
    return render_template(
        "replacing/replace.html",
        row=row,
        still=_still(row),
        plan=plan_replacement(ctx(), row.sha256),
        offered=offered,
        text=text,
        asset_url=asset_url,
        link_to=link_to,
        crumbs=[
            (_("媒体库"), url_for("media.index")),
            (row.name, url_for("media.asset", media_id=row.id)),
            (_("全部替换"), None),
        ],
    )


def _exchange(media_id: MediaId) -> Page:
    back = url_for("media.asset", media_id=media_id)
    by = request.form.get("by", "")
    old = _row_apart(media_id)
    if old.purpose is not None and by:
        by = fitted(by, Purpose(old.purpose))  # cut for the places at which the old picture stands

    def run(void: bool) -> str:
        saved = replace_everywhere(ctx(), old.sha256, by, void_approval=void)
        return str(
            ngettext(
                "已为 %(num)d 处内容存好草稿，审核发布后生效。",
                "已为 %(num)d 处内容存好草稿，审核发布后生效。",
                len(saved),
            )
        )

    return acts.act(run, back)


def _row_apart(media_id: MediaId) -> MediaAsset:
    """Read in a session apart: while a picture is made fit, the request's own transaction must not wait."""
    with session_beside(ctx().session) as reading:
        return get_media(reading, media_id)


def _still(row: MediaAsset) -> str | None:
    return row.poster["sha256"] if row.poster else row.sha256 if row.kind == Kind.IMAGE else None
