"""The sessions of people: ending somebody else's, from the page of the account or of the member, and the lists as Excel."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.accounts.commands.ending import end_member_sessions, end_staff_sessions
from portal.accounts.commands.members import get_member
from portal.accounts.commands.users import get_staff
from portal.accounts.queries import OpenSession
from portal.accounts.whereabouts import live_sessions
from portal.audit.words import METHODS
from portal.core.ids import MembershipId, SessionId, UserId
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.sessions import idle_limit
from portal.web.state import ctx

blueprint = Blueprint("sessions", __name__)

_OF_MEMBER = "/e/<enterprise:enterprise_id>/members/<id:membership_id>/sessions"


@blueprint.post("/account/sessions")
@needs(Permission.SELF_MANAGE, reads=True)
def export_own() -> Response:
    """This function will hand one's own open sessions out as Excel."""
    return _export(live_sessions(UserId(str(ctx().actor.user_id)), idle_limit()))


@blueprint.post("/admin/users/<id:user_id>/sessions")
@needs(Permission.USERS_MANAGE, reads=True)
def export_of_staff(user_id: UserId) -> Response:
    """This function will hand the open sessions of a staff account out as Excel."""
    return _export(live_sessions(UserId(get_staff(ctx(), user_id).id), idle_limit()))


@blueprint.post("/admin/users/<id:user_id>/sessions/<id:session_id>/end")
@needs(Permission.USERS_MANAGE)
def end_one_of_staff(user_id: UserId, session_id: SessionId) -> Response:
    """This function will end one session of a staff account."""
    end_staff_sessions(ctx(), user_id, session_id)
    return _done(url_for("users.edit", user_id=user_id))


@blueprint.post("/admin/users/<id:user_id>/sessions/end")
@needs(Permission.USERS_MANAGE)
def end_all_of_staff(user_id: UserId) -> Response:
    """This function will end every session of a staff account."""
    end_staff_sessions(ctx(), user_id)
    return _done(url_for("users.edit", user_id=user_id))


@blueprint.post(_OF_MEMBER)
@needs(Permission.MEMBERS_MANAGE, reads=True)
def export_of_member(membership_id: MembershipId) -> Response:
    """This function will hand the open sessions of a member in this tenant out as Excel."""
    _membership, user = get_member(ctx(), membership_id)
    return _export(live_sessions(UserId(user.id), idle_limit(), ctx().tenant_id))


@blueprint.post(_OF_MEMBER + "/<id:session_id>/end")
@needs(Permission.MEMBERS_MANAGE)
def end_one_of_member(membership_id: MembershipId, session_id: SessionId) -> Response:
    """This function will end one session of a member in this tenant."""
    end_member_sessions(ctx(), membership_id, session_id)
    return _done(url_for("members.edit", membership_id=membership_id))


@blueprint.post(_OF_MEMBER + "/end")
@needs(Permission.MEMBERS_MANAGE)
def end_all_of_member(membership_id: MembershipId) -> Response:
    """This function will end every session of a member in this tenant."""
    end_member_sessions(ctx(), membership_id)
    return _done(url_for("members.edit", membership_id=membership_id))


def _export(found: Sequence[OpenSession]) -> Response:
    columns: list[Column[OpenSession]] = [
        Column(_("设备"), 24, lambda one: one.device),
        Column(_("地址"), 20, lambda one: one.address),
        Column(_("企业"), 24, lambda one: one.tenant_name),
        Column(_("方式"), 16, lambda one: METHODS.get(one.method) or one.method),
        Column(_("级别"), 8, lambda one: one.level),
        Column(_("登录于"), 20, lambda one: one.created_at),
        Column(_("最近使用"), 20, lambda one: one.seen_at),
    ]
    return hand_out_sheets("sessions", N_("登录"), [Sheet(_("登录"), found, columns)])


def _done(back: str) -> Response:
    flash(_("登录已结束，他的下一次操作要重新登录。"), "ok")
    return redirect(back)
