"""Officers: who they are, their appointment by two of them, and what else takes two."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.models import Appointment
from portal.access.permissions import Permission
from portal.access.roles import LABELS, OFFICERS, Role
from portal.accounts import officers as reads
from portal.accounts import queries, rules
from portal.accounts.certificates import Issued as IssuedCertificate
from portal.accounts.commands import officers
from portal.accounts.commands.officers import ACT_LABELS, Act, Outcome
from portal.accounts.forms import LossForm, OfficerForm, ReasonForm, WhoForm, act_of, role_of
from portal.accounts.links import shown_link
from portal.accounts.models import User
from portal.accounts.views.certificates import certificate_once
from portal.accounts.words import account_state, outcome_word
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import UserId
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
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


@blueprint.post("")
@needs(Permission.OFFICERS_VIEW, reads=True)
def export() -> Response:
    """This function will hand out who the officers are, and what was asked for and came of it."""
    session = ctx().session
    found = reads.officers(session)
    linked = queries.users_with_open_link(session, [user.id for user in found])
    now_in_office: list[Column[User]] = [
        Column(_("姓名"), 16, lambda user: user.display_name),
        Column(_("用户名"), 20, lambda user: user.username),
        Column(_("岗位"), 16, lambda user: LABELS[Role(str(user.staff_role))]),
        Column(_("状态"), 12, lambda user: account_state(user, user.id in linked)),
    ]
    asked: list[Column[reads.Asked]] = [
        Column(_("事项"), 16, lambda one: ACT_LABELS[Act(one.row.act)]),
        Column(_("岗位"), 16, lambda one: LABELS[Role(one.row.role)]),
        Column(_("姓名"), 16, lambda one: one.row.display_name),
        Column(_("用户名"), 20, lambda one: one.row.username),
        Column(_("原因"), 40, lambda one: one.row.reason),
        Column(_("提请"), 16, lambda one: one.proposer),
        Column(_("提请时间"), 20, lambda one: one.row.proposed_at),
        Column(_("结果"), 12, outcome_word),
        Column(_("经办"), 16, lambda one: one.decider),
        Column(_("经办时间"), 20, lambda one: one.row.decided_at),
    ]
    sheets: list[Sheet[Any]] = [
        Sheet(_("现任"), found, now_in_office),
        Sheet(_("提请与结果"), reads.appointments(session), asked),
    ]
    return hand_out_sheets("officers", N_("管理员任免"), sheets)


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


@blueprint.route("/find", methods=["GET", "POST"])
@needs(Permission.OFFICERS_APPOINT)
def find() -> Response | str | tuple[str, int]:
    """This function will lead to asking that what somebody lost is cleared, by the user name, whosoever account it is."""
    form = WhoForm()
    if not form.validate_on_submit():
        return render_template("accounts/officer_find.html", form=form)
    user = queries.find_user(ctx().session, rules.username(form.username.data or ""))
    if user is None:
        show_errors(form, Invalid({"username": N_("没有这个用户名。")}))
        return render_template("accounts/officer_find.html", form=form), 422
    return redirect(url_for("officers.propose_again", user_id=user.id), 303)


@blueprint.route("/<id:user_id>/again", methods=["GET", "POST"])
@needs(Permission.OFFICERS_APPOINT)
def propose_again(user_id: UserId) -> Response | str | tuple[str, int]:
    """This function will ask for a new link for an officer, for the return of a disabled one, or that lost factors are cleared."""
    user, form = queries.get_user(ctx().session, user_id), LossForm()
    if not form.validate_on_submit():
        return _again_page(user, form)
    try:
        officers.propose_again(ctx(), user_id, form.reason.data or "", act_of(form.lost.data))
    except Invalid as invalid:
        show_errors(form, invalid)
        return _again_page(user, form), invalid.status
    except Refused as refused:
        flash(translate(refused.message), "error")
        return _again_page(user, form), refused.status
    return _asked()


@blueprint.route("/<id:user_id>/certificate", methods=["GET", "POST"])
@needs(Permission.OFFICERS_APPOINT)
def propose_certificate(user_id: UserId) -> Response | str | tuple[str, int]:
    """This function will ask for a certificate for an officer."""
    user, form = queries.get_user(ctx().session, user_id), ReasonForm()
    if user.staff_role not in OFFICERS:
        raise NotFound
    if not form.validate_on_submit():
        return _certificate_page(user, form)
    try:
        officers.propose_certificate(ctx(), user_id, form.reason.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return _certificate_page(user, form), invalid.status
    except Refused as refused:
        flash(translate(refused.message), "error")
        return _certificate_page(user, form), refused.status
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
        flash(_("已确认。"), "ok")
        return redirect(url_for("officers.index"), 303)
    if isinstance(issued, IssuedCertificate):
        return certificate_once(_of_appointment(appointment_id), issued, url_for("officers.index"))
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


def _of_appointment(appointment_id: str) -> User:
    row = ctx().session.get_one(Appointment, appointment_id)
    return queries.get_user(ctx().session, str(row.user_id))


def _certificate_page(user: User, form: ReasonForm) -> str:
    return render_template(
        "accounts/officer_certificate.html", user=user, form=form, role=LABELS[Role(str(user.staff_role))]
    )


def _again_page(user: User, form: LossForm) -> str:
    role = queries.seats_of(user.id)[0].role if user.staff_role is None else Role(user.staff_role)
    is_lost = user.disabled_at is None and user.password_hash is not None
    if user.staff_role not in OFFICERS:
        form.only_losses()
        if not is_lost:
            raise NotFound
    act = Act.ENABLE if user.disabled_at is not None else Act.RELINK
    title = N_("重设登录方式") if is_lost else ACT_LABELS[act]
    return render_template(
        "accounts/officer_again.html", user=user, form=form, title=title, is_lost=is_lost, role=LABELS[role]
    )


def _asked() -> Response:
    flash(_("已提请，三天内由另一个岗位的管理员确认。"), "ok")
    return redirect(url_for("officers.index"), 303)


def _not_done(refusal: Conflict | Refused | Invalid) -> Response:
    ctx().session.rollback()
    sentences = [line for lines in refusal.errors.values() for line in lines] if isinstance(refusal, Invalid) else []
    flash(" ".join(translate(line) for line in sentences or [refusal.message]), "error")
    return redirect(url_for("officers.index"), 303)
