"""Accounts of center, provinces and system layer, for the security administrator."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.roles import LABELS, OFFICERS, STAFF, Role
from portal.accounts import queries
from portal.accounts.commands import users
from portal.accounts.commands.levels import set_staff_level
from portal.accounts.commands.users import Issued
from portal.accounts.forms import LevelForm, NewStaffForm, StaffForm, level_of, role_of
from portal.accounts.links import shown_link
from portal.accounts.models import User
from portal.accounts.whereabouts import live_sessions
from portal.accounts.words import account_state
from portal.audit.stamps import stamps_of
from portal.audit.words import METHODS
from portal.catalog.catalogue import catalogue
from portal.core.database import system_session
from portal.core.errors import Invalid, Refused
from portal.core.ids import UserId
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, hand_out
from portal.web.forms import show_errors
from portal.web.i18n import named, translate
from portal.web.paging import Paging, paged
from portal.web.rendering import role_label, row_address
from portal.web.sessions import idle_limit
from portal.web.state import ctx

blueprint = Blueprint("users", __name__, url_prefix="/admin/users")

_ROLES = tuple(role for role in Role if role in STAFF)


@blueprint.get("")
@needs(Permission.USERS_VIEW)
def index() -> str:
    """This function will list the accounts."""
    return render_template("accounts/users.html", **_listed())


@blueprint.post("")
@needs(Permission.USERS_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel."""
    listed = _listed()
    linked = listed["linked"]
    columns: list[Column[User]] = [
        Column(_("姓名"), 16, lambda row: row.display_name),
        Column(_("用户名"), 20, lambda row: row.username),
        Column(_("角色"), 16, lambda row: role_label(row.staff_role or "")),
        Column(_("省公司"), 14, lambda row: named(catalogue().provinces, row.province_code)),
        Column(_("建立"), 20, lambda row: row.created_at),
        Column(_("状态"), 16, lambda row: account_state(row, row.id in linked)),
    ]
    return hand_out("accounts", N_("账号"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    text, role = request.args.get("q", ""), role_of(request.args.get("role"), _ROLES)
    paging = Paging.from_request(list(queries.STAFF_SORTS), default="name")
    session = ctx().session
    page = paged(session, queries.staff(text, role or ""), queries.STAFF_SORTS, paging)
    return {
        "page": page,
        "text": text,
        "role": role,
        "roles": [(each, LABELS[each]) for each in _ROLES],
        "labels": LABELS,
        "provinces": catalogue().provinces,
        "linked": queries.users_with_open_link(session, [row.id for row in page.rows]),
    }


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.USERS_MANAGE)
def add() -> str | tuple[str, int]:
    """This function will open an account and show its one-time link, once."""
    form = NewStaffForm()
    form.offer()
    if not form.validate_on_submit():
        return render_template("accounts/user_new.html", form=form)
    try:
        role, province = _chosen(form)
        issued = users.add_staff(ctx(), form.username.data or "", form.display_name.data or "", role, province)
    except Invalid as invalid:
        show_errors(form, invalid)
        return render_template("accounts/user_new.html", form=form), invalid.status
    return _link_page(issued)


@blueprint.route("/<id:user_id>", methods=["GET", "POST"])
@needs(Permission.USERS_MANAGE)
def edit(user_id: UserId) -> Response | str | tuple[str, int]:
    """This function will change an account's name, role or province."""
    user = users.get_staff(ctx(), user_id)
    form = StaffForm(obj=user, role=user.staff_role)
    if not form.validate_on_submit():
        return _user_page(user_id, form)
    try:
        role, province = _chosen(form)
        name = form.display_name.data or ""
        users.change_staff(ctx(), user_id, name, role, province, version=form.version.data or 0)
    except Invalid as invalid:
        show_errors(form, invalid)
        return _user_page(user_id, form, invalid.status)
    except Refused as refused:
        return _refuse(user_id, refused)
    flash(_("已保存。"), "ok")
    return redirect(url_for("users.index"))


@blueprint.post("/<id:user_id>/disable")
@needs(Permission.USERS_MANAGE)
def disable(user_id: UserId) -> Response | tuple[str, int]:
    """This function will disable an account."""
    try:
        users.disable_user(ctx(), user_id)
    except Refused as refused:
        return _refuse(user_id, refused)
    flash(_("账号已停用，登录已结束。"), "ok")
    return redirect(url_for("users.edit", user_id=user_id))


@blueprint.post("/<id:user_id>/enable")
@needs(Permission.USERS_MANAGE)
def enable(user_id: UserId) -> Response:
    """This function will let a disabled account sign in again."""
    users.enable_user(ctx(), user_id)
    flash(_("账号已恢复。"), "ok")
    return redirect(url_for("users.edit", user_id=user_id))


@blueprint.post("/<id:user_id>/level")
@needs(Permission.LEVELS_MANAGE)
def set_level(user_id: UserId) -> Response:
    """This function will set the level of authentication that an account needs beyond its role's."""
    set_staff_level(ctx(), user_id, level_of(request.form.get("required_level")))
    flash(_("已保存，从他的下一次操作起生效。"), "ok")
    return redirect(url_for("users.edit", user_id=user_id))


@blueprint.post("/<id:user_id>/link")
@needs(Permission.USERS_MANAGE)
def issue_link(user_id: UserId) -> str | tuple[str, int]:
    """This function will issue a new one-time link and show it, once."""
    try:
        return _link_page(users.issue_staff_link(ctx(), user_id))
    except Refused as refused:
        return _refuse(user_id, refused)


def _user_page(user_id: UserId, form: StaffForm, status: int = 200) -> tuple[str, int]:
    user = users.get_staff(ctx(), user_id)
    form.offer()
    linked = bool(queries.users_with_open_link(ctx().session, [user_id]))
    level = LevelForm(formdata=None, required_level=user.required_level)
    level.offer()
    with system_session(reason="stamps of an account") as session:
        stamps = stamps_of(session, [user_id])
    page = render_template(
        "accounts/user.html",
        form=form,
        user=user,
        linked=linked,
        level=level,
        is_officer=user.staff_role in OFFICERS,
        labels=LABELS,
        stamps=stamps,
        sessions=live_sessions(user_id, idle_limit()),
        here=ctx().actor.session_id,
        methods=METHODS,
        end_one=row_address("sessions.end_one_of_staff", "session_id", user_id=user_id),
    )
    return page, status


def _refuse(user_id: UserId, refused: Refused) -> tuple[str, int]:
    ctx().session.rollback()
    flash(translate(refused.message), "error")
    user = users.get_staff(ctx(), user_id)
    return _user_page(user_id, StaffForm(formdata=None, obj=user, role=user.staff_role), refused.status)


def _chosen(form: StaffForm) -> tuple[Role, str | None]:
    role = role_of(form.role.data, _ROLES)
    if role is None:
        raise Invalid({"role": users.CHOOSE_ROLE})
    return role, (form.province_code.data or None) if role is Role.PROVINCE else None


def _link_page(issued: Issued) -> str:
    return render_template(
        "accounts/link.html", issued=issued, link=shown_link(issued.token), back=url_for("users.index")
    )
