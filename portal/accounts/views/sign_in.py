"""Signing in, choosing an enterprise, signing out."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.access.roles import LABELS
from portal.accounts import ceremony, passkey_proofs, proofs, queries
from portal.accounts.attempts import TooManyTries
from portal.accounts.captcha import asking
from portal.accounts.captcha.asking import ShownCaptcha
from portal.accounts.certificate_proofs import prove_certificate, refusal
from portal.accounts.commands import sign_in
from portal.accounts.commands.sessions import sign_out as end_session
from portal.accounts.commands.sign_in import Arrival, Entered
from portal.accounts.forms import CodeForm, PasskeyProofForm, SignInForm
from portal.accounts.gate.signing_in import captcha_is_due
from portal.accounts.landing import absolute_limit, landing, wanted_enterprise
from portal.accounts.proofs import Proven, SignInFailed
from portal.accounts.shown_factor import shown_factor
from portal.accounts.states import Method
from portal.core.context import Actor
from portal.core.database import platform_session
from portal.core.errors import NotFound, PortalError
from portal.core.messages import N_
from portal.web.access import needs, public
from portal.web.client import client_certificate
from portal.web.errors import SignInRequired
from portal.web.i18n import translate
from portal.web.sessions import current_session
from portal.web.state import ctx, state
from portal.web.views import same_site

blueprint = Blueprint("sign_in", __name__)


class Incomplete(PortalError):
    """Something has to be typed, or typed again, before anything is judged."""

    status = 422
    code = "incomplete"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def password() -> Response | str | tuple[str, int]:
    """This function will ask for user name and password; with a code sent along, it signs in at once."""
    if request.method != "POST" and state().signed_in is not None:
        return redirect(_wanted() or url_for("home"))
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("sign_in/password.html", form=form, wanted=_wanted(), captcha=_captcha(form))
    try:
        proven = checked_password(form)
        if form.code.data:
            return _enter_with_code(form.code.data, proven)
        return _enter_with_password(proven)
    except (SignInFailed, TooManyTries, Incomplete) as error:
        return _refuse(form, error.status, translate(error.message))


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> Response | str | tuple[str, int]:
    """This function will ask somebody whose password was right for the dynamic token."""
    half = _half()
    if half is None or half.auth_method != Method.PASSWORD:
        return redirect(url_for("sign_in.password", next=_wanted()))
    form = CodeForm()
    if not form.validate_on_submit():
        return _second_page(form, half)
    assert half.user_id is not None  # noqa: S101 - sessions are people's
    try:
        factor = shown_factor(
            half.user_id, {"code": form.code.data or "", "recovery": form.recovery.data or ""}, state().meta
        )
        return _go_on(sign_in.accept(ctx(), factor, _arrival(None, half)))
    except (SignInFailed, TooManyTries) as error:
        form.form_errors = [translate(error.message)]
        return _second_page(form, half, error.status)


@blueprint.get("/sign-in/passkey/options")
@public
def passkey_options() -> Response:
    """This function will say which passkey the browser is asked for: one of whoever is half signed in, else any."""
    half = _half()
    return jsonify(ceremony.ask_for_passkey(half.user_id if half else None))


@blueprint.post("/sign-in/passkey")
@public
def passkey() -> Response | tuple[str, int]:
    """This function will sign somebody in who has used a passkey, with or without the password before."""
    if state().signed_in is not None:
        return redirect(_wanted() or url_for("home"))
    form, half = PasskeyProofForm(), _half()
    form.validate()
    known = half if half is not None and half.auth_method == Method.PASSWORD else None
    try:
        proven = passkey_proofs.prove_passkey(
            ceremony.site(),
            form.credential.data or "",
            ceremony.bound_to(),
            state().meta,
            user_id=known.user_id if known else None,
        )
        return _go_on(sign_in.accept(ctx(), proven, _arrival(None, known)))
    except (SignInFailed, TooManyTries) as error:
        status, sentence = error.status, translate(error.message)
    if known is None:
        return _refuse(SignInForm(formdata=None), status, sentence)
    again = CodeForm(formdata=None)
    again.form_errors = [sentence]
    return _second_page(again, known, status)


@blueprint.route("/choose", methods=["GET", "POST"])
@public
def choose() -> Response | str:
    """This function will let a member of several tenants choose the one to work in, at sign-in or later."""
    person = _chooser()
    assert person.user_id is not None  # noqa: S101 - sessions are people's
    if request.method != "POST":
        seats = [seat for seat in queries.seats_of(person.user_id) if seat.tenant is not None]
        return render_template("sign_in/choose.html", seats=seats, labels=LABELS, wanted=_wanted(), person=person)
    assert person.session_id is not None  # noqa: S101
    assert person.authenticated_at is not None  # noqa: S101
    entered = sign_in.choose_tenant(
        ctx(),
        person.session_id,
        Method(person.auth_method),
        person.user_id,
        request.form.get("enterprise_id", ""),
        proven_at=person.authenticated_at,
        ends=person.authenticated_at + absolute_limit(),
    )
    return _go_on(entered)


@blueprint.post("/sign-out")
@needs(Permission.SELF_MANAGE, any_level=True)
def sign_out() -> Response:
    """This function will end the session and lead back to the sign-in page."""
    signed_in = state().signed_in
    end_session(ctx(), signed_in.tenant if signed_in else None)
    current_session().leave()
    flash(_("您已退出登录。"), "ok")
    return redirect(url_for("sign_in.password"))


def _enter_with_password(proven: Proven) -> Response:
    if alone := sign_in.accept_password_alone(ctx(), proven, absolute_limit()):
        return _go_on(alone)
    if (shown := client_certificate()) is not None:
        try:
            certificate = prove_certificate(proven.user_id, shown, state().meta)
            return _go_on(sign_in.accept(ctx(), certificate, _arrival(proven, _half())))
        except SignInFailed:
            pass  # it is recorded, the next page says so, and there are other ways
    current_session().enter(sign_in.accept_password(ctx(), proven))
    return redirect(url_for("sign_in.code", next=_wanted()))


def _enter_with_code(typed: str, proven: Proven) -> Response:
    code = proofs.prove_code(proven.user_id, typed, state().meta)
    return _go_on(sign_in.accept(ctx(), code, _arrival(proven, _half())))


def _arrival(proven: Proven | None, half: Actor | None) -> Arrival:
    return Arrival(absolute_limit(), proven, half.session_id if half else None, wanted_enterprise(_wanted()))


def _go_on(entered: Entered) -> Response:
    current_session().enter(entered.token)
    if entered.seat is None:
        return redirect(url_for("sign_in.choose", next=_wanted()))
    return redirect(landing(entered.seat, _wanted()))


def _half() -> Actor | None:
    """The person who is half signed in with this browser, if there is one."""
    found = current_session().signed_in
    return found.actor if found is not None and found.actor.auth_level == 0 else None


def _chooser() -> Actor:
    signed_in = state().signed_in
    if signed_in is not None:
        if signed_in.tenant is None:
            raise NotFound  # staff have nothing to choose
        return signed_in.actor
    half = _half()
    if half is None or half.auth_method == Method.PASSWORD:
        raise SignInRequired
    return half


def _second_page(form: CodeForm, half: Actor, status: int = 200) -> tuple[str, int]:
    """The second step, with what this person can show."""
    with platform_session() as reader:
        held = queries.second_factors(reader, queries.get_user(reader, str(half.user_id)))
    refused = refusal().message if client_certificate() is not None else None
    page = render_template("sign_in/code.html", form=form, wanted=_wanted(), half=half, held=held, refused=refused)
    return page, status


def _wanted() -> str | None:
    return same_site(request.args.get("next"))


def checked_password(form: SignInForm) -> Proven:
    """This function will return who has the typed name and password.

    The page code, where one is due, comes before them: whoever did not type it learns nothing and costs no hash. Raises
    `Incomplete`, `SignInFailed` and `TooManyTries`.
    """
    name, typed, address = form.username.data or "", form.password.data or "", state().meta.address
    if not name or not typed:
        raise Incomplete(N_("请填写用户名和密码。"))
    if captcha_is_due(name, address) and not asking.answered(Module.SIGN_IN, form.captcha.data or "", address):
        raise Incomplete(asking.WRONG if form.captcha.data else asking.ASKED)
    return proofs.prove_password(name, typed, state().meta)


def _captcha(form: SignInForm) -> ShownCaptcha | None:
    due = captcha_is_due(form.username.data or "", state().meta.address)
    return asking.shown(Module.SIGN_IN) if due else None


def _refuse(form: SignInForm, status: int, sentence: str) -> tuple[str, int]:
    form.form_errors = [sentence]
    return render_template("sign_in/password.html", form=form, wanted=_wanted(), captcha=_captcha(form)), status
