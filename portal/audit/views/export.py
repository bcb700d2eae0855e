"""Carrying the log out: the page that says what it will be, and the file, streamed."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.audit.commands import export_log, extent
from portal.audit.export.lines import written_lines
from portal.audit.export.scope import MOST_RECORDS, Format, Scope
from portal.audit.export.workbook import written_workbook
from portal.audit.forms import ExportForm
from portal.audit.views.log import asked_filter, chips_of
from portal.audit.views.vocabulary import WORDS
from portal.core.clock import SHANGHAI
from portal.core.database import system_session
from portal.web.access import needs
from portal.web.i18n import teller
from portal.web.state import ctx

blueprint = Blueprint("audit_export", __name__)

_KINDS = {
    Format.LINES: "application/jsonl; charset=utf-8",
    Format.WORKBOOK: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.route("/admin/audit/export", methods=["GET", "POST"])
@needs(Permission.AUDIT_EXPORT)
def index() -> Response | str:
    """This function will export the whole log, or what of it the filter in the address finds."""
    return _export(across=True)


@blueprint.route("/e/<enterprise:enterprise_id>/audit/export", methods=["GET", "POST"])
@needs(Permission.TENANT_AUDIT_EXPORT)
def tenant() -> Response | str:
    """This function will export one tenant's records, or what of them the filter in the address finds."""
    return _export(across=False)


def _export(*, across: bool) -> Response | str:
    wanted, form = asked_filter(across=across), ExportForm()
    form.offer()
    if form.validate_on_submit():
        return _file(export_log(ctx(), wanted, form.chosen(), personal=bool(form.personal.data)))
    if across:
        with system_session(reason="audit page") as session:
            found = extent(session, wanted)
    else:
        found = extent(ctx().session, wanted)
    back = url_for("audit.index" if across else "audit.tenant", **wanted.named())
    return render_template(
        "audit/export.html",
        form=form,
        wanted=wanted,
        found=found,
        most=MOST_RECORDS,
        across=across,
        conditions=[(chip["label"], chip["value"]) for chip in chips_of(wanted) if chip["value"]],
        back=back,
        crumbs=[(_("操作日志"), back), (_("导出"), None)],
    )


def _file(scope: Scope) -> Response:
    pieces: Iterator[bytes] = (
        written_lines(scope) if scope.format is Format.LINES else written_workbook(scope, teller(), WORDS)
    )
    day = scope.checkpoint.created_at.astimezone(SHANGHAI)
    whose = f"-{scope.tenant.enterprise_id}" if scope.tenant else ""
    name = quote(f"audit{whose}-{day:%Y%m%d-%H%M}.{scope.format.value}")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pieces, content_type=_KINDS[scope.format], headers=headers)
