"""The boxes that wait for somebody of this tenant, its province or the center. Part of the blueprint of the list."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.boxes.commands import deciding
from portal.boxes.commands.licensing import bound_boxes
from portal.boxes.forms import group_choices
from portal.boxes.queries import fleet
from portal.boxes.views import lists
from portal.boxes.views.acts import blueprint
from portal.core import clock
from portal.core.errors import Conflict, Refused, Unavailable
from portal.core.ids import GroupId
from portal.core.messages import N_
from portal.orders.queries import entitlement
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.exports import Sheet, hand_out_sheets
from portal.web.i18n import translate
from portal.web.state import ctx

__all__ = ["blueprint"]


@blueprint.get("/waiting")
@needs(Permission.BOXES_VIEW)
def waiting() -> str:
    """This function will list the boxes that wait, and let somebody confirm or reject each."""
    context, now = ctx(), clock.now()
    session = context.session
    return render_template(
        "boxes/waiting.html",
        rows=session.scalars(fleet.waiting(now)).all(),
        groups=group_choices(group_tree(session)),
        bound=bound_boxes(session, context.tenant_id),
        licences=entitlement(session, context.tenant_id, now).boxes,
        crumbs=[(_("机顶盒"), lists.link_to("boxes.index")()), (_("待确认"), None)],
    )


@blueprint.post("/waiting")
@needs(Permission.BOXES_VIEW, reads=True)
def waiting_export() -> Response:
    """This function will hand the boxes that wait out as Excel, phone numbers masked."""
    rows = ctx().session.scalars(fleet.waiting(clock.now())).all()
    return hand_out_sheets("waiting", N_("待确认的机顶盒"), [Sheet(_("待确认的机顶盒"), rows, lists.waiting_columns())])


@blueprint.post("/waiting/<id:request_id>/confirm")
@needs(Permission.BOXES_CONFIRM)
def confirm(request_id: str) -> Response:
    """This function will bind a box that waits into the chosen group."""
    try:
        deciding.confirm_request(ctx(), request_id, GroupId(request.form.get("group", "")))
    except (Conflict, Refused, Unavailable) as refusal:
        return _back(refusal)
    flash(_("已确认。机顶盒下次询问时开始使用，最长半小时。"), "ok")
    return redirect(url_for("boxes.waiting"), 303)


@blueprint.post("/waiting/<id:request_id>/reject")
@needs(Permission.BOXES_CONFIRM)
def reject(request_id: str) -> Response:
    """This function will reject a box that waits."""
    try:
        deciding.reject_request(ctx(), request_id)
    except Conflict as refusal:
        return _back(refusal)
    flash(_("已拒绝，一天内不会再为它询问。"), "ok")
    return redirect(url_for("boxes.waiting"), 303)


def _back(refusal: Conflict | Refused | Unavailable) -> Response:
    ctx().session.rollback()
    flash(translate(refusal.message), "error")
    return redirect(url_for("boxes.waiting"), 303)
