"""What takes two people: one asks, another one of another office confirms, within three days.

That is appointing an officer; a new link for an officer's account, or its return after it was disabled, which lets somebody act as that
officer; and, for whosoever account, that second factors which are lost are cleared, since a link alone never replaces one.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import ColumnElement, select

from portal.access.checks import ask
from portal.access.models import Appointment
from portal.access.permissions import Permission
from portal.access.roles import LABELS, MEMBERS, OFFICERS, Role
from portal.accounts import queries
from portal.accounts.certificates import Issued as IssuedCertificate
from portal.accounts.commands.certificates import issue_certificate
from portal.accounts.commands.factors import clear_factors
from portal.accounts.commands.links import issue_link, void_links
from portal.accounts.commands.members import get_own_member
from portal.accounts.commands.users import CHOOSE_ROLE, Issued, get_staff, new_user, open_again, open_staff
from portal.accounts.models import User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import UserId
from portal.core.messages import N_, Message
from portal.notify.commands import tell

VALID_FOR = timedelta(days=3)
LONGEST_REASON = 300
PAGE = "/admin/officers"
OWN_PAGE = "/account"
CHOOSE_LOST = N_("请选择丢了什么。")


class Act(StrEnum):
    """What is asked for."""

    APPOINT = "appoint"
    RELINK = "relink"
    FACTOR = "factor"
    EVERYTHING = "everything"
    CERTIFY = "certify"
    ENABLE = "enable"


class Outcome(StrEnum):
    """How it ended; a request that nobody answered in time has none and counts no more."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


ACT_LABELS: Mapping[str, Message] = MappingProxyType(
    {
        Act.APPOINT: N_("新设"),
        Act.RELINK: N_("重发一次性链接"),
        Act.FACTOR: N_("重设第二因素"),
        Act.EVERYTHING: N_("重设密码和第二因素"),
        Act.CERTIFY: N_("签发数字证书"),
        Act.ENABLE: N_("恢复账号"),
    }
)
LOSSES = frozenset({Act.FACTOR, Act.EVERYTHING})


def propose_officer(ctx: Context, username: str, name: str, role: Role | None, reason: str) -> Appointment:
    """This function will ask for a new officer's account; raises `Invalid` for `username`, `display_name`, `role`, `reason`."""
    ask(ctx, Permission.OFFICERS_APPOINT)
    errors = _reason_errors(reason)
    if role is None or role not in OFFICERS:
        errors["role"] = CHOOSE_ROLE
    future = new_user(ctx, username, name, errors)
    if _is_open(ctx, Appointment.username == future.username):
        raise Invalid({"username": N_("这个用户名已经提请过，正等待确认。")})
    asked = Appointment(act=Act.APPOINT, role=role, username=future.username, display_name=future.display_name)
    return _put(ctx, asked, reason)


def propose_again(ctx: Context, user_id: str, reason: str, lost: Act | None = None) -> Appointment:
    """This function will ask for an officer's return where the account is disabled, else for what `lost` says of anybody's account.

    A link for a new password is asked for only about officers. Raises `NotFound` for other accounts then, `Invalid` for `reason` and
    `lost`, `Refused` for the own account and where it was asked already.
    """
    ask(ctx, Permission.OFFICERS_APPOINT)
    user = queries.get_user(ctx.session, user_id)
    act = _again(user, lost)
    if act not in LOSSES:
        _officer(ctx, user_id)
    return _ask_again(ctx, user, act, reason)


def propose_certificate(ctx: Context, user_id: str, reason: str) -> Appointment:
    """This function will ask that an officer gets a certificate, with which and the password one is that officer.

    Raises `NotFound` for who is no officer, `Invalid` for `reason`, `Refused` as `propose_again` does.
    """
    ask(ctx, Permission.OFFICERS_APPOINT)
    user = _officer(ctx, user_id)
    if user.disabled_at is not None:
        raise NotFound
    return _ask_again(ctx, user, Act.CERTIFY, reason)


def propose_for_member(ctx: Context, membership_id: str, reason: str, lost: Act | None) -> Appointment:
    """This function will ask, as an administrator of a tenant, that what a member lost is cleared; an officer confirms.

    Raises `NotFound`, `Invalid` and `Refused` as `propose_again` does, and `Refused` for somebody who belongs to other tenants too.
    """
    ask(ctx, Permission.MEMBERS_MANAGE)
    user = get_own_member(ctx, membership_id)
    if lost not in LOSSES:
        raise Invalid({"lost": CHOOSE_LOST})
    return _ask_again(ctx, user, lost, reason)


def confirm(ctx: Context, appointment_id: str) -> Issued | IssuedCertificate | None:
    """This function will do what another officer asked for, and return the one-time link or the certificate where there is one.

    Raises `NotFound`, `Conflict` where it was answered meanwhile or ran out, `Refused` for whoever asked and for the same office
    (`same_office`), and `Invalid` where the user name was taken meanwhile.
    """
    ask(ctx, Permission.OFFICERS_APPOINT)
    row = _locked(ctx, appointment_id)
    if ctx.actor.user_id == row.proposed_by or ctx.actor.role == row.proposed_as:
        role = LABELS[Role(row.proposed_as)]
        raise Refused("same_office", N_("%(role)s提请的，要由另一个岗位的管理员确认。", role=role))
    if row.user_id == ctx.actor.user_id:
        raise Refused("own_link", N_("不能给自己发链接，请另一位管理员办理。"))
    _decide(ctx, row, Outcome.CONFIRMED, Event.OFFICER_CONFIRMED)
    if row.act == Act.APPOINT:
        return open_staff(ctx, row.username, row.display_name, Role(row.role), None, {})
    return _carry_out(ctx, row, queries.get_user(ctx.session, str(row.user_id)))


def refuse(ctx: Context, appointment_id: str) -> Outcome:
    """This function will take back what one asked for oneself, or decline what another one asked for.

    Raises `NotFound` and `Conflict` as `confirm` does.
    """
    ask(ctx, Permission.OFFICERS_APPOINT)
    row = _locked(ctx, appointment_id)
    outcome = Outcome.WITHDRAWN if row.proposed_by == ctx.actor.user_id else Outcome.DECLINED
    _decide(ctx, row, outcome, Event.OFFICER_REFUSED)
    return outcome


def refuse_about_oneself(ctx: Context, appointment_id: str) -> None:
    """This function will decline what somebody asked for about the actor's own account: whoever signs in has lost nothing.

    Raises `NotFound`, for what is about somebody else too, and `Conflict`.
    """
    ask(ctx, Permission.SELF_MANAGE)
    row = _locked(ctx, appointment_id)
    if row.user_id != ctx.actor.user_id or row.proposed_by == ctx.actor.user_id:
        raise NotFound
    _decide(ctx, row, Outcome.DECLINED, Event.OFFICER_REFUSED)


def _again(user: User, lost: Act | None) -> Act:
    if user.disabled_at is not None:
        return Act.ENABLE
    if user.password_hash is None:  # never set up: there is nothing to lose yet
        return Act.RELINK
    if lost not in {Act.RELINK, *LOSSES}:
        raise Invalid({"lost": CHOOSE_LOST})
    return lost


def _ask_again(ctx: Context, user: User, act: Act, reason: str) -> Appointment:
    if user.id == ctx.actor.user_id:
        raise Refused("own_link", N_("不能给自己发链接，请另一位管理员办理。"))
    if errors := _reason_errors(reason):
        raise Invalid(errors)
    if _is_open(ctx, Appointment.user_id == user.id):
        raise Refused("asked_already", N_("这个账号已经提请过，正等待确认。"), status=409)
    seats = queries.seats_of(user.id)
    if not seats:
        raise NotFound
    asked = Appointment(
        act=act, role=seats[0].role, username=user.username, display_name=user.display_name, user_id=user.id
    )
    put = _put(ctx, asked, reason)
    if act in LOSSES:
        warning = N_(
            "%(name)s 提请清除您的第二因素，原因：%(reason)s。您没有丢失的话，请到「我的账号」否决。",
            name=ctx.actor.display_name,
            reason=put.reason,
        )
        tell(ctx, warning, key=f"appointment:{put.id}:owner", user_id=user.id, link=OWN_PAGE)
    return put


def _carry_out(ctx: Context, row: Appointment, user: User) -> Issued | IssuedCertificate | None:
    """The link of a member whose own administrator asked is issued by that one, who knows the person; there is nothing in its way now."""
    if row.act == Act.ENABLE:
        if user.disabled_at is not None:
            open_again(ctx, user)
        return None
    if row.act == Act.CERTIFY:
        return issue_certificate(ctx, user)
    if row.act in LOSSES:
        clear_factors(ctx, user, password_too=row.act == Act.EVERYTHING)
    if Role(row.proposed_as) in MEMBERS:
        void_links(ctx, user)
        done = N_("已确认：%(username)s 的第二因素已清除，请给他发一次性链接。", username=user.username)
        tell(ctx, done, key=f"appointment:{row.id}:asker", user_id=row.proposed_by)
        return None
    return Issued(UserId(user.id), user.username, issue_link(ctx, user))


def _officer(ctx: Context, user_id: str) -> User:
    user = get_staff(ctx, user_id)
    if user.staff_role not in OFFICERS:
        raise NotFound
    return user


def _reason_errors(reason: str) -> dict[str, Message]:
    if not reason.strip():
        return {"reason": N_("请写明原因，确认的人和审计员要看。")}
    if len(reason) > LONGEST_REASON:
        return {"reason": N_("原因最多 %(n)d 个字。", n=LONGEST_REASON)}
    return {}


def _is_open(ctx: Context, about: ColumnElement[bool]) -> bool:
    lasts = Appointment.decided_at.is_(None) & (Appointment.expires_at > clock.now())
    return ctx.session.scalar(select(Appointment.id).where(lasts, about).limit(1)) is not None


def _put(ctx: Context, asked: Appointment, reason: str) -> Appointment:
    at = clock.now()
    asked.reason, asked.proposed_by, asked.proposed_as = reason.strip(), str(ctx.actor.user_id), ctx.actor.role
    asked.proposed_at, asked.expires_at = at, at + VALID_FOR
    ctx.session.add(asked)
    ctx.session.flush()
    record(
        ctx,
        Event.OFFICER_PROPOSED,
        Target("appointment", asked.id, asked.username),
        act=asked.act,
        username=asked.username,
        role=asked.role,
        reason=asked.reason,
    )
    asker = ctx.actor.display_name
    message = N_(
        "%(name)s 提请：%(act)s，%(username)s，请确认或否决。",
        name=asker,
        act=ACT_LABELS[asked.act],
        username=asked.username,
    )
    for office in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN} - {Role(asked.proposed_as)}:
        tell(ctx, message, key=f"appointment:{asked.id}:{office}", role=office, link=PAGE)
    return asked


def _locked(ctx: Context, appointment_id: str) -> Appointment:
    wanted = select(Appointment).where(Appointment.id == appointment_id).with_for_update()
    row = ctx.session.scalar(wanted, execution_options={"populate_existing": True})
    if row is None:
        raise NotFound
    if row.decided_at is not None or row.expires_at <= clock.now():
        raise Conflict(N_("这项提请已经有了结果，或者已过期。"), code="already_decided")
    return row


def _decide(ctx: Context, row: Appointment, outcome: Outcome, event: Event) -> None:
    row.outcome, row.decided_by, row.decided_as = outcome, str(ctx.actor.user_id), ctx.actor.role
    row.decided_at = clock.now()
    ctx.session.flush()
    record(ctx, event, Target("appointment", row.id, row.username), act=row.act, username=row.username, role=row.role)
