"""Ending somebody else's sessions, from the page of the account or of the member."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.accounts.commands.ending import end_member_sessions, end_staff_sessions
from portal.core.ids import MembershipId, SessionId, UserId
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("sessions", __name__)

_OF_MEMBER = "/e/<enterprise:enterprise_id>/members/<id:membership_id>/sessions"


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


def _done(back: str) -> Response:
    flash(_("登录已结束，他的下一次操作要重新登录。"), "ok")
    return redirect(back)
