"""Videos that are being converted (视频转换): how far they are, said again every other second, and what one can do about them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.errors import Conflict
from portal.media.conversion.commands import cancel_conversion, put_away
from portal.media.conversion.queries import get_progress, in_sight
from portal.media.telling import arrived_file
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.rendering import translated
from portal.web.state import ctx

blueprint = Blueprint("conversions", __name__, url_prefix="/e/<enterprise:enterprise_id>/media/conversions")


@blueprint.get("")
@needs(Permission.MEDIA_VIEW, passive=True)
def index() -> str:
    """This function will return the part of the library's page that shows what is under way and what ended lately."""
    return render_template("media/_conversions.html", conversions=in_sight(ctx().session))


@blueprint.get("/<id:conversion_id>")
@needs(Permission.MEDIA_VIEW, passive=True)
def follow(conversion_id: str) -> dict[str, Any]:
    """This function will say how far one conversion is, to the page on which its file was dropped; when it is ready, which file it became."""
    found = get_progress(ctx().session, conversion_id)
    told = {"stage": found.stage, "percent": found.percent, "reason": translated(found.reason)}
    return {**told, "file": arrived_file(ctx().session, found.asset_id) if found.asset_id else None}


@blueprint.post("/<id:conversion_id>/cancel")
@needs(Permission.MEDIA_UPLOAD)
def cancel(conversion_id: str) -> Response:
    """This function will end a conversion that is not ready yet."""
    try:
        cancel_conversion(ctx(), conversion_id)
        flash(_("已取消转换，占用的空间已释放。"), "ok")
    except Conflict as late:
        flash(translate(late.message), "warning")
    return redirect(url_for("media.index"), 303)


@blueprint.post("/put-away")
@needs(Permission.MEDIA_UPLOAD)
def tidy() -> Response:
    """This function will take the results that were seen off the page."""
    put_away(ctx())
    return redirect(url_for("media.index"), 303)
