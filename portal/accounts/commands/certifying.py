"""Issuing and revoking certificates of other people, by whoever administers them."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.certificates import Issued
from portal.accounts.commands.certificates import issue_certificate, revoke_certificate
from portal.accounts.commands.members import get_own_member
from portal.accounts.commands.users import get_to_manage, is_no_officer
from portal.accounts.models import User
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import CertificateId
from portal.core.messages import N_


def issue_staff_certificate(ctx: Context, user_id: str) -> Issued:
    """This function will issue a certificate to an account of the staff.

    Raises `NotFound`, and `Refused` for the own one and for an officer's, which takes two (`two_officers`).
    """
    user = _other(ctx, get_to_manage(ctx, user_id))
    is_no_officer(user)
    return issue_certificate(ctx, user)


def issue_member_certificate(ctx: Context, membership_id: str) -> Issued:
    """This function will issue a certificate to a member of the tenant.

    Raises `NotFound`, and `Refused` for one's own account and for somebody who belongs to other tenants too.
    """
    ask(ctx, Permission.MEMBERS_MANAGE)
    return issue_certificate(ctx, _other(ctx, get_own_member(ctx, membership_id)))


def revoke_staff_certificate(ctx: Context, user_id: str, certificate_id: CertificateId) -> None:
    """This function will revoke a certificate of an account of the staff, at once and for good; raises `NotFound`."""
    revoke_certificate(ctx, get_to_manage(ctx, user_id), certificate_id)


def revoke_member_certificate(ctx: Context, membership_id: str, certificate_id: CertificateId) -> None:
    """This function will revoke a certificate of a member of the tenant, at once and for good; raises `NotFound`, `Refused`."""
    ask(ctx, Permission.MEMBERS_MANAGE)
    revoke_certificate(ctx, get_own_member(ctx, membership_id), certificate_id)


def _other(ctx: Context, user: User) -> User:
    if user.id == ctx.actor.user_id:
        raise Refused("own_certificate", N_("不能给自己签发证书，请另一位管理员办理。"))
    return user
