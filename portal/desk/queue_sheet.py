"""The queue of the desk as Excel, filtered like at the desk."""

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.messages import N_
from portal.desk.queries import Waiting
from portal.desk.queue import filtered, load_words, waiting_lines
from portal.review.queries import display_names
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.rendering import translated
from portal.web.state import ctx

blueprint = Blueprint("desk_sheet", __name__)


@blueprint.post("/center/review")
@needs(Permission.REVIEW_QUEUE, reads=True)
def queue() -> Response:
    """This function will hand out what waits for the reader: whose, called what, since when and how much."""
    lines = filtered(waiting_lines())
    people = display_names(ctx().session, {line.entry.submission.submitted_by for line in lines})
    columns: list[Column[Waiting]] = [
        Column(_("企业"), 24, lambda line: line.entry.tenant.short_name),
        Column(_("企业ID"), 16, lambda line: line.entry.tenant.enterprise_id),
        Column(_("标题"), 40, lambda line: translated(line.entry.submission.title)),
        Column(_("内容"), 40, lambda line: load_words(line.load)),
        Column(_("待审"), 8, lambda line: sum(line.load.values())),
        Column(_("送审人"), 16, lambda line: people.get(line.entry.submission.submitted_by or "", "")),
        Column(_("送审时间"), 20, lambda line: line.entry.submission.submitted_at),
        Column(_("加急"), 8, lambda line: _("加急") if line.entry.submission.urgent else ""),
        Column(_("状态"), 10, lambda line: _("暂停") if line.blocked else _("待审")),
        Column(_("定时发布"), 20, lambda line: line.entry.submission.publish_at),
    ]
    return hand_out_sheets("queue", N_("待审的送审"), [Sheet(_("待审的送审"), lines, columns)])
