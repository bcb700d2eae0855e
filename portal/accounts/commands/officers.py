"""Appointing officers: one asks, another one of another office confirms, within three days.

A new link for an officer's account, or its return after it was disabled, lets somebody act as that officer, so it takes
the same two people as a new appointment.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import ColumnElement, select

from portal.access.checks import ask
from portal.access.models import Appointment
from portal.access.permissions import Permission
from portal.access.roles import LABELS, OFFICERS, Role
from portal.accounts.commands.links import issue_link
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


class Act(StrEnum):
    """What is asked for."""

    APPOINT = "appoint"
    RELINK = "relink"
    ENABLE = "enable"


class Outcome(StrEnum):
    """How it ended; a request that nobody answered in time has none and counts no more."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


ACT_LABELS: Mapping[str, Message] = MappingProxyType(
    {Act.APPOINT: N_("新设"), Act.RELINK: N_("重发一次性链接"), Act.ENABLE: N_("恢复账号")}
)


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


def propose_again(ctx: Context, user_id: str, reason: str) -> Appointment:
    """This function will ask for an officer's return: the account enabled where it is disabled, else a new one-time link.

    Raises `NotFound` for who is no officer, `Invalid` for `reason`, `Refused` for the own account and where it was asked already.
    """
    ask(ctx, Permission.OFFICERS_APPOINT)
    user = _officer(ctx, user_id)
    if user.id == ctx.actor.user_id:
        raise Refused("own_link", N_("不能给自己发链接，请另一位管理员办理。"))
    if errors := _reason_errors(reason):
        raise Invalid(errors)
    if _is_open(ctx, Appointment.user_id == user.id):
        raise Refused("asked_already", N_("这个账号已经提请过，正等待确认。"), status=409)
    act = Act.ENABLE if user.disabled_at is not None else Act.RELINK
    asked = Appointment(
        act=act,
        role=str(user.staff_role),
        username=user.username,
        display_name=user.display_name,
        user_id=user.id,
    )
    return _put(ctx, asked, reason)


def confirm(ctx: Context, appointment_id: str) -> Issued | None:
    """This function will do what another officer asked for, and return the one-time link where there is one.

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
    user = _officer(ctx, str(row.user_id))
    if row.act == Act.ENABLE:
        if user.disabled_at is not None:
            open_again(ctx, user)
        return None
    return Issued(UserId(user.id), user.username, issue_link(ctx, user))


def refuse(ctx: Context, appointment_id: str) -> Outcome:
    """This function will take back what one asked for oneself, or decline what another one asked for.

    Raises `NotFound` and `Conflict` as `confirm` does.
    """
    ask(ctx, Permission.OFFICERS_APPOINT)
    row = _locked(ctx, appointment_id)
    outcome = Outcome.WITHDRAWN if row.proposed_by == ctx.actor.user_id else Outcome.DECLINED
    _decide(ctx, row, outcome, Event.OFFICER_REFUSED)
    return outcome


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
    message = N_("%(name)s 提请管理员任免：%(username)s，请确认或否决。", name=asker, username=asked.username)
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
