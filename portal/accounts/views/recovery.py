"""One's own recovery codes: what they are for, how many are left, and ten new ones, shown once."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.accounts import queries
from portal.accounts.commands.recovery import make_recovery_codes
from portal.accounts.states import STRONGEST
from portal.core import clock
from portal.core.errors import Refused
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.state import ctx, state
from portal.web.views import same_site

blueprint = Blueprint("recovery", __name__, url_prefix="/account/recovery-codes")


@blueprint.get("")
@needs(Permission.SELF_MANAGE)
def index() -> str:
    """This function will say what recovery codes are for and how many are left."""
    session = ctx().session
    held = queries.second_factors(session, queries.get_user(session, str(ctx().actor.user_id)))
    signed_in = state().signed_in
    return render_template(
        "accounts/recovery.html",
        held=held,
        needs_strongest=signed_in is not None and signed_in.required_level >= STRONGEST,
        onward=same_site(request.args.get("next")),
        crumbs=_crumbs(),
    )


@blueprint.post("")
@needs(Permission.SELF_MANAGE, module=Module.OWN_FACTORS)
def create() -> Response | str:
    """This function will make ten new codes and show them, once."""
    try:
        codes = make_recovery_codes(ctx())
    except Refused as refused:
        ctx().session.rollback()
        flash(translate(refused.message), "error")
        return redirect(url_for("recovery.index"), 303)
    text = "\n".join([_("%(name)s 的恢复代码", name=ctx().actor.username), "", *codes, ""])
    return render_template(
        "accounts/recovery_once.html",
        codes=codes,
        text=text,
        made_at=clock.now(),
        onward=same_site(request.form.get("next")) or url_for("account.index"),
        crumbs=_crumbs(),
    )


def _crumbs() -> list[tuple[str, str | None]]:
    return [(_("我的账号"), url_for("account.index")), (_("恢复代码"), None)]
