"""Grants (深度定制, 一事一议): one more feature for one enterprise, for a reason, until a day.

Business operation looks at them, the module layer gives and ends them: two pages, because a permission is of one layer.
"""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.errors import Invalid
from portal.orders.commands.granting import end_grant, grant_feature
from portal.orders.forms import GrantForm
from portal.orders.queries import current_subscription, grants_of
from portal.orders.states import State
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.refusals import telling_refusal
from portal.web.state import ctx

blueprint = Blueprint("grants", __name__, url_prefix="/e/<enterprise:enterprise_id>/grants")


@blueprint.get("")
@needs(Permission.ORDERS_VIEW)
def index() -> str:
    """This function will list everything that was ever granted, what is in force first."""
    return _list()


@blueprint.get("/manage")
@needs(Permission.GRANTS_MANAGE)
def manage() -> str:
    """This function will list the same for whoever gives and ends grants."""
    return _list()


def _list() -> str:
    context, at = ctx(), clock.now()
    grants = grants_of(context.session, context.tenant_id, at)
    subscription = current_subscription(context.session, context.tenant_id, at)
    return render_template(
        "orders/grants.html",
        grants=sorted(grants, key=lambda grant: not grant.in_force),
        now=at,
        stamps=stamps_of(context.session, [grant.id for grant in grants]),
        book=catalogue(),
        active=subscription is not None and subscription.standing.state is State.ACTIVE,
        crumbs=_crumbs(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.GRANTS_MANAGE)
def new() -> Response | str | tuple[str, int]:
    """This function will grant a feature."""
    form = GrantForm()
    form.offer()
    if not form.validate_on_submit():
        return _page(form)
    try:
        grant_feature(ctx(), form.grant())
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(form), invalid.status
    flash(_("已授权，机顶盒约一分钟内更新。"), "ok")
    return redirect(url_for("grants.manage"), 303)


@blueprint.post("/<id:grant_id>/end")
@needs(Permission.GRANTS_MANAGE)
def end(grant_id: str) -> Response:
    """This function will end a grant now."""
    with telling_refusal():
        end_grant(ctx(), grant_id)
        flash(_("授权已结束；内容保留，从屏幕上撤下。"), "ok")
    return redirect(url_for("grants.manage"), 303)


def _page(form: GrantForm) -> str:
    limitable = [entry for entry in catalogue().features.values() if entry.limitable]
    return render_template(
        "orders/grant.html", form=form, limitable=limitable, crumbs=[*_crumbs(), (_("新授权"), None)]
    )


def _crumbs() -> list[tuple[str, str | None]]:
    tenant = ctx().tenant
    listed = "grants.manage" if may(ctx(), Permission.GRANTS_MANAGE) else "grants.index"
    return [(tenant.name if tenant else "", None), (_("授权"), url_for(listed))]
