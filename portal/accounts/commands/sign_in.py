"""Signing in: half, with the password; then wholly, with a second factor or a passkey; then in one tenant, for the session's life."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts import attempts, levels, proofs, queries
from portal.accounts.commands.factors import ProvenFactor, use_factor
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.commands.sessions import (
    HALF_SIGNED_IN_FOR,
    Standing,
    actor_of,
    member_context,
    open_session,
    replace_session,
)
from portal.accounts.models import User
from portal.accounts.passkey_proofs import ProvenPasskey
from portal.accounts.proofs import Proven, Reason, SignInFailed
from portal.accounts.queries import Seat
from portal.accounts.states import LEVEL_OF, ONE_FACTOR, Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.database import platform_session
from portal.core.errors import NotFound
from portal.core.ids import SessionId, UserId
from portal.core.messages import N_


@dataclass(frozen=True)
class Entered:
    """A session that was opened: its token, and its seat where it has one already."""

    token: str
    seat: Seat | None


@dataclass(frozen=True)
class Arrival:
    """What a sign-in brings along: how long it may last, the password where it was part of the same request, the session
    that is half signed in, and the enterprise ID that the person wants to enter.
    """

    lasts: timedelta
    password: Proven | None = None
    half: SessionId | None = None
    wanted: str | None = None


def accept_password(ctx: Context, proven: Proven) -> str:
    """This function will open a session that is good for nothing but the second factor, for five minutes, and return its token."""
    ask_as_portal(ctx)
    user = queries.get_user(ctx.session, proven.user_id)
    _note_password(ctx, user, proven)
    now = clock.now()
    standing = Standing(proven.user_id, Method.PASSWORD, now, now + HALF_SIGNED_IN_FOR)
    session_id, token = open_session(ctx, standing)
    record(
        member_context(ctx, actor_of(user, standing, session_id), standing),
        Event.PASSWORD_ACCEPTED,
        Target("user", user.id, user.username),
    )
    return token


def accept_password_alone(ctx: Context, proven: Proven, lasts: timedelta) -> Entered | None:
    """This function will sign a person in by the password alone, where the policy of the role allows it, else return None."""
    if not proven.is_long or levels.highest_required(proven.user_id) != ONE_FACTOR:
        return None
    ask_as_portal(ctx)
    user = queries.get_user(ctx.session, proven.user_id)
    _note_password(ctx, user, proven)
    return enter(ctx, user, queries.seats_of(user.id)[0], Method.PASSWORD_ALONE, clock.now(), lasts)


def accept(ctx: Context, factor: ProvenFactor, arrival: Arrival) -> Entered:
    """This function will sign a person in who has shown a second factor, or a passkey alone, and return the new session's token.

    Staff and members of one tenant get their seat, members of several the one they want; without it a session that is good
    for nothing but the choice. Raises `SignInFailed` for a factor that was used before, also when many use it at the same
    moment, and for somebody who may enter nowhere.
    """
    seats = queries.seats_of(factor.user_id)
    if not seats:
        raise _nowhere_to_go(factor.user_id, ctx)
    ask_as_portal(ctx)
    method = use_factor(ctx, factor)
    if isinstance(factor, ProvenPasskey) and arrival.password is None and arrival.half is None:
        method = Method.PASSKEY
    user = queries.get_user(ctx.session, factor.user_id)
    if arrival.password is not None:
        _note_password(ctx, user, arrival.password)
    replace_session(ctx, arrival.half, "signed_in")
    return enter(ctx, user, _seat(seats, arrival.wanted), method, clock.now(), arrival.lasts)


def enter(
    ctx: Context, user: User, seat: Seat | None, method: Method, proven_at: datetime, lasts: timedelta
) -> Entered:
    """This function will open the session of somebody who has proven who they are; the caller asks."""
    half_ends = clock.now() + HALF_SIGNED_IN_FOR
    standing = Standing(UserId(user.id), method, proven_at, proven_at + lasts if seat else half_ends, seat)
    session_id, token = open_session(ctx, standing)
    record(
        member_context(ctx, actor_of(user, standing, session_id), standing),
        Event.SIGNED_IN,
        Target("user", user.id, user.username),
        method=standing.method,
        level=LEVEL_OF[method],
    )
    return Entered(token, seat)


def choose_tenant(
    ctx: Context,
    old: SessionId,
    method: Method,
    user_id: UserId,
    enterprise_id: str,
    *,
    proven_at: datetime,
    ends: datetime,
) -> Entered:
    """This function will end the session `old` and open one in another tenant, that lasts no longer than to `ends`.

    `method` is how the person was proven. Raises `NotFound` where the person is no member there.
    """
    seat = next((each for each in queries.seats_of(user_id) if _is_in(each, enterprise_id)), None)
    if seat is None:
        raise NotFound
    ask_as_portal(ctx)
    user = queries.get_user(ctx.session, user_id)
    replace_session(ctx, old, "tenant_chosen")
    standing = Standing(user_id, method, proven_at, ends, seat)
    session_id, token = open_session(ctx, standing)
    record(
        member_context(ctx, actor_of(user, standing, session_id), standing),
        Event.TENANT_CHOSEN,
        Target("user", user.id, user.username),
        enterprise_id=enterprise_id,
    )
    return Entered(token, seat)


def _nowhere_to_go(user_id: UserId, ctx: Context) -> SignInFailed:
    with platform_session() as session:
        username = queries.get_user(session, user_id).username
    proofs.record_failure(Reason.NO_TENANT, user_id, username, ctx.request)
    return SignInFailed(N_("您的账号还没有加入任何企业，请联系本企业管理员。"))


def _note_password(ctx: Context, user: User, proven: Proven) -> None:
    attempts.succeeded(ctx.session, [proven.attempt])
    if proven.rehash is not None:
        user.password_hash = proven.rehash


def _seat(seats: tuple[Seat, ...], wanted: str | None) -> Seat | None:
    if len(seats) == 1:
        return seats[0]
    return next((seat for seat in seats if wanted and _is_in(seat, wanted)), None)


def _is_in(seat: Seat, enterprise_id: str) -> bool:
    return seat.tenant is not None and seat.tenant.enterprise_id == enterprise_id
