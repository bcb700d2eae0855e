"""The way in for somebody who was given a one-time link: what the account lacks is set, or a new password, and one is signed in."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import attempts, ceremony, levels, queries
from portal.accounts.attempts import Factor, TooManyTries
from portal.accounts.challenges import ChallengeRefused
from portal.accounts.commands import links
from portal.accounts.commands.sign_in import Entered
from portal.accounts.enrolment import enrolment
from portal.accounts.forms import EnrolForm, ResetForm, StrongEnrolForm
from portal.accounts.landing import absolute_limit, landing
from portal.accounts.passkeys import PasskeyRefused
from portal.accounts.proofs import SignInFailed
from portal.accounts.queries import OpenLink
from portal.accounts.shown_factor import shown_factor
from portal.accounts.states import STRONGEST, LinkPurpose
from portal.core.database import platform_session
from portal.core.errors import Invalid, NotFound
from portal.core.messages import N_
from portal.core.tokens import token_hash
from portal.web.access import public
from portal.web.client import client_certificate
from portal.web.errors import answer
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.sessions import current_session
from portal.web.state import ctx, state

blueprint = Blueprint("welcome", __name__)

Page = Response | str | tuple[str, int]


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
@public
def enrol(token: str) -> Page:
    """This function will let the holder of an open link set what the account lacks, or a new password, and sign in."""
    link = _open(token)
    if link.purpose is LinkPurpose.PASSWORD:
        return _new_password(link)
    if levels.highest_required(link.user_id) >= STRONGEST:
        return _enrol_passkey(token, link)
    return _enrol_token(link)


@blueprint.post("/welcome/<token>/options")
@public
def options(token: str) -> Response:
    """This function will say what the browser is asked for a passkey, once the password will do; errors are problem documents."""
    link = _open(token)
    if link.purpose is LinkPurpose.PASSWORD:
        raise NotFound
    try:
        links.check_password(link, request.form.get("password", ""), state().meta)
    except Invalid as invalid:
        return answer(invalid.status, invalid.code, next(iter(invalid.errors.values()))[0])
    return jsonify(ceremony.ask_for_new_passkey(link.user_id, link.username))


def _enrol_token(link: OpenLink) -> Page:
    """The second factor of most people is a dynamic token."""
    form, status = EnrolForm(), 200
    drawn = enrolment(link.username, link.id, form.secret.data)
    if request.method == "POST" and form.validate():
        try:
            typed = form.password.data or ""
            factors = links.new_factors(link, typed, drawn.secret, form.code.data or "", state().meta)
            return _go_on(links.use_link(ctx(), link, factors, lasts=absolute_limit()), offer_codes=True)
        except Invalid as invalid:
            show_errors(form, _on_password(invalid))
            status = invalid.status
        except TooManyTries as many:
            form.form_errors, status = [translate(many.message)], many.status
    form.secret.data = drawn.sealed
    form.name_password(link)
    return render_template("sign_in/welcome.html", form=form, drawn=drawn, link=link), status


def _enrol_passkey(token: str, link: OpenLink) -> Page:
    """The same for somebody who needs level 3: the second factor is a passkey."""
    form, status = StrongEnrolForm(), 200
    if request.method == "POST" and form.validate():
        try:
            made = ceremony.new_passkey(form.credential.data or "", link.user_id)
            factors = links.strong_factors(link, form.password.data or "", made, state().meta)
            return _go_on(links.use_link(ctx(), link, factors, lasts=absolute_limit()))
        except (PasskeyRefused, ChallengeRefused):
            form.form_errors, status = [_("浏览器给出的通行密钥没有通过检查，请再试一次。")], 422
        except Invalid as invalid:
            show_errors(form, _on_password(invalid))
            status = invalid.status
        except TooManyTries as many:
            form.form_errors, status = [translate(many.message)], many.status
    form.name_password(link)
    return render_template("sign_in/welcome_passkey.html", form=form, link=link, token=token), status


def _new_password(link: OpenLink) -> Page:
    """A second factor stands: whoever holds the link shows it, and sets a new password and nothing else."""
    form, status = ResetForm(), 200
    if request.method == "POST" and form.validate():
        try:
            hashed = links.new_password(link, form.password.data or "")
            factor = shown_factor(link.user_id, request.form, state().meta)
            return _go_on(links.reset_password(ctx(), link, hashed, factor, lasts=absolute_limit()))
        except Invalid as invalid:
            show_errors(form, invalid)
            status = invalid.status
        except (SignInFailed, TooManyTries) as refused:
            form.form_errors, status = [translate(refused.message)], refused.status
    with platform_session() as reader:
        held = queries.second_factors(reader, queries.get_user(reader, link.user_id))
    counts = links.certificate_counts(link.user_id)
    has_certificate = counts and held.certificates > 0 and client_certificate() is not None
    page = render_template(
        "sign_in/reset.html", form=form, link=link, held=held, has_certificate=has_certificate, counts=counts
    )
    return page, status


def _on_password(invalid: Invalid) -> Invalid:
    """The page has one field, for a new password or for the one that stands."""
    errors = invalid.errors
    return Invalid({"password" if name == "current" else name: errors[name] for name in errors})


def _open(token: str) -> OpenLink:
    with platform_session() as session:  # not the request's own: hashing comes before that one begins to write
        try:
            return queries.open_link(session, token)
        except NotFound:
            attempts.begin(Factor.LINK, token_hash(token), state().meta.address)
            raise NotFound(N_("这个链接已经用过或过期了，请向给您链接的人再要一个。")) from None


def _go_on(entered: Entered | None, *, offer_codes: bool = False) -> Response:
    if entered is None:
        flash(_("账号已启用；加入企业后即可登录。"), "info")
        return redirect(url_for("sign_in.password"))
    current_session().enter(entered.token)
    if entered.seat is None:
        return redirect(url_for("sign_in.choose"))
    onward = landing(entered.seat, None)
    return redirect(url_for("recovery.index", next=onward) if offer_codes else onward)
