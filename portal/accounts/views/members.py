"""The members of a tenant."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.roles import LABELS, Role
from portal.accounts import queries
from portal.accounts.commands import members
from portal.accounts.commands.levels import set_member_level
from portal.accounts.commands.officers import propose_for_member
from portal.accounts.commands.users import CHOOSE_ROLE, Issued
from portal.accounts.forms import LevelForm, LossForm, MemberForm, NewMemberForm, act_of, level_of, role_of
from portal.accounts.links import shown_link
from portal.accounts.models import Membership
from portal.accounts.whereabouts import live_sessions
from portal.accounts.words import account_state
from portal.audit.stamps import stamps_of
from portal.audit.words import METHODS
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import GroupId, MembershipId, UserId
from portal.core.messages import N_
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.exports import Column, hand_out
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.paging import Paging, paged
from portal.web.rendering import row_address
from portal.web.sessions import idle_limit
from portal.web.state import ctx

blueprint = Blueprint("members", __name__, url_prefix="/e/<enterprise:enterprise_id>/members")

_ROLES = (Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.GROUP_EDITOR)


@blueprint.get("")
@needs(Permission.MEMBERS_VIEW)
def index() -> str:
    """This function will list the tenant's members."""
    return render_template("accounts/members.html", **_listed())


@blueprint.post("")
@needs(Permission.MEMBERS_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel."""
    listed = _listed()
    tree, linked = listed["tree"], listed["linked"]
    columns: list[Column[Membership]] = [
        Column(_("姓名"), 16, lambda row: row.user.display_name),
        Column(_("用户名"), 20, lambda row: row.user.username),
        Column(_("角色"), 16, lambda row: LABELS[Role(row.role)]),
        Column(_("分组"), 24, lambda row: tree.label(row.group_id) if row.group_id else _("全部")),
        Column(_("状态"), 16, lambda row: account_state(row.user, row.user_id in linked)),
    ]
    return hand_out("members", N_("用户与权限"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    text, role = request.args.get("q", ""), role_of(request.args.get("role"), _ROLES)
    paging = Paging.from_request(list(queries.MEMBER_SORTS), default="name")
    session = ctx().session
    page = paged(session, queries.members(text, role or ""), queries.MEMBER_SORTS, paging)
    return {
        "page": page,
        "text": text,
        "role": role,
        "roles": [(each, LABELS[each]) for each in _ROLES],
        "labels": LABELS,
        "tree": group_tree(session),
        "linked": queries.users_with_open_link(session, [row.user_id for row in page.rows]),
    }


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.MEMBERS_MANAGE)
def add() -> Response | str | tuple[str, int]:
    """This function will add a member, and show the one-time link of a new account, once."""
    form = NewMemberForm()
    form.offer(group_tree(ctx().session))
    if not form.validate_on_submit():
        return render_template("accounts/member_new.html", form=form)
    try:
        role, group = _chosen(form)
        added = members.add_member(ctx(), form.username.data or "", form.display_name.data or "", role, group)
    except Invalid as invalid:
        show_errors(form, invalid)
        return render_template("accounts/member_new.html", form=form), invalid.status
    if added.issued is None:
        flash(_("%(name)s 已加入，用原来的密码和动态口令登录即可。", name=added.username), "ok")
        return redirect(url_for("members.index"))
    return _link_page(added.issued)


@blueprint.route("/<id:membership_id>", methods=["GET", "POST"])
@needs(Permission.MEMBERS_MANAGE)
def edit(membership_id: MembershipId) -> Response | str | tuple[str, int]:
    """This function will change a member's role and group."""
    form = MemberForm(obj=_get(membership_id))
    if not form.validate_on_submit():
        return _member_page(membership_id, form)
    try:
        role, group = _chosen(form)
        members.change_member(ctx(), membership_id, role, group, version=form.version.data or 0)
    except Invalid as invalid:
        show_errors(form, invalid)
        return _member_page(membership_id, form, invalid.status)
    except Refused as refused:
        return _refuse(membership_id, refused)
    flash(_("已保存，从他的下一次操作起生效。"), "ok")
    return redirect(url_for("members.index"))


@blueprint.post("/<id:membership_id>/remove")
@needs(Permission.MEMBERS_MANAGE)
def remove(membership_id: MembershipId) -> Response | tuple[str, int]:
    """This function will take somebody out of the tenant."""
    try:
        members.remove_member(ctx(), membership_id)
    except Refused as refused:
        return _refuse(membership_id, refused)
    flash(_("已移除，他在这里的登录已结束。"), "ok")
    return redirect(url_for("members.index"))


@blueprint.post("/<id:membership_id>/level")
@needs(Permission.MEMBERS_MANAGE)
def set_level(membership_id: MembershipId) -> Response:
    """This function will set the level of authentication that a member needs beyond the role's."""
    set_member_level(ctx(), membership_id, level_of(request.form.get("required_level")))
    flash(_("已保存，从他的下一次操作起生效。"), "ok")
    return redirect(url_for("members.edit", membership_id=membership_id))


@blueprint.post("/<id:membership_id>/link")
@needs(Permission.MEMBERS_MANAGE)
def issue_link(membership_id: MembershipId) -> str | tuple[str, int]:
    """This function will issue a new one-time link and show it, once."""
    try:
        return _link_page(members.issue_member_link(ctx(), membership_id))
    except Refused as refused:
        return _refuse(membership_id, refused)


@blueprint.post("/<id:membership_id>/link/void")
@needs(Permission.MEMBERS_MANAGE)
def void_link(membership_id: MembershipId) -> Response:
    """This function will make the open one-time link of a member worthless."""
    members.void_member_link(ctx(), membership_id)
    flash(_("链接已作废。"), "ok")
    return redirect(url_for("members.edit", membership_id=membership_id))


@blueprint.route("/<id:membership_id>/lost", methods=["GET", "POST"])
@needs(Permission.MEMBERS_MANAGE)
def propose_reset(membership_id: MembershipId) -> Response | str | tuple[str, int]:
    """This function will ask the operations center to clear what a member lost; an officer confirms."""
    member, form = _get(membership_id), LossForm()
    form.only_losses()
    if not form.validate_on_submit():
        return render_template("accounts/member_lost.html", member=member, form=form)
    try:
        propose_for_member(ctx(), membership_id, form.reason.data or "", act_of(form.lost.data))
    except Invalid as invalid:
        show_errors(form, invalid)
        return render_template("accounts/member_lost.html", member=member, form=form), invalid.status
    except Refused as refused:
        return _refuse(membership_id, refused)
    flash(_("已提请，三天内由运营中心的管理员确认；确认后会通知您发链接。"), "ok")
    return redirect(url_for("members.edit", membership_id=membership_id), 303)


def _member_page(membership_id: MembershipId, form: MemberForm, status: int = 200) -> tuple[str, int]:
    session = ctx().session
    member = _get(membership_id)
    form.offer(group_tree(session))
    linked = bool(queries.users_with_open_link(session, [member.user_id]))
    level = LevelForm(formdata=None, required_level=member.required_level)
    level.offer()
    page = render_template(
        "accounts/member.html",
        form=form,
        member=member,
        linked=linked,
        level=level,
        stamps=stamps_of(session, [member.id]),
        sessions=live_sessions(UserId(member.user_id), idle_limit(), ctx().tenant_id),
        here=ctx().actor.session_id,
        methods=METHODS,
        end_one=row_address("sessions.end_one_of_member", "session_id", membership_id=membership_id),
    )
    return page, status


def _refuse(membership_id: MembershipId, refused: Refused) -> tuple[str, int]:
    ctx().session.rollback()
    flash(translate(refused.message), "error")
    return _member_page(membership_id, MemberForm(formdata=None, obj=_get(membership_id)), refused.status)


def _chosen(form: MemberForm) -> tuple[Role, GroupId | None]:
    role = role_of(form.role.data, _ROLES)
    if role is None:
        raise Invalid({"role": CHOOSE_ROLE})
    group = GroupId(form.group_id.data) if form.group_id.data and role is Role.GROUP_EDITOR else None
    return role, group


def _get(membership_id: MembershipId) -> Membership:
    found = ctx().session.scalar(queries.members().where(Membership.id == membership_id))
    if found is None:
        raise NotFound
    return found


def _link_page(issued: Issued) -> str:
    return render_template(
        "accounts/link.html", issued=issued, link=shown_link(issued.token), back=url_for("members.index")
    )
