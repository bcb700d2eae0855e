"""One's own passkeys: enrolled, named, removed."""

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from portal.access.permissions import Permission
from portal.accounts import ceremony
from portal.accounts.attempts import TooManyTries
from portal.accounts.challenges import ChallengeRefused
from portal.accounts.commands import passkeys
from portal.accounts.commands.levels import raise_session
from portal.accounts.forms import NewPasskeyForm, PasskeyForm, RemovalForm
from portal.accounts.passkeys import PasskeyRefused
from portal.accounts.states import Method
from portal.core.errors import Invalid, Refused
from portal.core.ids import PasskeyId, UserId
from portal.web.access import needs
from portal.web.errors import answer
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.sessions import current_session
from portal.web.state import ctx

blueprint = Blueprint("passkeys", __name__, url_prefix="/account/passkeys")


@blueprint.get("/new")
@needs(Permission.SELF_MANAGE, any_level=True)
def new() -> str:
    """This function will ask for the current password and a name, and then have the browser make a passkey."""
    return _new_page(NewPasskeyForm())


@blueprint.post("/options")
@needs(Permission.SELF_MANAGE, any_level=True)
def options() -> Response:
    """This function will say what the browser is asked, to whoever knows the current password; errors are problem documents."""
    try:
        passkeys.confirm_password(ctx(), request.form.get("current", ""))
    except Invalid as invalid:
        return answer(invalid.status, invalid.code, invalid.errors["current"][0])
    return jsonify(ceremony.ask_for_new_passkey(_own_id(), ctx().actor.username))


@blueprint.post("")
@needs(Permission.SELF_MANAGE, any_level=True)
def create() -> AnyResponse | tuple[str, int]:
    """This function will keep the passkey that the browser made, which proves its owner at once."""
    form = NewPasskeyForm()
    form.validate()
    try:
        made = ceremony.new_passkey(form.credential.data or "", _own_id())
        passkeys.add_own_passkey(ctx(), made, form.name.data or "")
    except (PasskeyRefused, ChallengeRefused):
        form.form_errors = [_("浏览器给出的通行密钥没有通过检查，请再试一次。")]
        return _new_page(form), 422
    except Invalid as invalid:
        show_errors(form, invalid)
        return _new_page(form), invalid.status
    current_session().renew(raise_session(ctx(), Method.PASSWORD_AND_PASSKEY))
    flash(_("通行密钥已登记，其他地方的登录都已结束。"), "ok")
    return redirect(url_for("account.index"))


@blueprint.route("/<id:passkey_id>", methods=["GET", "POST"])
@needs(Permission.SELF_MANAGE)
def edit(passkey_id: PasskeyId) -> AnyResponse | str | tuple[str, int]:
    """This function will rename a passkey."""
    form = PasskeyForm(obj=passkeys.get_own_passkey(ctx(), passkey_id))
    if not form.validate_on_submit():
        return _page(passkey_id, form, RemovalForm(formdata=None))
    try:
        passkeys.rename_passkey(ctx(), passkey_id, form.name.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(passkey_id, form, RemovalForm(formdata=None), invalid.status)
    flash(_("已改名。"), "ok")
    return redirect(url_for("account.index"))


@blueprint.post("/<id:passkey_id>/remove")
@needs(Permission.SELF_MANAGE)
def remove(passkey_id: PasskeyId) -> AnyResponse | tuple[str, int]:
    """This function will remove a passkey, for somebody who knows the current password."""
    form = RemovalForm()
    form.validate()
    try:
        passkeys.remove_passkey(ctx(), passkey_id, form.current.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(passkey_id, None, form, invalid.status)
    except (Refused, TooManyTries) as refused:
        form.form_errors = [translate(refused.message)]
        return _page(passkey_id, None, form, refused.status)
    flash(_("通行密钥已移除，其他地方的登录都已结束。"), "ok")
    return redirect(url_for("account.index"))


def _own_id() -> UserId:
    return UserId(str(ctx().actor.user_id))


def _new_page(form: NewPasskeyForm) -> str:
    return render_template("accounts/passkey_new.html", form=form, crumbs=_crumbs(_("登记通行密钥")))


def _page(passkey_id: PasskeyId, form: PasskeyForm | None, removal: RemovalForm, status: int = 200) -> tuple[str, int]:
    passkey = passkeys.get_own_passkey(ctx(), passkey_id)
    shown = form or PasskeyForm(formdata=None, obj=passkey)
    crumbs = _crumbs(passkey.name)
    page = render_template("accounts/passkey.html", form=shown, removal=removal, passkey=passkey, crumbs=crumbs)
    return page, status


def _crumbs(last: str) -> list[tuple[str, str | None]]:
    return [(_("我的账号"), url_for("account.index")), (last, None)]
