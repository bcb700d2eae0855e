"""The way in for somebody who was given a one-time link: a password, a dynamic token, and one is signed in."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import attempts, ceremony, levels, queries
from portal.accounts.attempts import Factor
from portal.accounts.challenges import ChallengeRefused
from portal.accounts.commands import links
from portal.accounts.commands.sign_in import Entered
from portal.accounts.enrolment import enrolment
from portal.accounts.forms import EnrolForm, StrongEnrolForm
from portal.accounts.landing import absolute_limit, landing
from portal.accounts.passkeys import PasskeyRefused
from portal.accounts.queries import OpenLink
from portal.accounts.states import STRONGEST
from portal.core.database import platform_session
from portal.core.errors import Invalid, NotFound
from portal.core.messages import N_
from portal.core.tokens import token_hash
from portal.web.access import public
from portal.web.errors import answer
from portal.web.forms import show_errors
from portal.web.sessions import current_session
from portal.web.state import ctx, state

blueprint = Blueprint("welcome", __name__)


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
@public
def enrol(token: str) -> Response | str | tuple[str, int]:
    """This function will let the holder of an open link set password and second factor, and sign in."""
    link = _open(token)
    if levels.highest_required(link.user_id) >= STRONGEST:
        return _enrol_passkey(token, link)
    form = EnrolForm()
    drawn = enrolment(link.username, link.id, form.secret.data)
    status = 200
    if request.method == "POST" and form.validate():
        try:
            factors = links.new_factors(link.username, form.password.data or "", drawn.secret, form.code.data or "")
        except Invalid as invalid:
            show_errors(form, invalid)
            status = invalid.status
        else:
            return _go_on(links.use_link(ctx(), link, factors, lasts=absolute_limit()))
    form.secret.data = drawn.sealed
    return render_template("sign_in/welcome.html", form=form, drawn=drawn, link=link), status


@blueprint.post("/welcome/<token>/options")
@public
def options(token: str) -> Response:
    """This function will say what the browser is asked for a passkey, once the new password will do; errors are problem documents."""
    link = _open(token)
    try:
        links.check_password(link.username, request.form.get("password", ""))
    except Invalid as invalid:
        return answer(invalid.status, invalid.code, invalid.errors["password"][0])
    return jsonify(ceremony.ask_for_new_passkey(link.user_id, link.username))


def _enrol_passkey(token: str, link: OpenLink) -> Response | tuple[str, int]:
    """The same for somebody who needs level 3: the second factor is a passkey."""
    form, status = StrongEnrolForm(), 200
    if request.method == "POST" and form.validate():
        try:
            made = ceremony.new_passkey(form.credential.data or "", link.user_id)
            factors = links.strong_factors(link.username, form.password.data or "", made)
        except (PasskeyRefused, ChallengeRefused):
            form.form_errors, status = [_("浏览器给出的通行密钥没有通过检查，请再试一次。")], 422
        except Invalid as invalid:
            show_errors(form, invalid)
            status = invalid.status
        else:
            return _go_on(links.use_link(ctx(), link, factors, lasts=absolute_limit()))
    return render_template("sign_in/welcome_passkey.html", form=form, link=link, token=token), status


def _open(token: str) -> OpenLink:
    with platform_session() as session:  # not the request's own: hashing comes before that one begins to write
        try:
            return queries.open_link(session, token)
        except NotFound:
            attempts.begin(Factor.LINK, token_hash(token), state().meta.address)
            raise NotFound(N_("这个链接已经用过或过期了，请向给您链接的人再要一个。")) from None


def _go_on(entered: Entered | None) -> Response:
    if entered is None:
        flash(_("账号已启用；加入企业后即可登录。"), "info")
        return redirect(url_for("sign_in.password"))
    current_session().enter(entered.token)
    if entered.seat is None:
        return redirect(url_for("sign_in.choose"))
    return redirect(landing(entered.seat, None))
