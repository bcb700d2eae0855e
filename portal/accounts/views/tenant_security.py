"""How surely the members of a tenant must prove who they are: a setting of its administrator."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.accounts import queries
from portal.accounts.commands.levels import set_tenant_level
from portal.accounts.forms import TenantLevelForm, level_of
from portal.core.errors import Invalid
from portal.tenants.models import Tenant
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.state import ctx

blueprint = Blueprint("tenant_security", __name__, url_prefix="/e/<enterprise:enterprise_id>/security")


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.TENANT_SECURITY)
def edit() -> Response | str | tuple[str, int]:
    """This function will show and set the level of authentication that the tenant asks of its members."""
    tenant = ctx().session.get_one(Tenant, ctx().tenant_id)
    form = TenantLevelForm(level=str(tenant.required_level))
    if not form.validate_on_submit():
        return _page(form)
    try:
        set_tenant_level(ctx(), level_of(form.level.data) or 0)
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(form, invalid.status)
    flash(_("已保存，从每个成员的下一次操作起生效。"), "ok")
    return redirect(url_for("tenant_security.edit"))


def _page(form: TenantLevelForm, status: int = 200) -> tuple[str, int]:
    members, strong = queries.members_with_passkeys(ctx().session)
    return render_template("accounts/tenant_security.html", form=form, members=members, strong=strong), status
