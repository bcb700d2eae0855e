"""Opening and ending sessions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import LAYER_OF
from portal.accounts.models import SessionActivity, User, UserSession
from portal.accounts.queries import Seat
from portal.accounts.states import HALF, LEVEL_OF, Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Actor, Context, TenantRef
from portal.core.errors import NotFound
from portal.core.ids import SessionId, TenantId, UserId, new_id
from portal.core.tokens import new_token, token_hash

HALF_SIGNED_IN_FOR = timedelta(minutes=5)


@dataclass(frozen=True)
class Standing:
    """What a session rests on: who, how it was proven and when, and when it ends at the latest.

    Without a seat it is half way, whatever was proven, and good for nothing but the next step.
    """

    user_id: UserId
    method: Method
    proven_at: datetime
    expires_at: datetime
    seat: Seat | None = None

    @property
    def level(self) -> int:
        """The level of authentication that the session has."""
        return LEVEL_OF[self.method] if self.seat else HALF


def open_session(ctx: Context, standing: Standing) -> tuple[SessionId, str]:
    """This function will open a session and return its id and its token; the caller asks and records."""
    token = new_token()
    now = clock.now()
    tenant = standing.seat.tenant if standing.seat else None
    row = UserSession(
        id=new_id(),
        token_hash=token_hash(token),
        user_id=standing.user_id,
        tenant_id=tenant.id if tenant else None,
        auth_level=standing.level,
        auth_method=standing.method,
        authenticated_at=standing.proven_at,
        created_at=now,
        expires_at=standing.expires_at,
        address=ctx.request.address,
        user_agent=ctx.request.user_agent,
    )
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session.add(SessionActivity(session_id=row.id, seen_at=now, data={}))
    return SessionId(row.id), token


def take_over_form_token(ctx: Context, token: str, seed: str) -> None:
    """This function will let the session of `token` accept the forms of pages that were open before it; the caller asks."""
    row = ctx.session.scalars(select(UserSession).where(UserSession.token_hash == token_hash(token))).one()
    ctx.session.get_one(SessionActivity, row.id).data = {"csrf_token": seed}


def actor_of(user: User, standing: Standing, session_id: SessionId | None = None) -> Actor:
    """This function will return the person of a session as the log names one."""
    seat = standing.seat
    return Actor(
        user_id=UserId(user.id),
        username=user.username,
        display_name=user.display_name,
        role=seat.role if seat else "",
        layer=LAYER_OF[seat.role] if seat else "",
        province_code=seat.province_code if seat else None,
        tenant_id=seat.tenant.id if seat and seat.tenant else None,
        session_id=session_id,
        auth_level=standing.level,
        auth_method=standing.method,
        authenticated_at=standing.proven_at,
    )


def replace_session(ctx: Context, session_id: SessionId | None, reason: str) -> None:
    """This function will end the session that a new one takes the place of; the caller asks and records."""
    row = ctx.session.get(UserSession, session_id) if session_id else None
    if row is not None and row.ended_at is None:
        row.ended_at, row.end_reason = clock.now(), reason


def sign_out(ctx: Context, tenant: TenantRef | None) -> None:
    """This function will end the session of the context's own actor, which stood in `tenant`."""
    ask(ctx, Permission.SELF_MANAGE)
    replace_session(ctx, ctx.actor.session_id, "signed_out")
    record(replace(ctx, tenant=tenant), Event.SIGNED_OUT, Target("user", str(ctx.actor.user_id), ctx.actor.username))


def end_own_session(ctx: Context, session_id: SessionId) -> None:
    """This function will end another session of the context's actor; raises `NotFound` for anybody else's."""
    ask(ctx, Permission.SELF_MANAGE)
    row = ctx.session.get(UserSession, session_id)
    if row is None or row.user_id != ctx.actor.user_id or row.ended_at is not None:
        raise NotFound
    row.ended_at, row.end_reason = clock.now(), "ended_by_owner"
    record(ctx, Event.SESSION_ENDED, Target("user", row.user_id, ctx.actor.username), reason="ended_by_owner")


def end_other_sessions(ctx: Context) -> None:
    """This function will end every session of the context's actor but the one that asks for it."""
    ask(ctx, Permission.SELF_MANAGE)
    user = ctx.session.get_one(User, ctx.actor.user_id)
    end_sessions(ctx, user, "ended_by_owner", keep=ctx.actor.session_id)


def end_sessions(
    ctx: Context,
    user: User,
    reason: str,
    *,
    keep: SessionId | None = None,
    tenant_id: TenantId | None = None,
    only: SessionId | None = None,
) -> None:
    """This function will end the sessions of a person, all, those in one tenant or `only` one, and record each; the caller asks."""
    mine = select(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    if tenant_id is not None:
        mine = mine.where(UserSession.tenant_id == tenant_id)
    if only is not None:
        mine = mine.where(UserSession.id == only)
    now = clock.now()
    for row in ctx.session.scalars(mine):
        if row.id == keep:
            continue
        row.ended_at, row.end_reason = now, reason
        if row.auth_level > HALF and row.expires_at > now:
            record(ctx, Event.SESSION_ENDED, Target("user", user.id, user.username), reason=reason)


def end_tenant_sessions(ctx: Context, tenant_id: TenantId, reason: str) -> None:
    """This function will end every session that stands in a tenant, and record each; the caller asks."""
    now = clock.now()
    standing = select(UserSession, User).join(User, User.id == UserSession.user_id)
    for row, user in ctx.session.execute(
        standing.where(UserSession.tenant_id == tenant_id, UserSession.ended_at.is_(None), UserSession.expires_at > now)
    ):
        row.ended_at, row.end_reason = now, reason
        record(ctx, Event.SESSION_ENDED, Target("user", user.id, user.username), reason=reason)


def member_context(ctx: Context, actor: Actor, standing: Standing) -> Context:
    """This function will return the context in which a person's sign-in is recorded: as the person, in the tenant."""
    return replace(ctx, actor=actor, tenant=standing.seat.tenant if standing.seat else None)
