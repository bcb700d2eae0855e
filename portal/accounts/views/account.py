"""One's own account: profile, password, dynamic token, sessions, preferences."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.accounts import queries, totp
from portal.accounts.attempts import TooManyTries
from portal.accounts.commands import own
from portal.accounts.commands.officers import ACT_LABELS, refuse_about_oneself
from portal.accounts.commands.sessions import end_other_sessions, end_own_session
from portal.accounts.enrolment import enrolment
from portal.accounts.forms import PasswordForm, TokenForm
from portal.accounts.jobs import CERTIFICATE_REMINDER
from portal.accounts.officers import asked_about
from portal.accounts.whereabouts import live_sessions
from portal.audit.words import METHODS
from portal.core import clock
from portal.core.errors import Conflict, Invalid
from portal.core.ids import SessionId, UserId
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.sessions import idle_limit
from portal.web.state import ctx
from portal.web.views import same_site

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@needs(Permission.SELF_MANAGE)
def index() -> str:
    """This function will show one's own account."""
    return _page(PasswordForm())


@blueprint.post("/password")
@needs(Permission.SELF_MANAGE)
def password() -> Response | tuple[str, int]:
    """This function will change the password of somebody who knows the current one."""
    form = PasswordForm()
    if not form.validate():
        return _page(form), 422
    try:
        own.change_password(ctx(), form.current.data or "", form.password.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(form), invalid.status
    except TooManyTries as error:
        form.form_errors = [translate(error.message)]
        return _page(form), error.status
    flash(_("密码已修改，其他地方的登录都已结束。"), "ok")
    return redirect(url_for("account.index"))


@blueprint.route("/new-password", methods=["GET", "POST"])
@needs(Permission.SELF_MANAGE, while_due=True)
def new_password() -> Response | tuple[str, int]:
    """This function will take a new password from somebody whose old one is due, and lead on to where one wanted to go."""
    form, status = PasswordForm(), 200
    if request.method == "POST" and form.validate():
        try:
            own.change_password(ctx(), form.current.data or "", form.password.data or "")
            flash(_("密码已修改，其他地方的登录都已结束。"), "ok")
            return redirect(same_site(request.args.get("next")) or url_for("home"))
        except Invalid as invalid:
            show_errors(form, invalid)
            status = invalid.status
        except TooManyTries as error:
            form.form_errors, status = [translate(error.message)], error.status
    return render_template("accounts/new_password.html", form=form, wanted=same_site(request.args.get("next"))), status


@blueprint.route("/token", methods=["GET", "POST"])
@needs(Permission.SELF_MANAGE)
def token() -> Response | str | tuple[str, int]:
    """This function will take a new dynamic token for somebody who knows the password."""
    form = TokenForm()
    place = f"own|{ctx().actor.user_id}"
    drawn = enrolment(ctx().actor.username, place, form.secret.data)
    status = 200
    if request.method == "POST" and form.validate():
        try:
            own.enrol_totp(ctx(), form.current.data or "", drawn.secret, form.code.data or "")
        except Invalid as invalid:
            show_errors(form, invalid)
            status = invalid.status
        except TooManyTries as error:
            form.form_errors = [translate(error.message)]
            status = error.status
        else:
            flash(_("动态口令已更换，其他地方的登录都已结束。"), "ok")
            return redirect(url_for("account.index"))
    form.secret.data = drawn.sealed
    crumbs = [(_("我的账号"), url_for("account.index")), (_("更换动态口令"), None)]
    return render_template("accounts/token.html", form=form, drawn=drawn, crumbs=crumbs), status


@blueprint.post("/sessions/<id:session_id>/end")
@needs(Permission.SELF_MANAGE)
def end_session(session_id: SessionId) -> Response:
    """This function will end another session of one's own."""
    end_own_session(ctx(), session_id)
    flash(_("那里的登录已结束。"), "ok")
    return redirect(url_for("account.index"))


@blueprint.post("/other-sessions/end")
@needs(Permission.SELF_MANAGE)
def end_others() -> Response:
    """This function will end every other session of one's own."""
    end_other_sessions(ctx())
    flash(_("其他地方的登录都已结束。"), "ok")
    return redirect(url_for("account.index"))


@blueprint.post("/asked/<id:appointment_id>/refuse")
@needs(Permission.SELF_MANAGE)
def refuse(appointment_id: str) -> Response:
    """This function will decline what somebody asked for about one's own account."""
    try:
        refuse_about_oneself(ctx(), appointment_id)
    except Conflict as late:
        ctx().session.rollback()
        flash(translate(late.message), "error")
    else:
        flash(_("已否决，您的登录方式都没有变。"), "ok")
    return redirect(url_for("account.index"), 303)


def _page(form: PasswordForm) -> str:
    context = ctx()
    own_id = UserId(str(context.actor.user_id))
    user = queries.get_user(context.session, own_id)
    certificates = queries.certificates_of(context.session, own_id)
    now = clock.now()
    return render_template(
        "accounts/account.html",
        form=form,
        user=user,
        sessions=live_sessions(own_id, idle_limit()),
        passkeys=queries.passkeys_of(context.session, own_id),
        certificates=[row for row in certificates if row.revoked_at is None and row.expires_at > now],
        soon=now + CERTIFICATE_REMINDER,
        token_used_at=totp.moment_of(user.totp_last_step),
        recovery_codes=queries.recovery_codes_left(context.session, own_id),
        methods=METHODS,
        method=METHODS[context.actor.auth_method],
        here=context.actor.session_id,
        person=context.actor,
        asked=asked_about(context.session, own_id),
        act_labels=ACT_LABELS,
        crumbs=[(_("我的账号"), None)],
    )
