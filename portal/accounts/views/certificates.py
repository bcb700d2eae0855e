"""Certificates of staff and members: issued and shown once, revoked, listed."""

from base64 import b64encode
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.roles import OFFICERS
from portal.accounts import queries
from portal.accounts.certificates import Issued
from portal.accounts.commands import certifying
from portal.accounts.commands.members import get_own_member
from portal.accounts.commands.users import get_staff
from portal.accounts.models import ClientCertificate, User
from portal.core import clock
from portal.core.errors import Refused
from portal.core.ids import CertificateId, MembershipId, UserId
from portal.core.messages import N_, Message
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.i18n import translate
from portal.web.state import ctx

blueprint = Blueprint("certificates", __name__)

_MEMBER = "/e/<enterprise:enterprise_id>/members/<id:membership_id>/certificates"
_STAFF = "/admin/users/<id:user_id>/certificates"


@blueprint.get(_STAFF)
@needs(Permission.USERS_MANAGE)
def staff(user_id: UserId) -> str:
    """This function will list the certificates of an account of the staff."""
    return _list(get_staff(ctx(), user_id), "certificates.revoke_staff", {"user_id": user_id})


@blueprint.post(_STAFF)
@needs(Permission.USERS_MANAGE)
def issue_staff(user_id: UserId) -> Response | str:
    """This function will issue a certificate to an account of the staff and show it, once."""
    back = url_for("certificates.staff", user_id=user_id)
    return _issue(lambda: certifying.issue_staff_certificate(ctx(), user_id), lambda: get_staff(ctx(), user_id), back)


@blueprint.post(f"{_STAFF}/list")
@needs(Permission.USERS_MANAGE, reads=True)
def export_staff(user_id: UserId) -> Response:
    """This function will hand the list of an account's certificates out as Excel."""
    return _export(get_staff(ctx(), user_id))


@blueprint.post(f"{_STAFF}/<id:certificate_id>/revoke")
@needs(Permission.USERS_MANAGE)
def revoke_staff(user_id: UserId, certificate_id: CertificateId) -> Response:
    """This function will revoke a certificate of an account of the staff."""
    certifying.revoke_staff_certificate(ctx(), user_id, certificate_id)
    return _revoked(url_for("certificates.staff", user_id=user_id))


@blueprint.get(_MEMBER)
@needs(Permission.MEMBERS_MANAGE)
def member(membership_id: MembershipId) -> str:
    """This function will list the certificates of a member."""
    return _list(get_own_member(ctx(), membership_id), "certificates.revoke_member", {"membership_id": membership_id})


@blueprint.post(_MEMBER)
@needs(Permission.MEMBERS_MANAGE)
def issue_member(membership_id: MembershipId) -> Response | str:
    """This function will issue a certificate to a member and show it, once."""
    back = url_for("certificates.member", membership_id=membership_id)
    return _issue(
        lambda: certifying.issue_member_certificate(ctx(), membership_id),
        lambda: get_own_member(ctx(), membership_id),
        back,
    )


@blueprint.post(f"{_MEMBER}/list")
@needs(Permission.MEMBERS_MANAGE, reads=True)
def export_member(membership_id: MembershipId) -> Response:
    """This function will hand the list of a member's certificates out as Excel."""
    return _export(get_own_member(ctx(), membership_id))


@blueprint.post(f"{_MEMBER}/<id:certificate_id>/revoke")
@needs(Permission.MEMBERS_MANAGE)
def revoke_member(membership_id: MembershipId, certificate_id: CertificateId) -> Response:
    """This function will revoke a certificate of a member."""
    certifying.revoke_member_certificate(ctx(), membership_id, certificate_id)
    return _revoked(url_for("certificates.member", membership_id=membership_id))


def _export(user: User) -> Response:
    now = clock.now()

    def state(row: ClientCertificate) -> Message:
        if row.revoked_at is not None:
            return N_("已吊销")
        return N_("已过期") if row.expires_at <= now else N_("有效")

    columns: list[Column[ClientCertificate]] = [
        Column(_("用户名"), 20, lambda _row: user.username),
        Column(_("序列号"), 44, lambda row: row.serial),
        Column(_("签发于"), 20, lambda row: row.issued_at),
        Column(_("有效至"), 20, lambda row: row.expires_at),
        Column(_("最近使用"), 20, lambda row: row.last_used_at),
        Column(_("状态"), 10, state),
        Column(_("吊销于"), 20, lambda row: row.revoked_at),
    ]
    rows = queries.certificates_of(ctx().session, user.id)
    return hand_out_sheets("certificates", N_("数字证书"), [Sheet(_("数字证书"), rows, columns)])


def _list(user: User, revoke: str, arguments: dict[str, str]) -> str:
    rows = queries.certificates_of(ctx().session, user.id)
    is_own = user.id == ctx().actor.user_id
    return render_template(
        "accounts/certificates.html",
        user=user,
        rows=rows,
        revoke=revoke,
        arguments=arguments,
        now=clock.now(),
        is_own=is_own,
        is_officer=user.staff_role in OFFICERS,
        crumbs=[(_("数字证书"), None)],
    )


def _issue(issue: Callable[[], Issued], whose: Callable[[], User], back: str) -> Response | str:
    try:
        issued = issue()
    except Refused as refused:
        ctx().session.rollback()
        flash(translate(refused.message), "error")
        return redirect(back)
    return certificate_once(whose(), issued, back)


def certificate_once(user: User, issued: Issued, back: str) -> str:
    """This function will show a certificate and its password; the file is part of the page itself, the portal keeps neither."""
    return render_template(
        "accounts/certificate_once.html",
        user=user,
        password=issued.password,
        file=b64encode(issued.pkcs12).decode(),
        expires_at=issued.certificate.not_valid_after_utc,
        back=back,
        crumbs=[(_("数字证书"), back)],
    )


def _revoked(back: str) -> Response:
    flash(_("证书已吊销，他的登录都已结束。"), "ok")
    return redirect(back)
