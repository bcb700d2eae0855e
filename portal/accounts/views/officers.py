"""Officers: who they are, and their appointment by two of them."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.roles import LABELS, OFFICERS
from portal.accounts import officers as reads
from portal.accounts import queries
from portal.accounts.commands import officers
from portal.accounts.commands.officers import ACT_LABELS, Act, Outcome
from portal.accounts.commands.users import get_staff
from portal.accounts.forms import OfficerForm, ReasonForm, role_of
from portal.accounts.links import shown_link
from portal.accounts.models import User
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import UserId
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("officers", __name__, url_prefix="/admin/officers")


@blueprint.get("")
@needs(Permission.OFFICERS_VIEW)
def index() -> str:
    """This function will list the officers, what waits for a second officer, and what came of the rest."""
    session = ctx().session
    found = reads.officers(session)
    return render_template(
        "accounts/officers.html",
        officers=found,
        asked=reads.appointments(session),
        labels=LABELS,
        act_labels=ACT_LABELS,
        me=ctx().actor,
        linked=queries.users_with_open_link(session, [user.id for user in found]),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.OFFICERS_APPOINT)
def propose() -> Response | str | tuple[str, int]:
    """This function will ask for a new officer's account."""
    form = OfficerForm()
    form.offer()
    if not form.validate_on_submit():
        return render_template("accounts/officer_new.html", form=form)
    try:
        role = role_of(form.role.data, OFFICERS)
        officers.propose_officer(
            ctx(), form.username.data or "", form.display_name.data or "", role, form.reason.data or ""
        )
    except Invalid as invalid:
        show_errors(form, invalid)
        return render_template("accounts/officer_new.html", form=form), invalid.status
    return _asked()


@blueprint.route("/<id:user_id>/again", methods=["GET", "POST"])
@needs(Permission.OFFICERS_APPOINT)
def propose_again(user_id: UserId) -> Response | str | tuple[str, int]:
    """This function will ask for a new link for an officer, or for the return of a disabled one."""
    user, form = _officer(user_id), ReasonForm()
    if not form.validate_on_submit():
        return _again_page(user, form)
    try:
        officers.propose_again(ctx(), user_id, form.reason.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return _again_page(user, form), invalid.status
    except Refused as refused:
        flash(translate(refused.message), "error")
        return _again_page(user, form), refused.status
    return _asked()


@blueprint.post("/appointments/<id:appointment_id>/confirm")
@needs(Permission.OFFICERS_APPOINT)
def confirm(appointment_id: str) -> Response | str:
    """This function will confirm what another officer asked for, and show the one-time link, once."""
    try:
        issued = officers.confirm(ctx(), appointment_id)
    except (Conflict, Refused, Invalid) as refusal:
        return _not_done(refusal)
    if issued is None:
        flash(_("已确认，账号已恢复。"), "ok")
        return redirect(url_for("officers.index"), 303)
    return render_template(
        "accounts/link.html", issued=issued, link=shown_link(issued.token), back=url_for("officers.index")
    )


@blueprint.post("/appointments/<id:appointment_id>/refuse")
@needs(Permission.OFFICERS_APPOINT)
def refuse(appointment_id: str) -> Response:
    """This function will decline what another officer asked for, or take back what one asked for oneself."""
    try:
        outcome = officers.refuse(ctx(), appointment_id)
    except Conflict as refusal:
        return _not_done(refusal)
    flash(_("已撤回。") if outcome is Outcome.WITHDRAWN else _("已否决。"), "ok")
    return redirect(url_for("officers.index"), 303)


def _officer(user_id: UserId) -> User:
    user = get_staff(ctx(), user_id)
    if user.staff_role not in OFFICERS:
        raise NotFound
    return user


def _again_page(user: User, form: ReasonForm) -> str:
    act = Act.ENABLE if user.disabled_at is not None else Act.RELINK
    return render_template("accounts/officer_again.html", user=user, form=form, act=ACT_LABELS[act], labels=LABELS)


def _asked() -> Response:
    flash(_("已提请，三天内由另一个岗位的管理员确认。"), "ok")
    return redirect(url_for("officers.index"), 303)


def _not_done(refusal: Conflict | Refused | Invalid) -> Response:
    ctx().session.rollback()
    sentences = [line for lines in refusal.errors.values() for line in lines] if isinstance(refusal, Invalid) else []
    flash(" ".join(translate(line) for line in sentences or [refusal.message]), "error")
    return redirect(url_for("officers.index"), 303)
