"""The level of authentication: raising one's own to what is needed here, and the levels of roles for the security administrator."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.roles import LABELS, Role
from portal.accounts import ceremony, levels, passkey_proofs, queries
from portal.accounts.attempts import TooManyTries
from portal.accounts.certificate_proofs import prove_certificate
from portal.accounts.commands import levels as commands
from portal.accounts.forms import LevelForm, PasskeyProofForm, level_of
from portal.accounts.proofs import SignInFailed
from portal.core.errors import Invalid
from portal.core.ids import UserId
from portal.web.access import needs
from portal.web.client import client_certificate
from portal.web.i18n import translate
from portal.web.sessions import current_session
from portal.web.state import ctx, state
from portal.web.views import same_site

blueprint = Blueprint("levels", __name__)


@blueprint.route("/account/level", methods=["GET", "POST"])
@needs(Permission.SELF_MANAGE, any_level=True)
def raise_level() -> Response | str | tuple[str, int]:
    """This function will have somebody prove more, or enrol what it takes, and lead on to where one wanted to go."""
    form = PasskeyProofForm()
    if request.method != "POST" or not form.validate():
        return _raise_page(form)
    try:
        current_session().renew(_raise(form.credential.data or ""))
    except (SignInFailed, TooManyTries) as error:
        form.form_errors = [translate(error.message)]
        return _raise_page(form, error.status)
    return redirect(same_site(request.args.get("next")) or url_for("home"))


def _raise(credential: str) -> str:
    """The new token of the session; without a passkey's answer it is the connection's certificate that counts."""
    own_id = UserId(str(ctx().actor.user_id))
    shown = client_certificate()
    if not credential and shown is not None:
        return commands.raise_level(ctx(), prove_certificate(own_id, shown, state().meta))
    site, browser = ceremony.site(), ceremony.bound_to()
    proven = passkey_proofs.prove_passkey(site, credential, browser, state().meta, user_id=own_id)
    return commands.raise_level(ctx(), proven)


@blueprint.get("/admin/levels")
@needs(Permission.LEVELS_MANAGE)
def index() -> str:
    """This function will show the level that each role needs."""
    return _levels_page()


@blueprint.post("/admin/levels")
@needs(Permission.LEVELS_MANAGE)
def save() -> Response | tuple[str, int]:
    """This function will set the levels of roles, those that the form names."""
    try:
        for role in levels.DEFAULTS:
            if role.value in request.form:
                commands.set_role_level(ctx(), role, level_of(request.form[role.value]) or 0)
    except Invalid as invalid:
        ctx().session.rollback()
        flash(translate(next(iter(invalid.errors.values()))[0]), "error")
        return _levels_page(), invalid.status
    flash(_("已保存，从每个人的下一次操作起生效。"), "ok")
    return redirect(url_for("levels.index"))


def _raise_page(form: PasskeyProofForm, status: int = 200) -> tuple[str, int]:
    user_id = UserId(str(ctx().actor.user_id))
    passkeys = queries.passkeys_of(ctx().session, user_id)
    wanted = same_site(request.args.get("next"))
    signed_in = state().signed_in
    return render_template(
        "accounts/level.html",
        form=form,
        passkeys=passkeys,
        has_certificate=client_certificate() is not None,
        may_enrol=not levels.has_strong_factor(ctx().session, user_id),
        may_leave=signed_in is not None and signed_in.actor.auth_level >= signed_in.required_level,
        wanted=wanted,
    ), status


def _levels_page() -> str:
    by_role = levels.role_levels(ctx().session)
    rows = [
        (role, LABELS[role], LevelForm.choices(levels.choices(role)), by_role[role]) for role in Role if role in by_role
    ]
    return render_template("accounts/levels.html", rows=rows)
