"""When and whom a tenant wants to be told that boxes are silent. Part of the blueprint of the list."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.roles import LABELS
from portal.boxes.commands import alerting
from portal.boxes.forms import AlertsForm
from portal.boxes.views import lists
from portal.boxes.views.adoption import blueprint
from portal.core.errors import Conflict, Invalid
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

__all__ = ["blueprint"]


@blueprint.route("/alerts", methods=["GET", "POST"])
@needs(Permission.BOXES_MANAGE)
def alerts() -> Response | str | tuple[str, int]:
    """This function will show and set after how many minutes of silence who is told."""
    now = alerting.alerts_of(ctx().session, ctx().tenant_id)
    form = AlertsForm(after_minutes=now.minutes, roles=list(now.roles), version=now.version)
    form.roles.choices = [(role.value, translate(LABELS[role])) for role in alerting.TOLD_ROLES]
    if not form.validate_on_submit():
        return _page(form, 422 if form.is_submitted() else 200)
    try:
        alerting.set_alerts(ctx(), form.version.data or 0, form.after_minutes.data or 0, form.roles.data or [])
    except Invalid as invalid:
        ctx().session.rollback()
        show_errors(form, invalid)
        return _page(form, invalid.status)
    except Conflict as conflict:
        ctx().session.rollback()
        form.form_errors.append(translate(conflict.message))
        form.version.data = alerting.alerts_of(ctx().session, ctx().tenant_id).version
        return _page(form, conflict.status)
    flash(_("已保存，从下一次离线起生效。"), "ok")
    return redirect(url_for("boxes.alerts"), 303)


def _page(form: AlertsForm, status: int = 200) -> tuple[str, int]:
    crumbs = [(_("机顶盒"), lists.link_to("boxes.index")()), (_("离线提醒"), None)]
    return render_template("boxes/alerts.html", form=form, crumbs=crumbs), status
