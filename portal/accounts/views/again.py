"""Signing in again after a session ran out, without losing the form that was sent or is still being filled in.

Scripts do it in a dialog over the page. Without them the page that answers a late form carries it, sealed; after the sign-in the
form is shown as sent and goes on with one click. The new session takes over the form token of the old one, which only this
browser's pages have, so that whatever was open goes on.
"""

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access.modules import Module
from portal.accounts import ceremony, proofs
from portal.accounts.attempts import TooManyTries
from portal.accounts.captcha import asking
from portal.accounts.certificate_proofs import prove_certificate
from portal.accounts.commands import sign_in
from portal.accounts.commands.factors import ProvenFactor
from portal.accounts.commands.sessions import take_over_form_token
from portal.accounts.commands.sign_in import Arrival, Entered
from portal.accounts.forms import AgainForm
from portal.accounts.gate.signing_in import captcha_is_due
from portal.accounts.landing import absolute_limit, wanted_enterprise
from portal.accounts.left_over import FORM_TOKEN, KeptForm, open_kept, owner_mark
from portal.accounts.passkey_proofs import prove_passkey
from portal.accounts.proofs import SignInFailed
from portal.accounts.views.sign_in import Incomplete, checked_password
from portal.core.errors import PortalError
from portal.core.ids import UserId
from portal.core.messages import N_
from portal.web.access import public
from portal.web.client import client_certificate
from portal.web.errors import SignInRequired, answer, ask_to_sign_in, wants_json
from portal.web.i18n import translate
from portal.web.sessions import WAS, current_session
from portal.web.state import ctx, state
from portal.web.views import same_site

blueprint = Blueprint("again", __name__)


class SomebodyElse(PortalError):
    """The page belongs to another person than the one who signs in."""

    status = 403
    code = "somebody_else"

    def __init__(self) -> None:
        super().__init__(N_("这一页是另一个账号打开的。请用原来的账号登录，或者到登录页换账号重新开始。"))


def answer_ended(error: SignInRequired) -> Response:
    """This function will answer whoever needs a session; a form that a page of ours sent too late is kept."""
    was = current_session().get(WAS)
    if was is None or wants_json() or request.method in {"GET", "HEAD"}:
        return ask_to_sign_in(error)
    form = KeptForm(request.full_path.rstrip("?"), list(request.form.items(multi=True)))
    files = [file.filename for file in request.files.values() if file.filename]
    return _page(AgainForm(formdata=None), form.sealed(was), files, status=error.status)


@blueprint.post("/sign-in/again")
@public
def sign_in_again() -> Response:
    """This function will sign in the person whose session ran out in this browser, and go on with the form that was kept."""
    form, was = AgainForm(), current_session().get(WAS)
    if was is None or not form.validate():
        return ask_to_sign_in(SignInRequired())
    kept = open_kept(form.kept.data or "", was)
    address = kept.address if kept else same_site(request.form.get("next"))
    token_seed = current_session().get(FORM_TOKEN)
    try:
        entered = _enter(form, was, address)
    except (SignInFailed, TooManyTries, Incomplete, SomebodyElse) as error:
        return _refuse(form, error)
    take_over_form_token(ctx(), entered.token, str(token_seed))
    current_session().enter(entered.token)
    return _go_on(entered, kept, address)


def _enter(form: AgainForm, was: str, address: str | None) -> Entered:
    """By a passkey alone, else by the password and what stands beside it."""
    wanted = wanted_enterprise(address)
    if answer := form.credential.data:
        passkey = prove_passkey(ceremony.site(), answer, ceremony.bound_to(), state().meta)
        _check_owner(passkey.user_id, was)
        return sign_in.accept(ctx(), passkey, Arrival(absolute_limit(), wanted=wanted))
    proven = checked_password(form)
    _check_owner(proven.user_id, was)
    factor = _beside_password(form, proven.user_id)
    return sign_in.accept(ctx(), factor, Arrival(absolute_limit(), proven, wanted=wanted))


def _check_owner(user_id: UserId, was: str) -> None:
    if owner_mark(user_id) != was:
        raise SomebodyElse


def _beside_password(form: AgainForm, user_id: UserId) -> ProvenFactor:
    """The code that was typed, else the connection's certificate; an empty code where there is neither."""
    shown = None if form.code.data else client_certificate()
    if shown is not None:
        return prove_certificate(user_id, shown, state().meta)
    return proofs.prove_code(user_id, form.code.data or "", state().meta)


def _go_on(entered: Entered, kept: KeptForm | None, address: str | None) -> Response:
    choose = url_for("sign_in.choose", next=address) if entered.seat is None else None
    if wants_json():
        return jsonify(choose=choose)
    if choose is not None or kept is None:
        return redirect(choose or address or url_for("home"), 303)
    return make_response(render_template("sign_in/resume.html", kept=kept))


def _refuse(form: AgainForm, error: PortalError) -> Response:
    if wants_json():
        response = answer(error.status, error.code, error.message)
        if captcha_is_due(form.username.data or "", state().meta.address):
            response.headers["Portal-Captcha"] = Module.SIGN_IN
        return response
    form.form_errors = [translate(error.message)]
    return _page(form, form.kept.data or None, [], status=error.status)


def _page(form: AgainForm, kept: str | None, files: list[str], *, status: int) -> Response:
    due = captcha_is_due(form.username.data or "", state().meta.address)
    body = render_template(
        "sign_in/again.html",
        form=form,
        kept=kept,
        files=files,
        captcha=asking.shown(Module.SIGN_IN) if due else None,
    )
    return make_response(body, status)
